package dev.peregrine.bench.peers;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Measures one turn of an engine.
 *
 * <p>One thread alone is measured by its processor time. Several are measured on the wall; a turn
 * during which other programs kept the processors busy is repeated a few times, and the quietest
 * counts.
 */
final class Clock {
  /** What a turn gave. */
  record Turn(double milliseconds, double disturbance) {}

  private static final double QUIET = 0.05;
  private static final int TRIES = 3;
  private static final double SECONDS_PER_TICK = 0.01;

  private final boolean processorTime;
  private final int slice;
  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
  private final OperatingSystemMXBean system =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  /**
   * Makes a clock.
   *
   * @param threads how many threads compute
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

  /** Takes a turn: the median time of a run. */
  Turn turn(Side side) {
    Turn best = once(side);
    for (int i = 1; i < TRIES && !processorTime && best.disturbance() > QUIET; i++) {
      Turn next = once(side);
      best = next.disturbance() < best.disturbance() ? next : best;
    }
    return best;
  }

  /** Runs once to fetch everything into caches, then for a slice. */
  private Turn once(Side side) {
    pause();
    side.run();
    List<Double> times = new ArrayList<>();
    double others = otherSeconds();
    long begin = System.nanoTime();
    long end = begin + slice * 1_000_000L;
    do {
      long start = now();
      side.run();
      times.add((now() - start) / 1e6);
    } while (System.nanoTime() < end);
    double seconds = (System.nanoTime() - begin) / 1e9 * system.getAvailableProcessors();
    return new Turn(
        median(times.stream().mapToDouble(Double::doubleValue).toArray()),
        Math.max(0, otherSeconds() - others) / seconds);
  }

  /** Seconds that all processors have worked for other programs. */
  private double otherSeconds() {
    try {
      String[] words = Files.readAllLines(Path.of("/proc/stat")).getFirst().split("\\s+");
      // user nice system (idle iowait) irq softirq steal
      long ticks = 0;
      for (int i : new int[] {1, 2, 3, 6, 7, 8}) {
        ticks += Long.parseLong(words[i]);
      }
      return ticks * SECONDS_PER_TICK - system.getProcessCpuTime() / 1e9;
    } catch (IOException failure) {
      throw new UncheckedIOException("peers: only Linux tells how busy it is", failure);
    }
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
