package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import dev.peregrine.tensor.shape.Shape;
import java.util.Arrays;

/**
 * Copies a box of elements between arrays, each with a stride of its own along every axis.
 *
 * <p>Slices, flips, transposes, repetitions and concatenations are all this: a stride of 0 in the
 * source repeats, a negative one reverses, a large one skips.
 *
 * <p>Axes are joined where both sides allow it, so that what remains innermost is long; then whole
 * runs are copied or filled. Where source and target are contiguous along different axes, the copy
 * goes through small square tiles.
 */
final class StridedCopy {
  private static final int TILE = 16;

  /** Extents of the joined axes and the strides along them; the last axis is the innermost. */
  private final int[] extents;

  private final int[] fromStrides;
  private final int[] toStrides;
  private final int runs;

  /**
   * Plans a copy.
   *
   * @param shape extents of the box
   * @param fromStrides strides in the source
   * @param toStrides strides in the target
   */
  StridedCopy(int[] shape, int[] fromStrides, int[] toStrides) {
    int[] e = new int[Math.max(1, shape.length)];
    int[] f = new int[e.length];
    int[] t = new int[e.length];
    int rank = 0;
    for (int axis = 0; axis < shape.length; axis++) {
      if (shape[axis] == 1) {
        continue;
      }
      boolean joins =
          rank > 0
              && f[rank - 1] == fromStrides[axis] * shape[axis]
              && t[rank - 1] == toStrides[axis] * shape[axis];
      if (joins) {
        e[rank - 1] *= shape[axis];
      } else {
        e[rank++] = shape[axis];
      }
      f[rank - 1] = fromStrides[axis];
      t[rank - 1] = toStrides[axis];
    }
    if (rank == 0) {
      e[rank] = 1;
      f[rank] = 1;
      t[rank] = 1;
      rank++;
    }
    this.extents = Arrays.copyOf(e, rank);
    this.fromStrides = Arrays.copyOf(f, rank);
    this.toStrides = Arrays.copyOf(t, rank);
    if (isTransposed()) {
      moveContiguousSourceAxisInward();
    }
    int size = 1;
    for (int extent : extents) {
      size *= extent;
    }
    this.runs = size == 0 ? 0 : size / runSize();
  }

  /** Computes the strides of a buffer's elements. */
  static int[] strides(HostBuffer buffer) {
    return strides(buffer.spec().shape(), buffer.stride());
  }

  private static int[] strides(Shape shape, int rowStride) {
    int[] strides = shape.strides();
    int channels = Math.max(1, shape.channels());
    for (int axis = 0; axis < strides.length - 1; axis++) {
      strides[axis] = strides[axis] / channels * rowStride;
    }
    return strides;
  }

  private boolean isTransposed() {
    int last = extents.length - 1;
    if (fromStrides[last] == 1 || fromStrides[last] == 0) {
      return false;
    }
    for (int axis = 0; axis < last; axis++) {
      if (fromStrides[axis] == 1) {
        return true;
      }
    }
    return false;
  }

  private void moveContiguousSourceAxisInward() {
    int to = extents.length - 2;
    for (int axis = 0; axis < to; axis++) {
      if (fromStrides[axis] == 1) {
        for (int[] values : new int[][] {extents, fromStrides, toStrides}) {
          int moved = values[axis];
          values[axis] = values[to];
          values[to] = moved;
        }
        return;
      }
    }
  }

  private int runSize() {
    int last = extents.length - 1;
    return isTransposed() ? extents[last] * extents[last - 1] : extents[last];
  }

  /**
   * Copies.
   *
   * @param workers share the work
   * @param from the source array
   * @param fromAt its element that goes first
   * @param to the target array
   * @param toAt where the first element goes
   */
  void run(Workers workers, float[] from, int fromAt, float[] to, int toAt) {
    bind(workers, from, fromAt, to, toAt).run();
  }

