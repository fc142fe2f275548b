package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;

/**
 * Combines two values element by element, the smaller one repeated by the broadcasting law.
 *
 * <p><b>Shapes</b> a and b combine by {@link Shape#broadcast}; the output has the combined shape.
 *
 * @param kind the function
 */
public record Binary(Kind kind) implements Op {
  /** The functions. */
  public enum Kind {
    /** {@code a + b}. */
    ADD,
    /** {@code a - b}. */
    SUBTRACT,
    /** {@code a * b}. */
    MULTIPLY,
    /** {@code a / b}. */
    DIVIDE,
    /** The larger one; the gradient of equal values goes to a. */
    MAXIMUM,
    /** The smaller one; the gradient of equal values goes to a. */
    MINIMUM,
    /** {@code a ^ b}, for positive a. */
    POWER;

    /** Returns the lower-case name used in graph texts. */
    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.count(kind.toString(), inputs, "a", "b");
    Laws.sameType(kind.toString(), inputs);
    Spec a = inputs.get(0);
    return List.of(a.withShape(Shape.broadcast(a.shape(), inputs.get(1).shape())));
  }
}
