package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;

/**
 * Folds axes to extent 1, or drops them.
 *
 * <p><b>Shapes</b> x {@code [...]}; the output lacks the folded axes, or has extent 1 there when
 * they are kept.
 *
 * <p>The order of additions depends on the shape alone, never on the number of threads.
 *
 * @param kind the fold
 * @param axes the folded axes, counted from 0, ascending
 * @param keepAxes whether folded axes stay with extent 1
 */
public record Reduce(Kind kind, List<Integer> axes, boolean keepAxes) implements Op {
  /** The folds. */
  public enum Kind {
    /** The sum. */
    SUM,
    /** The largest element. */
    MAX;

    /** Returns the lower-case name used in graph texts. */
    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** Copies the list of axes. */
  public Reduce {
    axes = List.copyOf(axes);
  }

  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.arity("reduce " + kind, inputs, "x");
    Shape shape = inputs.get(0).shape();
    int previous = -1;
    for (int axis : axes) {
      if (axis <= previous || axis >= shape.rank()) {
        throw new ShapeException(
            "reduce "
                + kind
                + ": axes "
                + axes
                + " of x "
                + shape
                + " must be ascending and within 0 to "
                + (shape.rank() - 1));
      }
      previous = axis;
    }
    java.util.ArrayList<Integer> extents = new java.util.ArrayList<>();
    for (int axis = 0; axis < shape.rank(); axis++) {
      if (!axes.contains(axis)) {
        extents.add(shape.dim(axis));
      } else if (keepAxes) {
        extents.add(1);
      }
    }
    return List.of(inputs.get(0).withShape(Shape.of(extents)));
  }

  @Override
  public long flops(List<Spec> inputs, List<Spec> outputs) {
    return inputs.get(0).shape().size();
  }
}
