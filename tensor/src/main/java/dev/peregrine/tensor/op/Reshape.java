package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;

/**
 * Reads the same elements, in the same order, under another shape.
 *
 * @param shape the new shape, with as many elements
 */
public record Reshape(Shape shape) implements Op {
  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.count("reshape", inputs, "x");
    if (inputs.get(0).shape().size() != shape.size()) {
      throw new ShapeException(
          "reshape: x "
              + inputs.get(0).shape()
              + " has "
              + inputs.get(0).shape().size()
              + " elements but "
              + shape
              + " has "
              + shape.size()
              + "; both must be equal");
    }
    return List.of(inputs.get(0).withShape(shape));
  }

  @Override
  public long flops(List<Spec> inputs, List<Spec> outputs) {
    return 0;
  }
}
