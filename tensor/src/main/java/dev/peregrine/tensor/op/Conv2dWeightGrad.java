package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.List;

/**
 * The gradient of {@link Conv2d} by its filters.
 *
 * <p><b>Shapes</b> x {@code [N, H, W, Cin]}, dy {@code [N, OH, OW, Cout]}; the output is {@code
 * weights}, {@code [KH, KW, Cin / groups, Cout]}.
 *
 * @param window the window of the forward convolution
 * @param groups its groups
 * @param weights the shape of its filters
 */
public record Conv2dWeightGrad(Window window, int groups, Shape weights) implements Op {
  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.arity("conv2d_weight_grad", inputs, "x", "dy");
    Spec w = inputs.get(0).withShape(weights);
    Spec y = new Conv2d(window, groups, Epilogue.NONE).infer(List.of(inputs.get(0), w)).get(0);
    Laws.shape(
        "conv2d_weight_grad",
        "dy",
        inputs.get(1),
        y.shape(),
        "the output of the forward convolution");
    return List.of(w);
  }

  @Override
  public long flops(List<Spec> inputs, List<Spec> outputs) {
    return 2L * inputs.get(1).shape().size() * weights.dim(0) * weights.dim(1) * weights.dim(2);
  }
}
