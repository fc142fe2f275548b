package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;

/**
 * Repeats each pixel, nearest neighbour: {@code y[n, i, j, c] = x[n, i / factor, j / factor, c]}.
 *
 * <p><b>Shapes</b> x {@code [N, H, W, C]}; the output is {@code [N, factor * H, factor * W, C]}.
 *
 * @param factor repetitions in both directions
 */
public record Upsample(int factor) implements Op {
  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.count("upsample", inputs, "x");
    Laws.rank("upsample", "x", inputs.get(0), 4);
    if (factor < 1) {
      throw new ShapeException("upsample: factor " + factor + " must be at least 1");
    }
    Shape x = inputs.get(0).shape();
    return List.of(
        inputs
            .get(0)
            .withShape(Shape.of(x.dim(0), x.dim(1) * factor, x.dim(2) * factor, x.dim(3))));
  }

  @Override
  public long flops(List<Spec> inputs, List<Spec> outputs) {
    return 0;
  }
}
