package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.List;

/**
 * The largest element under the window; places outside the input never win.
 *
 * <p><b>Shapes</b> x {@code [N, H, W, C]}; the output is {@code [N, OH, OW, C]}.
 *
 * @param window kernel, stride, padding, dilation
 */
public record MaxPool(Window window) implements Op {
  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.count("max_pool", inputs, "x");
    return List.of(pooled("max_pool", window, inputs.get(0)));
  }

  static Spec pooled(String op, Window window, Spec x) {
    Laws.floating(op, "x", x);
    Laws.rank(op, "x", x, 4);
    Shape shape = x.shape();
    return x.withShape(
        Shape.of(
            shape.dim(0),
            window.outHeight(shape.dim(1)),
            window.outWidth(shape.dim(2)),
            shape.dim(3)));
  }

  @Override
  public long flops(List<Spec> inputs, List<Spec> outputs) {
    return (long) outputs.get(0).shape().size() * window.kernelHeight() * window.kernelWidth();
  }
}
