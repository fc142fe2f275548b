package dev.peregrine.nn.train;

/**
 * Decides what becomes of a run whose numbers are no longer finite.
 *
 * @param <T> one example
 */
@FunctionalInterface
public interface Guard<T> {
  /**
   * Called before anything of the mini-batch has changed weights, unless it is the new weights that
   * are not finite.
   *
   * <p><b>Errors</b> {@link ArithmeticException} to end the run.
   *
   * @param trainer the run
   * @param found what happened
   * @return the state to go on from
   */
  TrainingState onNonFinite(Trainer<T> trainer, NonFinite<T> found);

  /**
   * Ends the run.
   *
   * @param <T> one example
   * @return the guard
   */
  static <T> Guard<T> stopping() {
    return (_, found) -> {
      throw new ArithmeticException(
          "training: " + found + "; resume from the last checkpoint with a lower learning rate");
    };
  }
}
