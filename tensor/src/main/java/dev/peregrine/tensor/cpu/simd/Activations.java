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
  private static final MethodType STORE =
      MethodType.methodType(
          void.class,
          float[].class,
          int.class,
          int.class,
          float[].class,
          int.class,
          float[].class,
          int.class,
          int.class,
          int[].class,
          float[].class,
          int[].class,
          int.class,
          int.class,
          int.class);

  /**
   * The loop behind {@link #store}. Called through a handle that is no constant of the program, it
   * is compiled on its own: compiled into its caller it would be one loop of several, more than the
   * compiler takes, and what it leaves out puts every vector into an object (measured: 2 GB for a
   * picture, at a third of the speed).
   */
  private final MethodHandle storeLoop;

  /** For the copies of the loops. */
  Activations() {
    try {
      storeLoop =
          MethodHandles.lookup().findVirtual(Activations.class, "storeTile", STORE).bindTo(this);
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
   * Stores a tile of two vectors a pixel: {@code y = f(tile + bias) + s}.
   *
   * @param tile the arguments
   * @param from where they begin for the first pixel
   * @param step from a pixel to the next
   * @param bias two vectors that are added to each pixel
   * @param biasAt where they begin
   * @param s the shortcut
   * @param sAt where the vectors begin in its first row
   * @param sStride from a row of it to the next, 0 for two vectors that all pixels share
   * @param rows the row of each pixel, from index {@code at}
   * @param y the output
   * @param offsets where each pixel begins in it, from index {@code at}
   * @param at index of the first pixel
   * @param pixels how many pixels
   * @param channel the channel of the output where the vectors begin
   */
  final void store(
      float[] tile,
      int from,
      int step,
      float[] bias,
      int biasAt,
      float[] s,
      int sAt,
      int sStride,
      int[] rows,
      float[] y,
      int[] offsets,
      int at,
      int pixels,
      int channel) {
    try {
      storeLoop.invokeExact(
          tile, from, step, bias, biasAt, s, sAt, sStride, rows, y, offsets, at, pixels, channel);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new DeviceException("cpu: an epilogue failed", e);
    }
  }

  /** Does what {@link #store} says. */
  abstract void storeTile(
      float[] tile,
      int from,
      int step,
      float[] bias,
      int biasAt,
      float[] s,
      int sAt,
      int sStride,
      int[] rows,
      float[] y,
      int[] offsets,
      int at,
      int pixels,
      int channel);

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
