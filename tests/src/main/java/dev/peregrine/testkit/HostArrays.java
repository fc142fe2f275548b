package dev.peregrine.testkit;

import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.shape.DType;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Java arrays of any element type, as devices read and write them. */
public final class HostArrays {
  /** A NaN that no computation makes: it stands where a kernel must not write. */
  public static final float FENCE = Float.intBitsToFloat(0x7fc0beef);

  private static final int INTEGER_FENCE = 0x7fc0beef;
  private static final byte BYTE_FENCE = (byte) 0xa5;

  private HostArrays() {}

  /**
   * Makes an array wholly of fence values.
   *
   * @param dtype the element type
   * @param size how many
   * @return the array
   */
  public static Object fence(DType dtype, int size) {
    switch (dtype) {
      case F32 -> {
        float[] array = new float[size];
        Arrays.fill(array, FENCE);
        return array;
      }
      case F64 -> {
        double[] array = new double[size];
        Arrays.fill(array, FENCE);
        return array;
      }
      case I32 -> {
        int[] array = new int[size];
        Arrays.fill(array, INTEGER_FENCE);
        return array;
      }
      case U8 -> {
        byte[] array = new byte[size];
        Arrays.fill(array, BYTE_FENCE);
        return array;
      }
    }
    throw new AssertionError(dtype);
  }

  /**
   * Copies a buffer out.
   *
   * @param device whose buffer it is
   * @param buffer the buffer
   * @return {@code float[]}, {@code double[]}, {@code int[]} or {@code byte[]} by its type
   */
  public static Object read(Device device, Buffer buffer) {
    Object array = fence(buffer.spec().dtype(), buffer.spec().shape().size());
    device.read(buffer, array);
    return array;
  }

  /**
   * Widens an array of any element type.
   *
   * @param array {@code float[]}, {@code double[]}, {@code int[]} or {@code byte[]} (unsigned)
   * @return its numbers
   */
  public static double[] doubles(Object array) {
    return switch (array) {
      case float[] floats ->
          IntStream.range(0, floats.length).mapToDouble(i -> floats[i]).toArray();
      case double[] doubles -> doubles.clone();
      case int[] ints -> Arrays.stream(ints).asDoubleStream().toArray();
      case byte[] bytes ->
          IntStream.range(0, bytes.length).mapToDouble(i -> bytes[i] & 0xff).toArray();
      default -> throw new IllegalArgumentException(array.getClass().toString());
    };
  }

  /**
   * Compares two arrays of one type bit by bit.
   *
   * @param a one
   * @param b the other
   * @return the first index where they differ, -1 where they do not
   */
  public static int firstDifference(Object a, Object b) {
    return switch (a) {
      case float[] floats -> Arrays.mismatch(bits(floats), bits((float[]) b));
      case double[] doubles -> Arrays.mismatch(bits(doubles), bits((double[]) b));
      case int[] ints -> Arrays.mismatch(ints, (int[]) b);
      case byte[] bytes -> Arrays.mismatch(bytes, (byte[]) b);
      default -> throw new IllegalArgumentException(a.getClass().toString());
    };
  }

  static float[] floats(double[] numbers) {
    float[] floats = new float[numbers.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) numbers[i];
    }
    return floats;
  }

  static byte[] bytes(double[] numbers) {
    byte[] bytes = new byte[numbers.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (int) numbers[i];
    }
    return bytes;
  }

  private static int[] bits(float[] floats) {
    return IntStream.range(0, floats.length).map(i -> Float.floatToRawIntBits(floats[i])).toArray();
  }

  private static long[] bits(double[] doubles) {
    return Arrays.stream(doubles).mapToLong(Double::doubleToRawLongBits).toArray();
  }
}
