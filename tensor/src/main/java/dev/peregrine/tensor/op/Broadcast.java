package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;

/**
 * Repeats a value to a larger shape by the broadcasting law.
 *
 * @param shape the shape of the output
 */
public record Broadcast(Shape shape) implements Op {
  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.count("broadcast", inputs, "x");
    if (!Shape.broadcast(inputs.get(0).shape(), shape).equals(shape)) {
      throw new ShapeException(
          "broadcast: x "
              + inputs.get(0).shape()
              + " cannot be repeated to "
              + shape
              + "; each extent must be equal or 1");
    }
    return List.of(inputs.get(0).withShape(shape));
  }

  @Override
  public long flops(List<Spec> inputs, List<Spec> outputs) {
    return 0;
  }
}
