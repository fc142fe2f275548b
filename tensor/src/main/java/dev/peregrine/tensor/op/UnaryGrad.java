package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Spec;
import java.util.List;

/**
 * The gradient of {@link Unary}: {@code dx = dy * f'(x)}.
 *
 * <p>It is an operation of its own because one pass over memory replaces the four to eight of the
 * composition.
 *
 * <p><b>Shapes</b> x and dy {@code [...]} equal; the output has the same.
 *
 * @param kind the function whose derivative is taken
 */
public record UnaryGrad(Unary.Kind kind) implements Op {
  @Override
  public List<Spec> infer(List<Spec> inputs) {
    String name = "unary_grad " + kind;
    Laws.arity(name, inputs, "x", "dy");
    Laws.floating(name, "x", inputs.get(0));
    Laws.sameType(name, inputs);
    Laws.shape(name, "dy", inputs.get(1), inputs.get(0).shape(), "dy has the shape of x");
    return List.of(inputs.get(0));
  }
}
