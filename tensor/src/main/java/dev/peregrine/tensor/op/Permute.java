package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;

/**
 * Reorders the axes: output axis i is input axis {@code axes[i]}.
 *
 * @param axes a permutation of 0 to rank - 1
 */
public record Permute(List<Integer> axes) implements Op {
  /** Copies the list of axes. */
  public Permute {
    axes = List.copyOf(axes);
  }

  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.count("permute", inputs, "x");
    Shape shape = inputs.get(0).shape();
    boolean[] seen = new boolean[shape.rank()];
    boolean valid = axes.size() == shape.rank();
    for (int axis : axes) {
      if (axis < 0 || axis >= seen.length || seen[axis]) {
        valid = false;
        break;
      }
      seen[axis] = true;
    }
    if (!valid) {
      throw new ShapeException(
          "permute: "
              + axes
              + " is not a permutation of the "
              + shape.rank()
              + " axes of x "
              + shape);
    }
    return List.of(inputs.get(0).withShape(Shape.of(axes.stream().map(shape::dim).toList())));
  }

  @Override
  public long flops(List<Spec> inputs, List<Spec> outputs) {
    return 0;
  }
}
