package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import java.util.ArrayList;
import java.util.List;

/**
 * The index of the first largest element along one axis.
 *
 * <p><b>Shapes</b> x {@code [...]}; the output, of type i32, lacks the axis.
 *
 * @param axis the axis, counted from 0
 */
public record ArgMax(int axis) implements Op {
  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.arity("argmax", inputs, "x");
    Shape shape = inputs.get(0).shape();
    shape.axis(axis);
    ArrayList<Integer> extents = new ArrayList<>();
    for (int i = 0; i < shape.rank(); i++) {
      if (i != axis) {
        extents.add(shape.dim(i));
      }
    }
    return List.of(new Spec(DType.I32, Shape.of(extents)));
  }
}
