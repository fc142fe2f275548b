package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Spec;
import java.util.List;

/**
 * Exponentials normalised to sum 1 along the innermost axis, the largest element subtracted first.
 *
 * <p><b>Shapes</b> x {@code [..., C]}; the output has the same.
 */
public record Softmax() implements Op {
  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.arity("softmax", inputs, "x");
    Laws.floating("softmax", "x", inputs.get(0));
    return List.of(inputs.get(0));
  }

  @Override
  public long flops(List<Spec> inputs, List<Spec> outputs) {
    return 4L * outputs.get(0).shape().size();
  }
}
