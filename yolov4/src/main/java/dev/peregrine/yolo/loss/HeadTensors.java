package dev.peregrine.yolo.loss;

import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.yolo.head.HeadSpec;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntToDoubleFunction;

/** Reads the tensors of heads, and makes those of their gradients. */
final class HeadTensors {
  private HeadTensors() {}

  /** Requires an output a head, of its channels and of so many pictures. */
  static void check(List<Tensor> outputs, List<HeadSpec> heads, int images) {
    if (outputs.size() != heads.size()) {
      throw new ShapeException(
          "loss: " + outputs.size() + " outputs but " + heads.size() + " heads are described");
    }
    for (int i = 0; i < heads.size(); i++) {
      check(outputs.get(i).shape(), heads.get(i), i, images);
    }
  }

  private static void check(Shape shape, HeadSpec head, int index, int images) {
    if (shape.rank() != 4 || shape.channels() != head.channels() || shape.dim(0) != images) {
      throw new ShapeException(
          "loss: head "
              + index
              + " has shape "
              + shape
              + " but ["
              + images
              + ", H, W, "
              + head.channels()
              + "] is required: "
              + images
              + " pictures have labels, and "
              + head.mask().size()
              + " anchors take "
              + (head.entries() - head.classes())
              + " + "
              + head.classes()
              + " numbers each");
    }
  }

  static IntToDoubleFunction numbers(Tensor output) {
    if (output.dtype() == DType.F32) {
      float[] floats = output.floats();
      return i -> floats[i];
    }
    double[] doubles = output.doubles();
    return i -> doubles[i];
  }

  /** Makes the tensor of a gradient, of the shape and type of its head, 0 where nothing is put. */
  static Tensor gradient(Tensor output, Consumer<HeadLessons.Sink> slopes) {
    int size = output.shape().size();
    if (output.dtype() == DType.F64) {
      double[] doubles = new double[size];
      slopes.accept((i, value) -> doubles[i] = value);
      return Ops.on(output.device(), () -> Tensor.of(output.shape(), doubles));
    }
    float[] floats = new float[size];
    slopes.accept((i, value) -> floats[i] = (float) value);
    return Ops.on(output.device(), () -> Tensor.of(output.shape(), floats));
  }
}
