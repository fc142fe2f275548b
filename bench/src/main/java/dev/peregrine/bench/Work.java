package dev.peregrine.bench;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Adds rows with the work done: JMH divides them by the time of each iteration. */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class Work {
  /** Floating-point operations done in this iteration, in billions; shown as GFLOP/s. */
  public double gflop;

  /** Bytes read and written in this iteration, in billions; shown as GB/s. */
  public double gigabyte;

  /**
   * Counts what one invocation did.
   *
   * @param flops floating-point operations, a multiplication and an addition as two
   * @param bytes inputs and outputs, each once
   */
  void done(long flops, long bytes) {
    gflop += flops / 1e9;
    gigabyte += bytes / 1e9;
  }
}
