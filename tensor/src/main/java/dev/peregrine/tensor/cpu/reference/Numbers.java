package dev.peregrine.tensor.cpu.reference;

import dev.peregrine.tensor.cpu.HostBuffer;
import dev.peregrine.tensor.shape.Shape;

/**
 * The elements of a value as doubles, without gaps, in row-major order.
 *
 * <p>Kernels of this package know neither element types nor strides: {@link #read} takes both away
 * and {@link #write} puts them back. Doubles hold f32, f16, i32 and u8 exactly.
 */
final class Numbers {
  final Shape shape;
  final double[] values;

  Numbers(Shape shape, double[] values) {
    this.shape = shape;
    this.values = values;
  }

  static Numbers zeros(Shape shape) {
    return new Numbers(shape, new double[shape.size()]);
  }

  int dim(int axis) {
    return shape.dim(axis);
  }

  static Numbers read(HostBuffer from) {
    Numbers numbers = zeros(from.spec().shape());
    double[] values = numbers.values;
    switch (from.spec().dtype()) {
      case F32 -> {
        float[] array = from.floats();
        forEach(from, (index, place) -> values[index] = array[place]);
      }
      case F64 -> {
        double[] array = from.doubles();
        forEach(from, (index, place) -> values[index] = array[place]);
      }
      case I32 -> {
        int[] array = from.ints();
        forEach(from, (index, place) -> values[index] = array[place]);
      }
      case F16 -> {
        short[] array = from.halves();
        forEach(from, (index, place) -> values[index] = Float.float16ToFloat(array[place]));
      }
      case U8 -> {
        byte[] array = from.bytes();
        forEach(from, (index, place) -> values[index] = array[place] & 0xff);
      }
    }
    return numbers;
  }

  /**
   * Stores the elements: f32 and f16 round to the nearest number, i32 drops the fraction and clips
   * to its range, u8 rounds halves up and clips to 0..255; NaN becomes the integer 0.
   */
  void write(HostBuffer to) {
    switch (to.spec().dtype()) {
      case F32 -> {
        float[] array = to.floats();
        forEach(to, (index, place) -> array[place] = (float) values[index]);
      }
      case F64 -> {
        double[] array = to.doubles();
        forEach(to, (index, place) -> array[place] = values[index]);
      }
      case I32 -> {
        int[] array = to.ints();
        forEach(to, (index, place) -> array[place] = (int) values[index]);
      }
      case F16 -> {
        short[] array = to.halves();
        forEach(to, (index, place) -> array[place] = Float.floatToFloat16((float) values[index]));
      }
      case U8 -> {
        byte[] array = to.bytes();
        forEach(
            to,
            (index, place) -> array[place] = (byte) Math.clamp(Math.round(values[index]), 0, 255));
      }
    }
  }

  private interface Visitor {
    /** Meets the element of a row-major index, which lies at a place of the buffer's array. */
    void visit(int index, int place);
  }

  private static void forEach(HostBuffer buffer, Visitor visitor) {
    int rows = buffer.spec().shape().rows();
    int channels = buffer.spec().shape().channels();
    for (int row = 0; row < rows; row++) {
      for (int channel = 0; channel < channels; channel++) {
        visitor.visit(row * channels + channel, buffer.offset() + row * buffer.stride() + channel);
      }
    }
  }
}
