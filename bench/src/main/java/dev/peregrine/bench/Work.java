package dev.peregrine.bench;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Adds a row with the arithmetic done: JMH divides it by the time of each iteration. */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class Work {
  /** Floating-point operations done in this iteration, in billions; shown as GFLOP/s. */
  public double gflop;

  /**
   * Counts what one invocation computed.
   *
   * @param flops floating-point operations, a multiplication and an addition as two
   */
  void done(long flops) {
    gflop += flops / 1e9;
  }
}
