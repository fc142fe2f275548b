package dev.peregrine.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * Adds a row with the share of the machine's peak, in percent, measured in the same seconds.
 *
 * <p>Before each iteration a loop of fused multiply-adds on registers runs for a moment on the same
 * thread, and both are timed by the thread's CPU time. So the share holds on a busy machine, where
 * GFLOP/s by the clock on the wall say little. It is of meaning with one computing thread only.
 */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.EVENTS)
public class ConvolutionShare {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final long PEAK_NANOS = 100_000_000;

  /**
   * GFLOP per thread CPU second divided by the peak's, in percent. JMH adds such a row up over
   * iterations and forks, so each contributes its part of the mean.
   */
  public double percentOfPeak;

  private double peak;
  private double gflop;
  private int parts = 1;
  private long started;

  /**
   * Measures the peak and starts the clock.
   *
   * @param run how many iterations and forks there will be
   */
  @Setup(Level.Iteration)
  public void start(BenchmarkParams run) {
    parts = run.getMeasurement().getCount() * Math.max(1, run.getForks());
    PeakBenchmark benchmark = new PeakBenchmark();
    Work work = new Work();
    long from = THREADS.getCurrentThreadCpuTime();
    float sum = 0;
    long nanos = 0;
    while (nanos < PEAK_NANOS) {
      sum += benchmark.fusedMultiplyAdd(work);
      nanos = THREADS.getCurrentThreadCpuTime() - from;
    }
    // Not a number only if the loop was not computed.
    peak = Float.isNaN(sum) ? Double.NaN : work.gflop / nanos;
    gflop = 0;
    started = THREADS.getCurrentThreadCpuTime();
  }

  /**
   * Counts what one invocation computed.
   *
   * @param flops floating-point operations
   */
  void done(long flops) {
    gflop += flops / 1e9;
    percentOfPeak = 100.0 / parts * gflop / (THREADS.getCurrentThreadCpuTime() - started) / peak;
  }
}
