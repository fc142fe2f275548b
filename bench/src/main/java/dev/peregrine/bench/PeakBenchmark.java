package dev.peregrine.bench;

import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What one thread of this machine can do at most: fused multiply-adds on registers alone.
 *
 * <p>Twelve independent chains hide the latency of the instruction on every processor known to us
 * (latency 4, two units: eight would do). For all cores pass {@code -t max} to JMH.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class PeakBenchmark {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int STEPS = 4096;
  private static final int CHAINS = 12;

  private final float factor = 0.999f;
  private final float addend = 0.001f;

  /**
   * Runs {@value #STEPS} steps of {@value #CHAINS} chains.
   *
   * @param work counts the arithmetic
   * @return a sum over all chains, so that nothing is optimised away
   */
  @Benchmark
  public float fusedMultiplyAdd(Work work) {
    FloatVector m = FloatVector.broadcast(SPECIES, factor);
    FloatVector c = FloatVector.broadcast(SPECIES, addend);
    FloatVector a0 = m;
    FloatVector a1 = m.add(1);
    FloatVector a2 = m.add(2);
    FloatVector a3 = m.add(3);
    FloatVector a4 = m.add(4);
    FloatVector a5 = m.add(5);
    FloatVector a6 = m.add(6);
    FloatVector a7 = m.add(7);
    FloatVector a8 = m.add(8);
    FloatVector a9 = m.add(9);
    FloatVector a10 = m.add(10);
    FloatVector a11 = m.add(11);
    for (int step = 0; step < STEPS; step++) {
      a0 = a0.fma(m, c);
      a1 = a1.fma(m, c);
      a2 = a2.fma(m, c);
      a3 = a3.fma(m, c);
      a4 = a4.fma(m, c);
      a5 = a5.fma(m, c);
      a6 = a6.fma(m, c);
      a7 = a7.fma(m, c);
      a8 = a8.fma(m, c);
      a9 = a9.fma(m, c);
      a10 = a10.fma(m, c);
      a11 = a11.fma(m, c);
    }
    work.done(2L * STEPS * CHAINS * SPECIES.length());
    FloatVector low = a0.add(a1).add(a2).add(a3).add(a4).add(a5);
    FloatVector high = a6.add(a7).add(a8).add(a9).add(a10).add(a11);
    return low.add(high).reduceLanes(VectorOperators.ADD);
  }
}
