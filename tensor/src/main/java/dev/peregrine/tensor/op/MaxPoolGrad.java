package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.List;

/**
 * The gradient of {@link MaxPool}: each dy goes to the first largest element under its window, in
 * row order.
 *
 * <p><b>Shapes</b> x {@code [N, H, W, C]}, dy {@code [N, OH, OW, C]}; the output has the shape of
 * x.
 *
 * @param window the window of the forward pooling
 */
public record MaxPoolGrad(Window window) implements Op {
  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.arity("max_pool_grad", inputs, "x", "dy");
    Laws.sameType("max_pool_grad", inputs);
    Spec y = MaxPool.pooled("max_pool_grad", window, inputs.get(0));
    Laws.shape(
        "max_pool_grad", "dy", inputs.get(1), y.shape(), "the output of the forward pooling");
    return List.of(inputs.get(0));
  }

  @Override
  public long flops(List<Spec> inputs, List<Spec> outputs) {
    return (long) inputs.get(1).shape().size() * window.kernelHeight() * window.kernelWidth();
  }
}
