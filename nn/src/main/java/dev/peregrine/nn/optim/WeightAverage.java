package dev.peregrine.nn.optim;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import java.util.Map;

/** An average of a model's numbers over the steps of a run, by which it is evaluated. */
public interface WeightAverage {
  /**
   * Takes the present numbers into the average.
   *
   * @param params the model's numbers after an optimiser step
   */
  void update(Params params);

  /**
   * Gives a model the averaged numbers, as far as there are any.
   *
   * <p><b>Errors</b> {@link dev.peregrine.tensor.shape.ShapeException} if the model is another one.
   *
   * @param params the model to change, usually a copy
   */
  void applyTo(Params params);

  /**
   * Returns how often the average was updated.
   *
   * @return the count
   */
  long updates();

  /**
   * Returns the averaged numbers, for a checkpoint.
   *
   * @return arrays by path
   */
  Map<String, Tensor> state();

  /**
   * Takes back a state.
   *
   * @param state arrays by path
   * @param updates how often the average had been updated
   */
  void restore(Map<String, Tensor> state, long updates);
}
