package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.List;

/**
 * The mean of the elements under the window; places outside the input do not count.
 *
 * <p><b>Shapes</b> x {@code [N, H, W, C]}; the output is {@code [N, OH, OW, C]}.
 *
 * @param window kernel, stride, padding, dilation
 */
public record AvgPool(Window window) implements Op {
  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.count("avg_pool", inputs, "x");
    return List.of(MaxPool.pooled("avg_pool", window, inputs.get(0)));
  }

  @Override
  public long flops(List<Spec> inputs, List<Spec> outputs) {
    return (long) outputs.get(0).shape().size() * window.kernelHeight() * window.kernelWidth();
  }
}
