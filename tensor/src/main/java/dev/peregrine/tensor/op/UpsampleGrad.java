package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;

/**
 * The gradient of {@link Upsample}: the sum over each {@code factor x factor} block.
 *
 * <p><b>Shapes</b> dy {@code [N, factor * H, factor * W, C]}; the output is {@code [N, H, W, C]}.
 *
 * @param factor the factor of the forward operation
 */
public record UpsampleGrad(int factor) implements Op {
  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.arity("upsample_grad", inputs, "dy");
    Laws.rank("upsample_grad", "dy", inputs.get(0), 4);
    Shape dy = inputs.get(0).shape();
    if (factor < 1 || dy.dim(1) % factor != 0 || dy.dim(2) % factor != 0) {
      throw new ShapeException(
          "upsample_grad: factor " + factor + " must divide height and width of dy " + dy);
    }
    return List.of(
        inputs
            .get(0)
            .withShape(Shape.of(dy.dim(0), dy.dim(1) / factor, dy.dim(2) / factor, dy.dim(3))));
  }

  @Override
  public long flops(List<Spec> inputs, List<Spec> outputs) {
    return inputs.get(0).shape().size();
  }
}
