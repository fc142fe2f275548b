package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;

/**
 * A weighted sum of two tensors, as a moving average takes it: one pass over memory replaces three.
 *
 * <p>The shares are an input, since they change from step to step and an operation is remembered
 * with its kernel.
 *
 * <p><b>Shapes</b> x and y {@code [...]} equal, shares {@code [2]}; the output has the shape of x.
 *
 * <p><b>Formula</b> {@code x * shares[0] + y * shares[1]}, both products rounded.
 */
public record Blend() implements Op {
  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.arity("blend", inputs, "x", "y", "shares");
    Laws.floating("blend", "x", inputs.get(0));
    Laws.sameType("blend", inputs);
    Laws.shape("blend", "y", inputs.get(1), inputs.get(0).shape(), "y has the shape of x");
    Laws.shape("blend", "shares", inputs.get(2), Shape.of(2), "one share for x and one for y");
    return List.of(inputs.get(0));
  }

  @Override
  public long flops(List<Spec> inputs, List<Spec> outputs) {
    return 3L * outputs.get(0).shape().size();
  }
}
