package dev.peregrine.bench;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What one thread of this machine can do at most; for all cores pass {@code -t max} to JMH. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class PeakBenchmark {
  private final Yardstick yardstick = new Yardstick();

  /**
   * Multiplies and adds on registers.
   *
   * @param work counts the arithmetic
   * @return the yardstick, so that nothing is optimised away
   */
  @Benchmark
  public Yardstick fusedMultiplyAdd(Work work) {
    yardstick.multiplyAdd();
    work.done(Yardstick.FLOPS, 0);
    return yardstick;
  }

  /**
   * Copies more than the caches hold.
   *
   * @param work counts the bytes
   * @return the yardstick, so that nothing is optimised away
   */
  @Benchmark
  public Yardstick copy(Work work) {
    yardstick.copy();
    work.done(0, Yardstick.BYTES);
    return yardstick;
  }
}
