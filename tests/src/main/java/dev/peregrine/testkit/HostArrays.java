package dev.peregrine.testkit;

import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.shape.DType;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;

/** Java arrays of any element type, as devices read and write them. */
public final class HostArrays {
  /** A NaN that no computation makes: it stands where a kernel must not write. */
  public static final float FENCE = Float.intBitsToFloat(0x7fc0beef);

  private static final int INTEGER_FENCE = 0x7fc0beef;
  private static final short HALF_FENCE = 0x7e5a;
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
      case F16 -> {
        short[] array = new short[size];
        Arrays.fill(array, HALF_FENCE);
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
   * @return {@code float[]}, {@code double[]}, {@code int[]}, {@code byte[]} or {@code short[]} by
   *     its type
   */
  public static Object read(Device device, Buffer buffer) {
    Object array = fence(buffer.spec().dtype(), buffer.spec().shape().size());
    device.read(buffer, array);
    return array;
  }

  /**
   * Widens an array of any element type.
   *
   * @param array {@code float[]}, {@code double[]}, {@code int[]}, {@code byte[]} (unsigned) or the
   *     bits of f16 in a {@code short[]}
   * @return its numbers
   */
  public static double[] doubles(Object array) {
    return switch (array) {
      case float[] floats -> wide(floats.length, i -> floats[i]);
      case double[] doubles -> wide(doubles.length, i -> doubles[i]);
      case int[] ints -> wide(ints.length, i -> ints[i]);
      case short[] halves -> wide(halves.length, i -> Float.float16ToFloat(halves[i]));
      case byte[] bytes -> wide(bytes.length, i -> bytes[i] & 0xff);
      default -> throw new IllegalArgumentException(array.getClass().toString());
    };
  }

  private static double[] wide(int size, IntToDoubleFunction element) {
    double[] numbers = new double[size];
    Arrays.setAll(numbers, element);
    return numbers;
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
      case float[] floats -> firstDifference(floats, (float[]) b);
      case double[] doubles -> firstDifference(doubles, (double[]) b);
      case int[] ints -> Arrays.mismatch(ints, (int[]) b);
      case short[] halves -> Arrays.mismatch(halves, (short[]) b);
      case byte[] bytes -> Arrays.mismatch(bytes, (byte[]) b);
      default -> throw new IllegalArgumentException(a.getClass().toString());
    };
  }

  /**
   * Compares two arrays of one type number by number: bit by bit, but any NaN equals any other,
   * since which of them an operation on NaN gives is the processor's choice.
   *
   * @param a one
   * @param b the other
   * @return the first index where they differ, -1 where they do not
   */
  public static int firstDifferentNumber(Object a, Object b) {
    return switch (a) {
      case float[] floats -> Arrays.mismatch(floats, (float[]) b);
      case double[] doubles -> Arrays.mismatch(doubles, (double[]) b);
      default -> firstDifference(a, b);
    };
  }

  // Arrays.mismatch takes any two NaN for equal; here the bits count, and the fence is a NaN.
  private static int firstDifference(float[] a, float[] b) {
    for (int i = 0; i < a.length; i++) {
      if (Float.floatToRawIntBits(a[i]) != Float.floatToRawIntBits(b[i])) {
        return i;
      }
    }
    return -1;
  }

  private static int firstDifference(double[] a, double[] b) {
    for (int i = 0; i < a.length; i++) {
      if (Double.doubleToRawLongBits(a[i]) != Double.doubleToRawLongBits(b[i])) {
        return i;
      }
    }
    return -1;
  }

  static float[] floats(double[] numbers) {
    float[] floats = new float[numbers.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) numbers[i];
    }
    return floats;
  }

  static short[] halves(double[] numbers) {
    short[] halves = new short[numbers.length];
    for (int i = 0; i < halves.length; i++) {
      halves[i] = Float.floatToFloat16((float) numbers[i]);
    }
    return halves;
  }

  static byte[] bytes(double[] numbers) {
    byte[] bytes = new byte[numbers.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (int) numbers[i];
    }
    return bytes;
  }
}
