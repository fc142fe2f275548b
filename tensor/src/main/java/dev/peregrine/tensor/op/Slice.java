package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes a box of elements: from {@code starts}, {@code sizes} elements along each axis, {@code
 * steps} apart.
 *
 * @param starts the first index along each axis
 * @param sizes the extents of the output
 * @param steps the distance from one taken index to the next along each axis
 */
public record Slice(List<Integer> starts, List<Integer> sizes, List<Integer> steps) implements Op {
  /** Copies the lists. */
  public Slice {
    starts = List.copyOf(starts);
    sizes = List.copyOf(sizes);
    steps = List.copyOf(steps);
  }

  /**
   * Makes a slice along one axis that takes everything along the others.
   *
   * @param shape the shape of the input
   * @param axis the axis; negative counts from the end
   * @param start the first index
   * @param size how many
   * @return the operation
   */
  public static Slice along(Shape shape, int axis, int start, int size) {
    ArrayList<Integer> starts = new ArrayList<>();
    ArrayList<Integer> sizes = new ArrayList<>();
    ArrayList<Integer> steps = new ArrayList<>();
    for (int i = 0; i < shape.rank(); i++) {
      boolean cut = i == shape.axis(axis);
      starts.add(cut ? start : 0);
      sizes.add(cut ? size : shape.dim(i));
      steps.add(1);
    }
    return new Slice(starts, sizes, steps);
  }

  /**
   * Tells whether only the innermost axis is cut, without gaps: then the result is a channel slice
   * that needs no copy.
   *
   * @param input the shape of the input
   * @return true if all outer axes are taken whole and the innermost step is 1
   */
  public boolean isChannelSlice(Shape input) {
    for (int i = 0; i < input.rank() - 1; i++) {
      if (starts.get(i) != 0 || sizes.get(i) != input.dim(i)) {
        return false;
      }
    }
    return input.rank() > 0 && steps.get(input.rank() - 1) == 1;
  }

  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.count("slice", inputs, "x");
    Shape shape = inputs.get(0).shape();
    if (starts.size() != shape.rank()
        || sizes.size() != shape.rank()
        || steps.size() != shape.rank()) {
      throw new ShapeException(
          "slice: starts "
              + starts
              + ", sizes "
              + sizes
              + " and steps "
              + steps
              + " must each name all "
              + shape.rank()
              + " axes of x "
              + shape);
    }
    for (int i = 0; i < shape.rank(); i++) {
      int last = starts.get(i) + (sizes.get(i) - 1) * steps.get(i);
      if (starts.get(i) < 0 || sizes.get(i) < 1 || steps.get(i) < 1 || last >= shape.dim(i)) {
        throw new ShapeException(
            "slice: axis "
                + i
                + " from "
                + starts.get(i)
                + ", "
                + sizes.get(i)
                + " elements "
                + steps.get(i)
                + " apart, leaves x "
                + shape
                + "; the last index must be below "
                + shape.dim(i));
      }
    }
    return List.of(inputs.get(0).withShape(Shape.of(sizes)));
  }

  @Override
  public long flops(List<Spec> inputs, List<Spec> outputs) {
    return 0;
  }
}
