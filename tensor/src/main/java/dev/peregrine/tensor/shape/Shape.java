package dev.peregrine.tensor.shape;

import java.util.Arrays;
import java.util.List;

/**
 * The extents of a tensor, outermost axis first, compared by value.
 *
 * <p>Activations are {@code [N, H, W, C]}, filters {@code [KH, KW, Cin / groups, Cout]}. A negative
 * axis counts from the end: {@code -1} is the innermost, contiguous axis.
 */
public final class Shape {
  private static final Shape SCALAR = new Shape(new int[0]);

  private final int[] extents;
  private final int size;

  private Shape(int[] extents) {
    long product = 1;
    for (int extent : extents) {
      if (extent < 0) {
        throw new ShapeException(
            "shape: extent "
                + extent
                + " in "
                + Arrays.toString(extents)
                + " is negative; every extent is 0 or more");
      }
      product *= extent;
      if (product > Integer.MAX_VALUE) {
        throw new ShapeException(
            "shape: "
                + Arrays.toString(extents)
                + " has more than 2^31 - 1 elements, the most one tensor holds");
      }
    }
    this.extents = extents;
    this.size = (int) product;
  }

  /**
   * Makes a shape.
   *
   * @param extents outermost first; none for a scalar
   * @return the shape
   */
  public static Shape of(int... extents) {
    return extents.length == 0 ? SCALAR : new Shape(extents.clone());
  }

  /**
   * Makes a shape from a list.
   *
   * @param extents outermost first
   * @return the shape
   */
  public static Shape of(List<Integer> extents) {
    return of(extents.stream().mapToInt(Integer::intValue).toArray());
  }

  /**
   * Returns the number of axes.
   *
   * @return 0 for a scalar
   */
  public int rank() {
    return extents.length;
  }

  /**
   * Returns the extent of one axis.
   *
   * @param axis the axis; negative counts from the end
   * @return its extent
   */
  public int dim(int axis) {
    return extents[axis(axis)];
  }

  /**
   * Returns the number of elements.
   *
   * @return the product of all extents
   */
  public int size() {
    return size;
  }

  /**
   * Returns the extent of the innermost axis, the channels of an activation.
   *
   * @return the last extent, or 1 for a scalar
   */
  public int channels() {
    return extents.length == 0 ? 1 : extents[extents.length - 1];
  }

  /**
   * Returns how many rows of {@link #channels()} elements there are, the pixels of an activation.
   *
   * @return the product of all extents but the last
   */
  public int rows() {
    int rows = 1;
    for (int i = 0; i < extents.length - 1; i++) {
      rows *= extents[i];
    }
    return rows;
  }

  /**
   * Returns a copy of the extents.
   *
   * @return outermost first
   */
  public int[] toArray() {
    return extents.clone();
  }

  /**
   * Normalises an axis.
   *
   * @param axis the axis; negative counts from the end
   * @return the axis counted from 0
   */
  public int axis(int axis) {
    int normal = axis < 0 ? axis + extents.length : axis;
    if (normal < 0 || normal >= extents.length) {
      throw new ShapeException(
          "shape: axis "
              + axis
              + " of "
              + this
              + " does not exist; its axes are 0 to "
              + (extents.length - 1));
    }
    return normal;
  }

  /**
   * Replaces one extent.
   *
   * @param axis the axis; negative counts from the end
   * @param extent the new extent
   * @return the changed shape
   */
  public Shape with(int axis, int extent) {
    int[] changed = extents.clone();
    changed[axis(axis)] = extent;
    return new Shape(changed);
  }

  /**
   * Returns the number of elements one step along each axis passes over in a dense tensor.
   *
   * @return row-major strides in elements
   */
  public int[] strides() {
    int[] strides = new int[extents.length];
    int step = 1;
    for (int i = extents.length - 1; i >= 0; i--) {
      strides[i] = step;
      step *= extents[i];
    }
    return strides;
  }

  /**
   * Combines two shapes by the broadcasting law: aligned at the last axis, each pair of extents is
   * equal or one of them is 1 or absent.
   *
   * @param a one shape
   * @param b the other
   * @return the combined shape
   */
  public static Shape broadcast(Shape a, Shape b) {
    int rank = Math.max(a.rank(), b.rank());
    int[] result = new int[rank];
    for (int i = 1; i <= rank; i++) {
      int left = i <= a.rank() ? a.dim(-i) : 1;
      int right = i <= b.rank() ? b.dim(-i) : 1;
      if (left != right && left != 1 && right != 1) {
        throw new ShapeException(
            "broadcast: "
                + a
                + " and "
                + b
                + " differ at axis -"
                + i
                + " ("
                + left
                + " against "
                + right
                + "); aligned at the last axis, extents are equal or one of them is 1");
      }
      result[rank - i] = left == 1 ? right : left;
    }
    return new Shape(result);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape that && Arrays.equals(extents, that.extents);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(extents);
  }

  /** Returns the extents as {@code [2, 8, 8, 3]}. */
  @Override
  public String toString() {
    return Arrays.toString(extents);
  }
}
