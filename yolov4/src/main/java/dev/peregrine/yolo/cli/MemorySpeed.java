package dev.peregrine.yolo.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * How fast all threads together copy memory that no cache holds: what bounds a network's cheap
 * layers and every optimiser.
 *
 * @param gigabytes bytes read and written in a second, in 10^9
 * @param threads how many copied
 */
record MemorySpeed(double gigabytes, int threads) {
  private static final int MOST_FLOATS = 1 << 25;
  private static final int ROUNDS = 7;

  /**
   * Measures.
   *
   * <p><b>Cost</b> some tenths of a second, and two arrays of up to 128 MiB, less where Java may
   * use little.
   *
   * @param threads how many copy a part each
   */
  static MemorySpeed measure(int threads) {
    long sixteenth = Runtime.getRuntime().maxMemory() / 16 / Float.BYTES;
    int part = (int) Math.min(MOST_FLOATS, sixteenth) / threads;
    float[] from = new float[part * threads];
    float[] to = new float[part * threads];
    Arrays.fill(from, 1); // pages that were never written are not memory yet
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      IntStream.range(0, threads)
          .parallel()
          .forEach(i -> System.arraycopy(from, i * part, to, i * part, part));
      long nanos = System.nanoTime() - start;
      best = Math.max(best, 2.0 * Float.BYTES * part * threads / nanos);
    }
    return new MemorySpeed(best, threads);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%.1f GB/s of memory read and written, a copy on %d threads",
        gigabytes,
        threads);
  }
}
