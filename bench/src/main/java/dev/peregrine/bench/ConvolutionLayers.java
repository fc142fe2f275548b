package dev.peregrine.bench;

import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.testkit.Cases;
import dev.peregrine.testkit.OpCase;
import java.util.List;

/** The convolutions of YOLOv4-tiny by short labels, such as {@code 3x3 p1 64-64 @104}. */
final class ConvolutionLayers {
  private ConvolutionLayers() {}

  /**
   * Finds a layer of the network.
   *
   * @param size height and width of the picture
   * @param label window, channels and height of the input
   * @return its case
   */
  static OpCase find(int size, String label) {
    List<OpCase> cases =
        Cases.yoloV4Tiny(size).stream().filter(c -> c.op() instanceof Conv2d).toList();
    return cases.stream()
        .filter(c -> label(c).equals(label))
        .findFirst()
        .orElseThrow(() ->
            new ShapeException(
                "bench: no convolution of YOLOv4-tiny at "
                    + size
                    + " is '"
                    + label
                    + "'; choose one of "
                    + cases.stream().map(ConvolutionLayers::label).toList()));
  }

  private static String label(OpCase c) {
    Conv2d conv = (Conv2d) c.op();
    Shape x = c.specs().get(0).shape();
    Shape w = c.specs().get(1).shape();
    return conv.window() + " " + x.dim(3) + "-" + w.dim(3) + " @" + x.dim(1);
  }
}
