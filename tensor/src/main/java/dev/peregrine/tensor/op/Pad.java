package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import java.util.ArrayList;
import java.util.List;

/**
 * Surrounds a value with a constant; {@code steps} above 1 also put constants between the elements.
 *
 * <p>It is the adjoint of {@link Slice}: element i of an axis lands at {@code before + i * step}.
 *
 * @param before how many constants before the first element along each axis
 * @param after how many after the last
 * @param steps the distance between neighbouring elements in the output along each axis
 * @param value the constant
 */
public record Pad(List<Integer> before, List<Integer> after, List<Integer> steps, double value)
    implements Op {
  /** Copies the lists. */
  public Pad {
    before = List.copyOf(before);
    after = List.copyOf(after);
    steps = List.copyOf(steps);
  }

  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.arity("pad", inputs, "x");
    Shape shape = inputs.get(0).shape();
    if (before.size() != shape.rank()
        || after.size() != shape.rank()
        || steps.size() != shape.rank()) {
      throw new ShapeException(
          "pad: before "
              + before
              + ", after "
              + after
              + " and steps "
              + steps
              + " must each name all "
              + shape.rank()
              + " axes of x "
              + shape);
    }
    ArrayList<Integer> extents = new ArrayList<>();
    for (int i = 0; i < shape.rank(); i++) {
      if (before.get(i) < 0 || after.get(i) < 0 || steps.get(i) < 1) {
        throw new ShapeException(
            "pad: axis "
                + i
                + " has before "
                + before.get(i)
                + ", after "
                + after.get(i)
                + " and step "
                + steps.get(i)
                + "; paddings are 0 or more and steps at least 1");
      }
      extents.add(before.get(i) + (shape.dim(i) - 1) * steps.get(i) + 1 + after.get(i));
    }
    return List.of(inputs.get(0).withShape(Shape.of(extents)));
  }

  @Override
  public long flops(List<Spec> inputs, List<Spec> outputs) {
    return 0;
  }
}
