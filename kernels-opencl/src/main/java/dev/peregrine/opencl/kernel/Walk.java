package dev.peregrine.opencl.kernel;

import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.shape.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How elements of a shape are met one after another in several values at once: what {@code walk.cl}
 * takes.
 *
 * <p>A step along an axis moves some rows and some channels through each value. Rows and channels
 * are kept apart, since the distance between rows is known only when memory is: a channel slice has
 * a larger one. Neighbouring axes that all values walk through as one are made one.
 */
final class Walk {
  /** Axes that a walk has at most, once they are made one. */
  private static final int MOST_AXES = 8;

  /**
   * The way through one value; axes from the innermost.
   *
   * @param first rows and channels to the first element
   * @param rows rows to the next element along each axis
   * @param channels channels to the next element along each axis
   */
  record Steps(int[] first, int[] rows, int[] channels) {
    /** The way through all elements of a shape, itself the walked one. */
    static Steps dense(Shape shape) {
      return through(shape, 0, 0);
    }

    /** The way through a shape that begins some rows and channels in. */
    static Steps through(Shape shape, int firstRow, int firstChannel) {
      int rank = shape.rank();
      int[] rows = new int[rank];
      int[] channels = new int[rank];
      int step = 1;
      for (int axis = rank - 2; axis >= 0; axis--) {
        rows[rank - 1 - axis] = step;
        step *= shape.dim(axis);
      }
      if (rank > 0) {
        channels[0] = 1;
      }
      return new Steps(new int[] {firstRow, firstChannel}, rows, channels);
    }

    /** The way through a value that is repeated to a larger shape. */
    static Steps repeated(Shape value, Shape walked) {
      Steps own = dense(value);
      int[] rows = Arrays.copyOf(own.rows, walked.rank());
      int[] channels = Arrays.copyOf(own.channels, walked.rank());
      for (int fromEnd = 1; fromEnd <= value.rank(); fromEnd++) {
        if (value.dim(-fromEnd) == 1) {
          rows[fromEnd - 1] = 0;
          channels[fromEnd - 1] = 0;
        }
      }
      return new Steps(own.first, rows, channels);
    }
  }

  final int count;
  final int[] extents;
  final List<Steps> ways;

  private Walk(int count, int[] extents, List<Steps> ways) {
    this.count = count;
    this.extents = extents;
    this.ways = ways;
  }

  /** Makes the walk through a shape, with the way through each value. */
  static Walk through(Shape shape, Steps... ways) {
    int[] extents = new int[shape.rank()];
    for (int i = 0; i < extents.length; i++) {
      extents[i] = shape.dim(-1 - i);
    }
    return through(shape.size(), extents, ways);
  }

  /** Makes the walk through extents, innermost first. */
  static Walk through(int count, int[] extents, Steps... ways) {
    List<Integer> merged = new ArrayList<>();
    List<Integer> kept = new ArrayList<>();
    for (int axis = 0; axis < extents.length; axis++) {
      if (extents[axis] == 1) {
        continue;
      }
      int last = kept.size() - 1;
      if (last >= 0 && continues(ways, kept.get(last), merged.get(last), axis)) {
        merged.set(last, merged.get(last) * extents[axis]);
      } else {
        kept.add(axis);
        merged.add(extents[axis]);
      }
    }
    if (kept.size() > MOST_AXES) {
      throw new DeviceException(
          "opencl: a value of "
              + kept.size()
              + " axes that cannot be walked through as fewer is beyond the "
              + MOST_AXES
              + " that its kernels know; reshape it first");
    }
    List<Steps> shorter = new ArrayList<>();
    for (Steps way : ways) {
      shorter.add(
          new Steps(
              way.first,
              kept.stream().mapToInt(axis -> way.rows[axis]).toArray(),
              kept.stream().mapToInt(axis -> way.channels[axis]).toArray()));
    }
    return new Walk(count, merged.stream().mapToInt(Integer::intValue).toArray(), shorter);
  }

  /** Whether a step along an axis is, for all values, as many steps along an inner one. */
  private static boolean continues(Steps[] ways, int inner, int extent, int axis) {
    return Arrays.stream(ways)
        .allMatch(way ->
            way.rows[axis] == way.rows[inner] * extent
                && way.channels[axis] == way.channels[inner] * extent);
  }

  /** The number of axes that kernels are compiled for: few different ones, to compile less. */
  int compiledRank() {
    return extents.length <= 2 ? 2 : extents.length <= 4 ? 4 : MOST_AXES;
  }
}
