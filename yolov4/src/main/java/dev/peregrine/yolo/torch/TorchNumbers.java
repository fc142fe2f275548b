package dev.peregrine.yolo.torch;

import dev.peregrine.nn.io.FloatFormat;
import dev.peregrine.tensor.FormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Single numbers of a storage, and arrays as the bytes of one. */
final class TorchNumbers {
  private static final int BLOCK = 1 << 14;

  private TorchNumbers() {}

  static double real(Storage storage, MemorySegment bytes, long index) {
    ByteOrder order = storage.order();
    return switch (storage.type()) {
      case FLOAT32 -> bytes.get(ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(order), 4 * index);
      case FLOAT64 -> bytes.get(ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(order), 8 * index);
      case FLOAT16 -> Float.float16ToFloat(half(bytes, order, index));
      case BFLOAT16 -> Float.intBitsToFloat(half(bytes, order, index) << 16);
      case INT64, INT32, INT16, INT8, UINT8, BOOL -> whole(storage, bytes, index);
    };
  }

  /** Halves or bfloat16 that stand one after another, in blocks: one by one takes a minute. */
  static void widen(Storage storage, MemorySegment bytes, long from, float[] into) {
    ValueLayout.OfShort layout = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(storage.order());
    FloatFormat format = storage.type() == TorchType.FLOAT16 ? FloatFormat.F16 : FloatFormat.BF16;
    short[] block = new short[Math.min(BLOCK, into.length)];
    for (int done = 0; done < into.length; done += block.length) {
      int count = Math.min(block.length, into.length - done);
      MemorySegment.copy(bytes, layout, 2 * (from + done), block, 0, count);
      for (int i = 0; i < count; i++) {
        into[done + i] = format.value(block[i]);
      }
    }
  }

  private static short half(MemorySegment bytes, ByteOrder order, long index) {
    return bytes.get(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(order), 2 * index);
  }

  static long whole(Storage storage, MemorySegment bytes, long index) {
    ByteOrder order = storage.order();
    return switch (storage.type()) {
      case INT64 -> bytes.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(order), 8 * index);
      case INT32 -> bytes.get(ValueLayout.JAVA_INT_UNALIGNED.withOrder(order), 4 * index);
      case INT16 -> half(bytes, order, index);
      case INT8 -> bytes.get(ValueLayout.JAVA_BYTE, index);
      case UINT8 -> bytes.get(ValueLayout.JAVA_BYTE, index) & 0xff;
      case BOOL -> bytes.get(ValueLayout.JAVA_BYTE, index) == 0 ? 0 : 1;
      case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 -> (long) real(storage, bytes, index);
    };
  }

  /**
   * Little-endian bytes of a {@code float[]}, {@code double[]}, {@code int[]} or {@code long[]}.
   */
  static MemorySegment encode(TorchType type, Object values) {
    int elements =
        switch (values) {
          case float[] floats -> floats.length;
          case double[] doubles -> doubles.length;
          case int[] ints -> ints.length;
          case long[] longs -> longs.length;
          default -> throw new IllegalArgumentException("an array of " + values.getClass());
        };
    if ((long) elements * type.bytes() > Integer.MAX_VALUE - 8) {
      throw new FormatException("a tensor of " + elements + " numbers takes more than 2 GiB");
    }
    ByteBuffer into = ByteBuffer.allocate(elements * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    if (type == TorchType.FLOAT32 && values instanceof float[] floats) {
      into.asFloatBuffer().put(floats);
      return MemorySegment.ofBuffer(into);
    }
    for (int i = 0; i < elements; i++) {
      switch (values) {
        case float[] floats -> put(into, type, floats[i]);
        case double[] doubles -> put(into, type, doubles[i]);
        case int[] ints -> put(into, type, (long) ints[i]);
        case long[] longs -> put(into, type, longs[i]);
        default -> throw new IllegalArgumentException("an array of " + values.getClass());
      }
    }
    return MemorySegment.ofBuffer(into.flip());
  }

  private static void put(ByteBuffer into, TorchType type, double value) {
    switch (type) {
      case FLOAT32 -> into.putFloat((float) value);
      case FLOAT64 -> into.putDouble(value);
      case FLOAT16 -> into.putShort(FloatFormat.F16.bits((float) value));
      case BFLOAT16 -> into.putShort(FloatFormat.BF16.bits((float) value));
      case INT64, INT32, INT16, INT8, UINT8, BOOL -> put(into, type, (long) value);
    }
  }

  private static void put(ByteBuffer into, TorchType type, long value) {
    switch (type) {
      case INT64 -> into.putLong(value);
      case INT32 -> into.putInt((int) value);
      case INT16 -> into.putShort((short) value);
      case INT8, UINT8 -> into.put((byte) value);
      case BOOL -> into.put((byte) (value == 0 ? 0 : 1));
      case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 -> put(into, type, (double) value);
    }
  }
}
