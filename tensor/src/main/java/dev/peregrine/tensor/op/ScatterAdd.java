package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.DTypeException;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;

/**
 * Adds rows into zeros: row i of the input is added to output row {@code indices[i]}, in ascending
 * i.
 *
 * <p><b>Shapes</b> rows {@code [M, ...]}, indices i32 {@code [M]}; the output is {@code [extent,
 * ...]}.
 *
 * @param extent rows of the output
 */
public record ScatterAdd(int extent) implements Op {
  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.arity("scatter_add", inputs, "rows", "indices");
    if (inputs.get(1).dtype() != DType.I32) {
      throw new DTypeException(
          "scatter_add: indices are " + inputs.get(1).dtype() + " but must be i32");
    }
    Laws.rank("scatter_add", "indices", inputs.get(1), 1);
    Shape rows = inputs.get(0).shape();
    if (rows.rank() < 1 || rows.dim(0) != inputs.get(1).shape().dim(0)) {
      throw new ShapeException(
          "scatter_add: rows "
              + rows
              + " and indices "
              + inputs.get(1).shape()
              + " must agree in axis 0");
    }
    return List.of(inputs.get(0).withShape(rows.with(0, extent)));
  }
}
