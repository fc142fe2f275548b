package dev.peregrine.tensor.cpu.reference;

import dev.peregrine.tensor.op.Concat;
import dev.peregrine.tensor.op.Flip;
import dev.peregrine.tensor.op.Pad;
import dev.peregrine.tensor.op.Permute;
import dev.peregrine.tensor.op.Slice;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import java.util.Arrays;

/**
 * Operations that move elements and compute nothing.
 *
 * <p>Almost all are one formula, {@link #places}: walking through a value, each step along an axis
 * moves a fixed distance through another. A stride of 0 repeats, a negative one reverses, a doubled
 * one skips.
 */
final class ReferenceMovement {
  private ReferenceMovement() {}

  /**
   * Computes where each element of one value lies in another: {@code start + sum over axes of index
   * * stride}.
   *
   * @param walked the shape whose elements are met in row-major order
   * @param start the place of its first element
   * @param strides how far one step along each axis of it moves
   * @return a place for each element
   */
  static int[] places(Shape walked, int start, int[] strides) {
    int[] places = new int[walked.size()];
    int[] index = new int[walked.rank()];
    int place = start;
    for (int i = 0; i < places.length; i++) {
      places[i] = place;
      // Count on by one, the last axis first, like the digits of a number.
      for (int axis = index.length - 1; axis >= 0; axis--) {
        place += strides[axis];
        if (++index[axis] < walked.dim(axis)) {
          break;
        }
        place -= strides[axis] * walked.dim(axis);
        index[axis] = 0;
      }
    }
    return places;
  }

  static Numbers broadcast(Numbers x, Shape shape) {
    int[] own = x.shape.strides();
    int[] strides = new int[shape.rank()];
    for (int fromEnd = 1; fromEnd <= x.shape.rank(); fromEnd++) {
      boolean repeated = x.dim(-fromEnd) == 1;
      strides[strides.length - fromEnd] = repeated ? 0 : own[own.length - fromEnd];
    }
    return take(x, shape, 0, strides);
  }

  static Numbers permute(Permute op, Numbers x, Shape shape) {
    int[] own = x.shape.strides();
    return take(x, shape, 0, op.axes().stream().mapToInt(axis -> own[axis]).toArray());
  }

  static Numbers slice(Slice op, Numbers x, Shape shape) {
    int[] strides = x.shape.strides();
    int start = 0;
    for (int axis = 0; axis < strides.length; axis++) {
      start += op.starts().get(axis) * strides[axis];
      strides[axis] *= op.steps().get(axis);
    }
    return take(x, shape, start, strides);
  }

  static Numbers flip(Flip op, Numbers x) {
    int[] strides = x.shape.strides();
    int start = 0;
    for (int axis : op.axes()) {
      start += (x.dim(axis) - 1) * strides[axis];
      strides[axis] = -strides[axis];
    }
    return take(x, x.shape, start, strides);
  }

  static Numbers pad(Pad op, Numbers x, Shape shape) {
    Numbers y = Numbers.zeros(shape);
    Arrays.fill(y.values, op.value());
    int[] strides = shape.strides();
    int start = 0;
    for (int axis = 0; axis < strides.length; axis++) {
      start += op.before().get(axis) * strides[axis];
      strides[axis] *= op.steps().get(axis);
    }
    put(x, y, start, strides);
    return y;
  }

  static Numbers concat(Concat op, Numbers[] inputs, Shape shape) {
    Numbers y = Numbers.zeros(shape);
    int[] strides = shape.strides();
    int before = 0;
    for (Numbers input : inputs) {
      put(input, y, before * strides[op.axis()], strides);
      before += input.dim(op.axis());
    }
    return y;
  }

  static Numbers gather(Numbers data, Numbers indices, Shape shape) {
    Numbers y = Numbers.zeros(shape);
    int width = rowWidth(shape);
    for (int i = 0; i < indices.values.length; i++) {
      int row = row("gather", indices, i, data.dim(0));
      System.arraycopy(data.values, row * width, y.values, i * width, width);
    }
    return y;
  }

  static Numbers scatterAdd(Numbers rows, Numbers indices, Shape shape) {
    Numbers y = Numbers.zeros(shape);
    int width = rowWidth(shape);
    for (int i = 0; i < indices.values.length; i++) {
      int row = row("scatter_add", indices, i, shape.dim(0));
      for (int j = 0; j < width; j++) {
        y.values[row * width + j] += rows.values[i * width + j];
      }
    }
    return y;
  }

  private static Numbers take(Numbers x, Shape shape, int start, int[] strides) {
    Numbers y = Numbers.zeros(shape);
    int[] places = places(shape, start, strides);
    for (int i = 0; i < places.length; i++) {
      y.values[i] = x.values[places[i]];
    }
    return y;
  }

  private static void put(Numbers x, Numbers y, int start, int[] strides) {
    int[] places = places(x.shape, start, strides);
    for (int i = 0; i < places.length; i++) {
      y.values[places[i]] = x.values[i];
    }
  }

  private static int rowWidth(Shape shape) {
    int width = 1;
    for (int axis = 1; axis < shape.rank(); axis++) {
      width *= shape.dim(axis);
    }
    return width;
  }

  private static int row(String op, Numbers indices, int position, int rows) {
    int row = (int) indices.values[position];
    if (row < 0 || row >= rows) {
      throw new ShapeException(
          op
              + ": index "
              + row
              + " at position "
              + position
              + " does not name a row; there are rows 0 to "
              + (rows - 1));
    }
    return row;
  }
}
