package dev.peregrine.nn;

import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;

/** The first numbers of a parameter. */
@FunctionalInterface
public interface Initializer {
  /** All zeros. */
  Initializer ZEROS = constant(0);

  /** All ones. */
  Initializer ONES = constant(1);

  /**
   * Uniform in {@code +-sqrt(2 / fanIn)}, as darknet fills filters.
   *
   * <p><b>Formula</b> the fan-in of filters {@code [KH, KW, C, O]} is {@code KH * KW * C}.
   */
  Initializer DARKNET = (spec, seed) -> uniform(spec, seed, Math.sqrt(2.0 / fanIn(spec.shape())));

  /** Uniform in {@code +-1 / sqrt(fanIn)}, the default of PyTorch's convolutions. */
  Initializer PYTORCH = (spec, seed) -> uniform(spec, seed, 1 / Math.sqrt(fanIn(spec.shape())));

  /**
   * Makes the first numbers.
   *
   * @param spec type and shape
   * @param seed of random numbers, different for each parameter
   * @return the numbers, on the current device
   */
  Tensor initialize(Spec spec, long seed);

  /**
   * One number everywhere.
   *
   * @param value the number
   * @return the initialiser
   */
  static Initializer constant(double value) {
    return (spec, seed) -> Tensor.full(spec, value);
  }

  private static int fanIn(Shape shape) {
    return Math.max(1, shape.size() / Math.max(1, shape.channels()));
  }

  private static Tensor uniform(Spec spec, long seed, double bound) {
    return Arrays.uniform(spec, seed).times(2 * bound).plus(-bound);
  }
}
