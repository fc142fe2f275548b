package dev.peregrine.yolo.model;

import dev.peregrine.nn.Initializer;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.yolo.head.HeadSpec;

/**
 * First biases of a head that expect few objects, so that training does not begin with thousands of
 * false ones.
 *
 * <p><b>Formula</b> objectness {@code ln(8 / (640 / stride)^2)}, eight objects on a picture of 640
 * pixels; classes {@code ln(0.6 / (classes - 0.99))}; boxes 0.
 *
 * <p><b>Source</b> Lin et al. 2017, "Focal loss", section 3.3; training code of Scaled-YOLOv4.
 */
public final class PriorBias {
  private PriorBias() {}

  /**
   * Makes the initial biases of a head.
   *
   * @param head what its numbers mean
   * @param stride pixels of the input from one cell to the next
   * @return the initializer of the bias of its last convolution
   */
  public static Initializer of(HeadSpec head, int stride) {
    double cells = 640.0 / stride;
    double object = Math.log(8 / (cells * cells));
    double classes = Math.log(0.6 / (head.classes() - 0.99));
    int at = head.objectness();
    return (spec, seed) -> {
      float[] bias = new float[spec.shape().size()];
      for (int i = 0; i < bias.length; i++) {
        int entry = i % head.entries();
        bias[i] = (float) (entry < at ? 0 : entry == at ? object : classes);
      }
      Tensor floats = Tensor.of(spec.shape(), bias);
      return spec.dtype() == DType.F32
          ? floats
          : Ops.on(floats.device(), () -> floats.to(spec.dtype()));
    };
  }
}
