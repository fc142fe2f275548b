package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.List;

/**
 * The gradient of {@link AvgPool}: each dy is shared evenly by the elements under its window.
 *
 * <p><b>Shapes</b> dy {@code [N, OH, OW, C]}; the output is {@code input}.
 *
 * @param window the window of the forward pooling
 * @param input the shape of its input
 */
public record AvgPoolGrad(Window window, Shape input) implements Op {
  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.arity("avg_pool_grad", inputs, "dy");
    Spec x = inputs.get(0).withShape(input);
    Spec y = MaxPool.pooled("avg_pool_grad", window, x);
    Laws.shape(
        "avg_pool_grad", "dy", inputs.get(0), y.shape(), "the output of the forward pooling");
    return List.of(x);
  }

  @Override
  public long flops(List<Spec> inputs, List<Spec> outputs) {
    return (long) inputs.get(0).shape().size() * window.kernelHeight() * window.kernelWidth();
  }
}
