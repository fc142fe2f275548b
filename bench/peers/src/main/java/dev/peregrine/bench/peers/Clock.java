package dev.peregrine.bench.peers;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Measures one turn of an engine. */
final class Clock {
  private final boolean processorTime;
  private final int slice;
  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

  /**
   * Makes a clock.
   *
   * @param threads how many threads compute; one alone is measured by its processor time
   * @param slice milliseconds of a turn
   */
  Clock(int threads, int slice) {
    this.processorTime = threads == 1 && this.threads.isCurrentThreadCpuTimeSupported();
    this.slice = slice;
  }

  String unit() {
    return processorTime ? "processor time" : "wall time";
  }

  private long now() {
    return processorTime ? threads.getCurrentThreadCpuTime() : System.nanoTime();
  }

  /** Runs once to fetch everything into caches, then for a slice; the median in milliseconds. */
  double turn(Side side) {
    pause();
    side.run();
    List<Double> times = new ArrayList<>();
    long end = System.nanoTime() + slice * 1_000_000L;
    do {
      long start = now();
      side.run();
      times.add((now() - start) / 1e6);
    } while (System.nanoTime() < end);
    return median(times.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /** Lets the threads of the engine before end their waiting. */
  private static void pause() {
    try {
      Thread.sleep(40);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("peers: interrupted", e);
    }
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
}
