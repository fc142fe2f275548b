package dev.peregrine.bench;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * Adds rows with the share of the machine's peak and of its copy, in percent, measured in the same
 * seconds.
 *
 * <p>Before each iteration the {@link Yardstick} runs for a moment on the same thread, and all is
 * timed by the thread's CPU time. So the shares hold on a busy machine, where GFLOP/s by the clock
 * on the wall say little. They are of meaning with one computing thread only.
 */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.EVENTS)
public class Share {
  private static final long NANOS = 100_000_000;

  /**
   * GFLOP per thread CPU second divided by the peak's, in percent. JMH adds such a row up over
   * iterations and forks, so each contributes its part of the mean.
   */
  public double percentOfPeak;

  /** GB per thread CPU second divided by the copy's, in percent; caches may exceed 100. */
  public double percentOfCopy;

  private final Yardstick yardstick = new Yardstick();
  private double peak;
  private double copy;
  private double flop;
  private double bytes;
  private int parts = 1;
  private long started;

  /**
   * Measures the yardstick and starts the clock.
   *
   * @param run how many iterations and forks there will be
   */
  @Setup(Level.Iteration)
  public void start(BenchmarkParams run) {
    parts = run.getMeasurement().getCount() * Math.max(1, run.getForks());
    peak = rate(yardstick::multiplyAdd, Yardstick.FLOPS);
    copy = rate(yardstick::copy, Yardstick.BYTES);
    flop = 0;
    bytes = 0;
    started = Clock.THREAD.nanos();
  }

  private static double rate(Runnable run, long amount) {
    long from = Clock.THREAD.nanos();
    long spent;
    double done = 0;
    do {
      run.run();
      done += amount;
      spent = Clock.THREAD.nanos() - from;
    } while (spent < NANOS);
    return done / spent;
  }

  /**
   * Counts what one invocation did.
   *
   * @param flops floating-point operations
   * @param moved bytes
   */
  void done(long flops, long moved) {
    flop += flops;
    bytes += moved;
    double nanos = Clock.THREAD.nanos() - started;
    percentOfPeak = 100.0 / parts * flop / nanos / peak;
    percentOfCopy = 100.0 / parts * bytes / nanos / copy;
  }
}
