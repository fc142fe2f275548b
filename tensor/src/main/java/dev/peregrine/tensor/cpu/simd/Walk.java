package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import dev.peregrine.tensor.shape.Shape;

/** Walks through buffers of one shape together, in runs of elements that are neighbours in all. */
final class Walk {
  /** Elements of a task: some microseconds of work, and small enough for the second-level cache. */
  static final int CHUNK = 16_384;

  private Walk() {}

  /** Computes on one run. */
  @FunctionalInterface
  interface Run {
    /**
     * Computes on neighbouring elements.
     *
     * @param at where the run begins in the array of each buffer
     * @param size elements in the run
     */
    void run(int[] at, int size);
  }

  /** Tells how many rows make a task. */
  static int rowsPerTask(int channels) {
    return Math.max(1, CHUNK / Math.max(1, channels));
  }

  /**
   * Walks through all elements; without gaps in any buffer the runs are long, else they are rows.
   *
   * @param workers share the work
   * @param run computes on one run
   * @param buffers of one shape
   */
  static void elements(Workers workers, Run run, HostBuffer... buffers) {
    Shape shape = buffers[0].spec().shape();
    boolean dense = true;
    for (HostBuffer buffer : buffers) {
      dense &= buffer.isDense();
    }
    if (!dense) {
      rows(workers, run, buffers);
      return;
    }
    workers.ranges(
        shape.size(),
        CHUNK,
        (from, to) -> {
          int[] at = new int[buffers.length];
          for (int i = 0; i < at.length; i++) {
            at[i] = buffers[i].offset() + from;
          }
          run.run(at, to - from);
        });
  }

  /**
   * Walks through all rows.
   *
   * @param workers share the work
   * @param run computes on one row
   * @param buffers with equally many rows; the run has the channels of the first
   */
  static void rows(Workers workers, Run run, HostBuffer... buffers) {
    Shape shape = buffers[0].spec().shape();
    int channels = shape.channels();
    workers.ranges(
        shape.rows(),
        rowsPerTask(channels),
        (from, to) -> {
          int[] at = new int[buffers.length];
          for (int row = from; row < to; row++) {
            for (int i = 0; i < at.length; i++) {
              at[i] = buffers[i].offset() + row * buffers[i].stride();
            }
            run.run(at, channels);
          }
        });
  }
}
