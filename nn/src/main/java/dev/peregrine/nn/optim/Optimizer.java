package dev.peregrine.nn.optim;

import dev.peregrine.autograd.Adjoints;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import java.util.Map;

/** Changes weights by their gradients; the only thing that does. */
public interface Optimizer {
  /**
   * Adds the gradients of one mini-batch to those that wait for the next step, and makes the
   * statistics of that mini-batch effective.
   *
   * @param params the parameters they belong to
   * @param gradients of this mini-batch, still on its tape
   * @param scale factor of these gradients, for instance 1 over the pictures of the whole batch
   */
  void accumulate(Params params, Adjoints gradients, double scale);

  /**
   * Makes a step with the gradients that wait.
   *
   * @param params the parameters
   * @param size how far to go
   */
  void step(Params params, StepSize size);

  /**
   * Makes a step with the gradients of one mini-batch.
   *
   * @param params the parameters
   * @param gradients of the mini-batch
   * @param size how far to go
   */
  default void step(Params params, Adjoints gradients, StepSize size) {
    step(params, gradients, 1, size);
  }

  /**
   * Adds the gradients of one mini-batch to those that wait, and makes a step with them all.
   *
   * @param params the parameters
   * @param gradients of the mini-batch, still on its tape
   * @param scale factor of these gradients
   * @param size how far to go
   */
  default void step(Params params, Adjoints gradients, double scale, StepSize size) {
    accumulate(params, gradients, scale);
    step(params, size);
  }

  /**
   * Returns how much it keeps between steps.
   *
   * @return arrays beside each weight, such as a velocity
   */
  int memories();

  /**
   * Returns what the optimiser remembers between steps, for a checkpoint.
   *
   * @return arrays by name
   */
  Map<String, Tensor> state();

  /**
   * Takes back what {@link #state} returned.
   *
   * @param state arrays by name
   */
  void restore(Map<String, Tensor> state);
}
