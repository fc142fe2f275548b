package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.List;

/**
 * The gradient of {@link Conv2d} by its input, also known as transposed convolution.
 *
 * <p><b>Shapes</b> dy {@code [N, OH, OW, Cout]}, w {@code [KH, KW, Cin / groups, Cout]}; the output
 * is {@code input}, {@code [N, H, W, Cin]}.
 *
 * @param window the window of the forward convolution
 * @param groups its groups
 * @param input the shape of its input
 */
public record Conv2dInputGrad(Window window, int groups, Shape input) implements Op {
  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.arity("conv2d_input_grad", inputs, "dy", "w");
    Spec x = inputs.get(0).withShape(input);
    Spec y = new Conv2d(window, groups, Epilogue.NONE).infer(List.of(x, inputs.get(1))).get(0);
    Laws.shape(
        "conv2d_input_grad",
        "dy",
        inputs.get(0),
        y.shape(),
        "the output of the forward convolution");
    return List.of(x);
  }

  @Override
  public long flops(List<Spec> inputs, List<Spec> outputs) {
    Shape w = inputs.get(1).shape();
    return 2L * inputs.get(0).shape().size() * w.dim(0) * w.dim(1) * w.dim(2);
  }
}
