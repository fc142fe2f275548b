package dev.peregrine.nn.optim;

/** The size of each optimiser step of a run. */
@FunctionalInterface
public interface Schedule {
  /**
   * Returns the size of a step.
   *
   * @param iteration how many mini-batches came before
   * @return its size
   */
  StepSize at(long iteration);
}
