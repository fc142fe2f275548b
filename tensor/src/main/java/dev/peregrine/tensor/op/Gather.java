package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.DTypeException;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;

/**
 * Picks rows: output row i is row {@code indices[i]} of the data.
 *
 * <p><b>Shapes</b> data {@code [R, ...]}, indices i32 {@code [M]}; the output is {@code [M, ...]}.
 * An index outside 0 to R - 1 is an error at run time.
 */
public record Gather() implements Op {
  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.count("gather", inputs, "data", "indices");
    if (inputs.get(1).dtype() != DType.I32) {
      throw new DTypeException("gather: indices are " + inputs.get(1).dtype() + " but must be i32");
    }
    Laws.rank("gather", "indices", inputs.get(1), 1);
    Shape data = inputs.get(0).shape();
    if (data.rank() < 1) {
      throw new ShapeException("gather: data must have at least one axis but is a scalar");
    }
    return List.of(inputs.get(0).withShape(data.with(0, inputs.get(1).shape().dim(0))));
  }
}
