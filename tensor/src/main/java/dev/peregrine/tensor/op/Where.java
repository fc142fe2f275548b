package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;

/**
 * Chooses element by element: a where the condition is not 0, b elsewhere.
 *
 * <p><b>Shapes</b> condition, a and b combine by {@link Shape#broadcast}; all are of one type.
 */
public record Where() implements Op {
  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.arity("where", inputs, "condition", "a", "b");
    Laws.sameType("where", inputs);
    Shape values = Shape.broadcast(inputs.get(1).shape(), inputs.get(2).shape());
    return List.of(inputs.get(1).withShape(Shape.broadcast(inputs.get(0).shape(), values)));
  }
}
