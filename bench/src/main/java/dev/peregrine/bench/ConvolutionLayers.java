package dev.peregrine.bench;

import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.op.Conv2dInputGrad;
import dev.peregrine.tensor.op.Conv2dWeightGrad;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.testkit.Cases;
import dev.peregrine.testkit.OpCase;
import dev.peregrine.testkit.Values;
import java.util.List;

/** The convolutions of YOLOv4-tiny by short labels, such as {@code 3x3 p1 64-64 @104}. */
final class ConvolutionLayers {
  private ConvolutionLayers() {}

  /**
   * Finds a layer of the network.
   *
   * @param size height and width of the picture
   * @param label window, channels and height of the input
   * @param kind {@code forward}, {@code by_input} or {@code by_filters}
   * @return the case of the layer or of its gradient
   */
  static OpCase find(int size, String label, String kind) {
    OpCase layer = find(size, label);
    Conv2d conv = (Conv2d) layer.op();
    Spec x = layer.specs().get(0);
    Spec w = layer.specs().get(1);
    Spec y = layer.signature().output();
    return switch (kind) {
      case "forward" -> layer;
      case "by_input" ->
          gradient(label, new Conv2dInputGrad(conv.window(), conv.groups(), x.shape()), y, w);
      case "by_filters" ->
          gradient(label, new Conv2dWeightGrad(conv.window(), conv.groups(), w.shape()), x, y);
      default ->
          throw new ShapeException(
              "bench: kind '" + kind + "' is none of forward, by_input, by_filters");
    };
  }

  private static OpCase gradient(String label, Op op, Spec a, Spec b) {
    List<OpCase.Input> inputs =
        List.of(new OpCase.Input(a, Values.NORMAL, 0), new OpCase.Input(b, Values.NORMAL, 0));
    return new OpCase(label, op, inputs, 0, List.of());
  }

  private static OpCase find(int size, String label) {
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
