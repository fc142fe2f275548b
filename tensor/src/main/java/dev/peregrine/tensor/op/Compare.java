package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;

/**
 * Compares two values element by element; 1 where the relation holds and 0 elsewhere, in the type
 * of the inputs.
 *
 * <p><b>Shapes</b> as {@link Binary}.
 *
 * @param kind the relation
 */
public record Compare(Kind kind) implements Op {
  /** The relations. */
  public enum Kind {
    /** {@code a < b}. */
    LESS,
    /** {@code a <= b}. */
    LESS_OR_EQUAL,
    /** {@code a > b}. */
    GREATER,
    /** {@code a >= b}. */
    GREATER_OR_EQUAL,
    /** {@code a == b}. */
    EQUAL;

    /** Returns the lower-case name used in graph texts. */
    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.arity(kind.toString(), inputs, "a", "b");
    Laws.sameType(kind.toString(), inputs);
    Spec a = inputs.get(0);
    return List.of(a.withShape(Shape.broadcast(a.shape(), inputs.get(1).shape())));
  }
}
