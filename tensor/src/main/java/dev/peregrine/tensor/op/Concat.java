package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;

/**
 * Puts values one after another along an axis.
 *
 * <p><b>Shapes</b> all inputs agree in every other axis; the output's extent is the sum.
 *
 * @param axis the axis, counted from 0
 */
public record Concat(int axis) implements Op {
  @Override
  public List<Spec> infer(List<Spec> inputs) {
    if (inputs.isEmpty()) {
      throw new ShapeException("concat: needs at least one input");
    }
    Laws.sameType("concat", inputs);
    Shape first = inputs.get(0).shape();
    first.axis(axis);
    int sum = 0;
    for (int i = 0; i < inputs.size(); i++) {
      Shape shape = inputs.get(i).shape();
      if (shape.rank() != first.rank() || !shape.with(axis, first.dim(axis)).equals(first)) {
        throw new ShapeException(
            "concat: input "
                + i
                + " "
                + shape
                + " and input 0 "
                + first
                + " must agree in every axis but "
                + axis);
      }
      sum += shape.dim(axis);
    }
    return List.of(inputs.get(0).withShape(first.with(axis, sum)));
  }

  @Override
  public long flops(List<Spec> inputs, List<Spec> outputs) {
    return 0;
  }
}
