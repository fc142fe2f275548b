package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.op.Unary;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/**
 * Loops with one function of {@link Unary} inside, at full speed.
 *
 * <p>To apply a function to a tile just stored, apply it in place while the tile lies in the cache.
 */
abstract class Activations {
  private static final MethodType LOOP =
      MethodType.methodType(
          void.class, float[].class, int.class, int.class, float[].class, int.class);

  /**
   * The loop behind {@link #addAndApply}. Called through a handle that is no constant of the
   * program, it is compiled on its own: compiled into its caller it would be one loop of several,
   * more than the compiler takes, and what it leaves out puts every vector into an object
   * (measured: 2 GB for a picture, at a third of the speed).
   */
  private final MethodHandle loop;

  /** For the copies of the loops. */
  Activations() {
    try {
      loop =
          MethodHandles.lookup()
              .findVirtual(Activations.class, "addAndApplyLoop", LOOP)
              .bindTo(this);
    } catch (ReflectiveOperationException e) {
      throw new DeviceException("cpu: the loop of an epilogue is not to be found", e);
    }
  }

  /**
   * Returns the loops of a function, made at the first call.
   *
   * @param kind the function, or null for {@code f(x) = x}
   * @return always the same object
   */
  static Activations of(Unary.@Nullable Kind kind) {
    return kind == null ? ActivationCopies.none() : ActivationCopies.of(kind);
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
   * Writes {@code f(x + bias)} in place over neighbouring pixels of two vectors each.
   *
   * @param x the arguments and results
   * @param at where they begin
   * @param pixels how many pixels
   * @param bias two vectors that are added to each pixel
   * @param biasAt where they begin
   */
  final void addAndApply(float[] x, int at, int pixels, float[] bias, int biasAt) {
    try {
      loop.invokeExact(x, at, pixels, bias, biasAt);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new DeviceException("cpu: an epilogue failed", e);
    }
  }

  /** Does what {@link #addAndApply} says. */
  abstract void addAndApplyLoop(float[] x, int at, int pixels, float[] bias, int biasAt);

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

  /**
   * Neighbouring rows of a buffer.
   *
   * @param values the array
   * @param at where the first row begins
   * @param stride elements from one row to the next
   */
  record Rows(float[] values, int at, int stride) {
    /** Takes the rows of a buffer from one row on. */
    static Rows of(HostBuffer buffer, int row) {
      return new Rows(buffer.floats(), buffer.offset() + row * buffer.stride(), buffer.stride());
    }

    /** Leaves out the first rows. */
    Rows from(int row) {
      return new Rows(values, at + row * stride, stride);
    }
  }

  /**
   * Writes {@code y = f((x - mean) * scale + beta)} for each channel.
   *
   * @param x the arguments
   * @param y the results
   * @param rows how many rows
   * @param numbers holds mean, scale and beta of all channels, one after another
   * @param at where they begin
   * @param channels how many channels
   */
  abstract void normalize(Rows x, Rows y, int rows, float[] numbers, int at, int channels);

  /**
   * Tells whether {@link #normalizeSums} writes g, so that a function of many steps is applied
   * once; the rest of the gradient is then that of no function.
   */
  abstract boolean storesSlopes();

  /**
   * Sums {@code g} and {@code g * (x - mean)} over rows, with {@code g = dy * f'((x - mean) * scale
   * + beta)}.
   *
   * @param x the arguments of the normalisation
   * @param dy gradients of its results
   * @param g receives g if {@link #storesSlopes}; may be dy
   * @param rows how many rows
   * @param numbers holds mean, scale and beta of all channels, one after another
   * @param at where they begin
   * @param sums receives both sums of all channels, one after another
   * @param sumsAt where
   * @param channels how many channels
   */
  abstract void normalizeSums(
      Rows x,
      Rows dy,
      Rows g,
      int rows,
      float[] numbers,
      int at,
      float[] sums,
      int sumsAt,
      int channels);

  /**
   * Writes {@code dx = g * scale - (x - mean) * slope - shift}, with g as above; dx may be dy.
   *
   * @param x the arguments of the normalisation
   * @param dy gradients of its results
   * @param dx gradients of its arguments
   * @param rows how many rows
   * @param numbers holds mean, scale, beta, slope and shift of all channels, one after another
   * @param at where they begin
   * @param channels how many channels
   */
  abstract void normalizeGradient(
      Rows x, Rows dy, Rows dx, int rows, float[] numbers, int at, int channels);
}
