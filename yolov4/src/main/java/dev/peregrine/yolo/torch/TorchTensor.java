package dev.peregrine.yolo.torch;

import dev.peregrine.nn.io.Safetensors;
import dev.peregrine.tensor.FormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * A tensor of a file: a view of a storage, whose numbers are read when they are asked for.
 *
 * <p>Two of them are equal only if they are the same.
 */
public final class TorchTensor {
  private final String where;
  private final Storage storage;
  private final long offset;
  private final int[] shape;
  private final long[] strides;

  private TorchTensor(String where, Storage storage, long offset, int[] shape, long[] strides) {
    this.where = where;
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }

  /** A view; every element of it must lie in the storage. */
  static TorchTensor view(String where, Storage storage, long offset, int[] shape, long[] strides) {
    TorchTensor tensor = new TorchTensor(where, storage, offset, shape, strides);
    boolean fits = offset >= 0 && offset <= storage.elements();
    long room = storage.elements() - 1 - offset;
    for (int axis = 0; axis < shape.length; axis++) {
      fits &= shape[axis] >= 0 && strides[axis] >= 0;
      if (fits && shape[axis] > 1 && strides[axis] > 0 && !tensor.isEmpty()) {
        // Divided rather than multiplied, so that nothing runs over.
        fits = shape[axis] - 1 <= room / strides[axis];
        room -= fits ? (shape[axis] - 1) * strides[axis] : 0;
      }
    }
    fits &= tensor.isEmpty() || room >= 0;
    if (!fits) {
      throw new FormatException(
          "%s: a tensor of extents %s, strides %s and offset %d does not lie in its storage of %d"
                  .formatted(
                      where,
                      Arrays.toString(shape),
                      Arrays.toString(strides),
                      offset,
                      storage.elements())
              + " numbers; the file is damaged");
    }
    return tensor;
  }

  /**
   * Makes a tensor for a file.
   *
   * <p><b>Errors</b> {@link FormatException} if the numbers do not have the extents.
   *
   * @param type of the elements in the file; floating point is rounded to the nearest, halves to
   *     even, and whole numbers are cut to the type
   * @param array extents and numbers
   * @return the tensor
   */
  public static TorchTensor of(TorchType type, Safetensors.Array array) {
    MemorySegment bytes = TorchNumbers.encode(type, array.values());
    long elements = bytes.byteSize() / type.bytes();
    Storage storage =
        new Storage("memory", type, elements).fill("memory", bytes, ByteOrder.LITTLE_ENDIAN);
    return view("memory", storage, 0, array.shape().clone(), dense(array.shape()));
  }

  /** The strides of an array without gaps, outermost axis first. */
  static long[] dense(int[] shape) {
    long[] strides = new long[shape.length];
    long step = 1;
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      strides[axis] = step;
      step *= Math.max(1, shape[axis]);
    }
    return strides;
  }

  /**
   * Returns the element type in the file.
   *
   * @return the type
   */
  public TorchType type() {
    return storage.type();
  }

  /**
   * Returns the extents, outermost first.
   *
   * @return a copy; empty for a single number
   */
  public int[] shape() {
    return shape.clone();
  }

  private boolean isEmpty() {
    return Arrays.stream(shape).anyMatch(extent -> extent == 0);
  }

  /**
   * Counts the elements.
   *
   * @return the product of the extents; {@link Long#MAX_VALUE} where that is larger still
   */
  public long elements() {
    if (isEmpty()) {
      return 0;
    }
    long elements = 1;
    for (int extent : shape) {
      elements = elements > Integer.MAX_VALUE ? Long.MAX_VALUE : elements * extent;
    }
    return elements;
  }

  /**
   * Reads the numbers.
   *
   * <p><b>Errors</b> {@link FormatException} if it has more elements than its storage, as a view
   * that repeats some has.
   *
   * <p><b>Cost</b> one new array.
   *
   * @return the numbers, row-major; halves and bfloat16 exactly, other types rounded
   */
  public float[] floats() {
    float[] values = new float[count()];
    MemorySegment bytes = storage.bytes(where);
    if (type() == TorchType.FLOAT32 && isDense()) {
      ValueLayout.OfFloat layout = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(storage.order());
      MemorySegment.copy(bytes, layout, offset * 4, values, 0, values.length);
      return values;
    }
    if (type().bytes() == 2 && type().isFloat() && isDense()) {
      TorchNumbers.widen(storage, bytes, offset, values);
      return values;
    }
    int[] next = {0};
    each(
        switch (type()) {
          case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 ->
              at -> values[next[0]++] = (float) TorchNumbers.real(storage, bytes, at);
          case INT64, INT32, INT16, INT8, UINT8, BOOL ->
              at -> values[next[0]++] = TorchNumbers.whole(storage, bytes, at);
        });
    return values;
  }

  /**
   * Reads the numbers in a type of the host that loses nothing.
   *
   * <p><b>Errors</b> as {@link #floats}.
   *
   * @return extents and {@code float[]}, or {@code double[]} for f64, {@code int[]} for i32 and
   *     {@code long[]} for other whole numbers
   */
  public Safetensors.Array array() {
    MemorySegment bytes = storage.bytes(where);
    int[] next = {0};
    return new Safetensors.Array(
        shape(),
        switch (type()) {
          case FLOAT32, FLOAT16, BFLOAT16 -> floats();
          case FLOAT64 -> {
            double[] values = new double[count()];
            each(at -> values[next[0]++] = TorchNumbers.real(storage, bytes, at));
            yield values;
          }
          case INT32 -> {
            int[] values = new int[count()];
            each(at -> values[next[0]++] = (int) TorchNumbers.whole(storage, bytes, at));
            yield values;
          }
          case INT64, INT16, INT8, UINT8, BOOL -> {
            long[] values = new long[count()];
            each(at -> values[next[0]++] = TorchNumbers.whole(storage, bytes, at));
            yield values;
          }
        });
  }

  /** The bytes as a file holds them: little-endian, row-major, without gaps. */
  MemorySegment contiguous() {
    if (isDense() && storage.order() == ByteOrder.LITTLE_ENDIAN) {
      int width = type().bytes();
      return storage.bytes(where).asSlice(offset * width, elements() * width);
    }
    return TorchNumbers.encode(type(), array().values());
  }

  private int count() {
    long elements = elements();
    if (elements > storage.elements() || elements > Integer.MAX_VALUE - 8) {
      throw new FormatException(
          "%s: a tensor of extents %s has more elements than its storage of %d, or than an array"
                  .formatted(where, Arrays.toString(shape), storage.elements())
              + " holds; save it with contiguous() in Python");
    }
    return (int) elements;
  }

  private boolean isDense() {
    long[] dense = dense(shape);
    for (int axis = 0; axis < shape.length; axis++) {
      if (shape[axis] > 1 && strides[axis] != dense[axis]) {
        return false;
      }
    }
    return true;
  }

  /** Visits the places of all elements in the storage, row-major. */
  private void each(LongConsumer visitor) {
    if (isEmpty()) {
      return;
    }
    int[] index = new int[shape.length];
    long at = offset;
    while (true) {
      visitor.accept(at);
      int axis = shape.length - 1;
      while (axis >= 0 && index[axis] == shape[axis] - 1) {
        at -= index[axis] * strides[axis];
        index[axis--] = 0;
      }
      if (axis < 0) {
        return;
      }
      index[axis]++;
      at += strides[axis];
    }
  }

  @Override
  public String toString() {
    return type() + Arrays.toString(shape);
  }
}