  /**
   * Makes a copy ready, to be repeated without allocating.
   *
   * @param workers share the work
   * @param from the source array
   * @param fromAt its element that goes first
   * @param to the target array
   * @param toAt where the first element goes
   * @return copies
   */
  Runnable bind(Workers workers, float[] from, int fromAt, float[] to, int toAt) {
    if (runs == 0) {
      return () -> {};
    }
    boolean transposed = isTransposed();
    int outer = extents.length - (transposed ? 2 : 1);
    if (transposed && runs < 4 * workers.threads()) {
      return () -> transposeWide(workers, outer, from, fromAt, to, toAt);
    }
    int size = runSize();
    if (outer == 0 && fromStrides[0] == 1 && toStrides[0] == 1) {
      return workers.ready(
          size,
          4 * Walk.CHUNK,
          (begin, end) -> System.arraycopy(from, fromAt + begin, to, toAt + begin, end - begin));
    }
    return workers.ready(
        runs,
        Walk.rowsPerTask(size),
        (begin, end) -> {
          int last = outer - 1;
          int inRow = outer == 0 ? 1 : extents[last];
          int run = begin;
          while (run < end) {
            // Along the last outer axis the places are evenly spaced.
            int fromRun = fromAt + place(run, outer, fromStrides);
            int toRun = toAt + place(run, outer, toStrides);
            int count = Math.min(end - run, inRow - run % inRow);
            int fromStep = outer == 0 ? 0 : fromStrides[last];
            int toStep = outer == 0 ? 0 : toStrides[last];
            for (int i = 0; i < count; i++) {
              if (transposed) {
                transpose(from, fromRun + i * fromStep, to, toRun + i * toStep, 0, extents[outer]);
              } else {
                line(from, fromRun + i * fromStep, to, toRun + i * toStep);
              }
            }
            run += count;
          }
        });
  }

  /** Shares out the rows of few large transposes. */
  private void transposeWide(
      Workers workers, int outer, float[] from, int fromAt, float[] to, int toAt) {
    int rows = extents[outer];
    int blocks = (rows + TILE - 1) / TILE;
    workers.run(
        runs * blocks,
        task -> {
          int run = task / blocks;
          int row = task % blocks * TILE;
          transpose(
              from,
              fromAt + place(run, outer, fromStrides),
              to,
              toAt + place(run, outer, toStrides),
              row,
              Math.min(rows, row + TILE));
        });
  }

  private int place(int run, int outer, int[] strides) {
    int place = 0;
    int rest = run;
    for (int axis = outer - 1; axis >= 0; axis--) {
      place += rest % extents[axis] * strides[axis];
      rest /= extents[axis];
    }
    return place;
  }

  private void line(float[] from, int fromAt, float[] to, int toAt) {
    int last = extents.length - 1;
    int size = extents[last];
    int fromStep = fromStrides[last];
    int toStep = toStrides[last];
    if (toStep == 1 && fromStep == 1) {
      System.arraycopy(from, fromAt, to, toAt, size);
    } else if (toStep == 1 && fromStep == 0) {
      Arrays.fill(to, toAt, toAt + size, from[fromAt]);
    } else {
      for (int i = 0; i < size; i++) {
        to[toAt + i * toStep] = from[fromAt + i * fromStep];
      }
    }
  }

  /** Copies rows of the second-innermost axis, along which the source is contiguous. */
  private void transpose(float[] from, int fromAt, float[] to, int toAt, int rowFrom, int rowTo) {
    int last = extents.length - 1;
    int columns = extents[last];
    int fromColumn = fromStrides[last];
    int toColumn = toStrides[last];
    int toRow = toStrides[last - 1];
    for (int row = rowFrom; row < rowTo; row += TILE) {
      int rowEnd = Math.min(rowTo, row + TILE);
      for (int column = 0; column < columns; column += TILE) {
        int columnEnd = Math.min(columns, column + TILE);
        for (int r = row; r < rowEnd; r++) {
          int source = fromAt + r;
          int target = toAt + r * toRow;
          for (int c = column; c < columnEnd; c++) {
            to[target + c * toColumn] = from[source + c * fromColumn];
          }
        }
      }
    }
  }
}
