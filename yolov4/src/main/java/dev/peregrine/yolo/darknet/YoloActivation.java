package dev.peregrine.yolo.darknet;

import dev.peregrine.tensor.Activations;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.yolo.head.HeadSpec;

/** What darknet's {@code [yolo]} layer gives: its head after the functions on its numbers. */
final class YoloActivation {
  private YoloActivation() {}

  /**
   * Applies the logistic function to all numbers but width and height, then stretches the centre;
   * with new coordinates the convolution before has applied the function to all of them.
   */
  static Tensor apply(HeadSpec head, Tensor raw) {
    int channels = head.channels();
    double[] asIs = new double[channels];
    double[] factor = new double[channels];
    double[] shift = new double[channels];
    for (int i = 0; i < channels; i++) {
      int entry = i % head.entries();
      boolean centre = entry == head.place(0) || entry == head.place(1);
      boolean size = entry == head.place(2) || entry == head.place(3);
      asIs[i] = size && !head.newCoordinates() ? 1 : 0;
      factor[i] = centre ? head.scaleXy() : 1 - asIs[i];
      shift[i] = centre ? -(head.scaleXy() - 1) / 2 : 0;
    }
    Tensor activated = head.newCoordinates() ? raw : Activations.logistic(raw);
    Tensor scaled = activated.times(vector(raw, factor)).plus(vector(raw, shift));
    return head.newCoordinates() ? scaled : scaled.plus(raw.times(vector(raw, asIs)));
  }

  private static Tensor vector(Tensor like, double[] values) {
    return like.isSymbolic()
        ? constant(like.dtype(), values)
        : Ops.on(like.device(), () -> constant(like.dtype(), values));
  }

  private static Tensor constant(DType dtype, double[] values) {
    Shape shape = Shape.of(values.length);
    if (dtype == DType.F64) {
      return Tensor.of(shape, values);
    }
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return Tensor.of(shape, floats);
  }
}
