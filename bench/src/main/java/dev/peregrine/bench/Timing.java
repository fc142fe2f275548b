package dev.peregrine.bench;

import java.util.Arrays;

/**
 * How long a piece of work takes, and how that compares with a yardstick run in turns with it.
 *
 * <p>A machine's speed drifts and neighbours disturb it; the ratio of two things timed within
 * milliseconds of each other hardly does. Both numbers are medians over the turns.
 *
 * @param seconds of one run
 * @param share amount of work per second, divided by that of the yardstick
 */
public record Timing(double seconds, double share) {
  private static final long TURN_NANOS = 4_000_000;
  private static final long YARDSTICK_NANOS = 1_500_000;
  private static final int LEAST_TURNS = 5;
  private static final int MOST_TURNS = 201;
  private static final long HEAT_NANOS = 1_500_000_000;
  private static final long WARM_NANOS = 40_000_000;
  private static final int LEAST_WARM = 4;
  private static final int MOST_WARM = 30;

  /**
   * The work to hold against.
   *
   * @param run does a short piece of it
   * @param amount how much that is
   */
  public record Unit(Runnable run, long amount) {}

  /**
   * Warms up and measures.
   *
   * @param work what to measure
   * @param amount how much it does in one run, counted as the yardstick's
   * @param yardstick what to hold it against
   * @param clock how to take the time
   * @param seconds how long to measure, after warming up
   * @return the medians
   */
  public static Timing of(Runnable work, long amount, Unit yardstick, Clock clock, double seconds) {
    double each = warm(work, clock);
    warm(yardstick.run, clock);
    int runs = (int) Math.max(1, TURN_NANOS / each);
    double[] nanos = new double[MOST_TURNS];
    double[] shares = new double[MOST_TURNS];
    int turns = 0;
    double before = rate(yardstick, clock);
    long end = System.nanoTime() + (long) (1e9 * seconds);
    while (turns < LEAST_TURNS || turns < MOST_TURNS && System.nanoTime() < end) {
      nanos[turns] = run(work, runs, clock) / runs;
      double after = rate(yardstick, clock);
      shares[turns] = amount / nanos[turns] / ((before + after) / 2);
      before = after;
      turns++;
    }
    return new Timing(median(nanos, turns) / 1e9, median(shares, turns));
  }

  /**
   * Runs for a second and a half: so long the compiler may take over a large kernel that is new to
   * it, and until then more runs get no faster.
   *
   * @param work what to run
   */
  static void heat(Runnable work) {
    long end = System.nanoTime() + HEAT_NANOS;
    while (System.nanoTime() < end) {
      work.run();
    }
  }

  /** Runs until it gets no faster; returns the nanoseconds of one run. */
  private static double warm(Runnable work, Clock clock) {
    double best = Double.MAX_VALUE;
    for (int i = 0; i < MOST_WARM; i++) {
      long start = clock.nanos();
      int runs = 0;
      long spent;
      do {
        work.run();
        runs++;
        spent = clock.nanos() - start;
      } while (spent < WARM_NANOS);
      double each = (double) spent / runs;
      if (i >= LEAST_WARM && each > 0.97 * best) {
        break;
      }
      best = Math.min(best, each);
    }
    return best;
  }

  private static double rate(Unit yardstick, Clock clock) {
    long start = clock.nanos();
    long amount = 0;
    long spent;
    do {
      yardstick.run.run();
      amount += yardstick.amount;
      spent = clock.nanos() - start;
    } while (spent < YARDSTICK_NANOS);
    return (double) amount / spent;
  }

  private static double run(Runnable work, int runs, Clock clock) {
    long start = clock.nanos();
    for (int i = 0; i < runs; i++) {
      work.run();
    }
    return clock.nanos() - start;
  }

  private static double median(double[] values, int count) {
    double[] sorted = Arrays.copyOf(values, count);
    Arrays.sort(sorted);
    return count % 2 == 1 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
  }
}
