package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;

/**
 * Multiplies matrices.
 *
 * <p><b>Shapes</b> a {@code [M, K]} (or {@code [K, M]} when transposed), b {@code [K, N]} (or
 * {@code [N, K]}); the output is {@code [M, N]}.
 *
 * <p><b>Cost</b> {@code M * N * K} multiply-adds.
 *
 * @param transposeA whether a is read transposed
 * @param transposeB whether b is read transposed
 */
public record MatMul(boolean transposeA, boolean transposeB) implements Op {
  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.arity("matmul", inputs, "a", "b");
    Laws.sameType("matmul", inputs);
    Laws.floating("matmul", "a", inputs.get(0));
    Laws.rank("matmul", "a", inputs.get(0), 2);
    Laws.rank("matmul", "b", inputs.get(1), 2);
    Shape a = inputs.get(0).shape();
    Shape b = inputs.get(1).shape();
    int inner = a.dim(transposeA ? 0 : 1);
    if (inner != b.dim(transposeB ? 1 : 0)) {
      throw new ShapeException(
          "matmul: a has "
              + inner
              + " columns but b has "
              + b.dim(transposeB ? 1 : 0)
              + " rows (a "
              + a
              + (transposeA ? " transposed" : "")
              + ", b "
              + b
              + (transposeB ? " transposed" : "")
              + ")");
    }
    return List.of(
        inputs.get(0).withShape(Shape.of(a.dim(transposeA ? 1 : 0), b.dim(transposeB ? 0 : 1))));
  }

  @Override
  public long flops(List<Spec> inputs, List<Spec> outputs) {
    return 2L * outputs.get(0).shape().size() * inputs.get(0).shape().dim(transposeA ? 0 : 1);
  }
}
