package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.op.Unary;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * One function of {@link Unary} over neighbouring elements, at full speed.
 *
 * <p>Take it by {@link #of}; to apply a function to a tile just stored, apply it in place while the
 * tile lies in the cache.
 */
abstract class Activations {
  private static final Map<Unary.Kind, Activations> ALL =
      Arrays.stream(Unary.Kind.values())
          .collect(
              Collectors.toUnmodifiableMap(
                  Function.identity(),
                  kind -> Specialization.of(ActivationLoop.class, kind, Activations.class)));

  /**
   * Returns the loops of a function.
   *
   * @param kind the function
   * @return always the same object
   */
  static Activations of(Unary.Kind kind) {
    return java.util.Objects.requireNonNull(ALL.get(kind));
  }

  /**
   * Writes {@code f(x)}; y may be x.
   *
   * @param x arguments
   * @param xAt where they begin
   * @param y results
   * @param yAt where they begin
   * @param size how many
   */
  abstract void apply(float[] x, int xAt, float[] y, int yAt, int size);

  /**
   * Writes {@code dy * f'(x)}; dx may be x or dy.
   *
   * @param x arguments of the function
   * @param xAt where they begin
   * @param dy gradients of its results
   * @param dyAt where they begin
   * @param dx gradients of its arguments
   * @param dxAt where they begin
   * @param size how many
   */
  abstract void gradient(float[] x, int xAt, float[] dy, int dyAt, float[] dx, int dxAt, int size);
}
