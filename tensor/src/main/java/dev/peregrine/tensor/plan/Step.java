package dev.peregrine.tensor.plan;

import dev.peregrine.tensor.shape.Spec;

/**
 * What is known of one step of a plan before it runs.
 *
 * @param value the name of its result in the text of the plan's graph
 * @param op the operation and its attributes
 * @param algorithm how the device computes it
 * @param output the spec of its first result
 * @param bytes what it reads and writes once
 * @param flops floating-point operations, a multiplication and an addition as two
 */
public record Step(String value, String op, String algorithm, Spec output, long bytes, long flops) {
  /**
   * Returns the kind of kernel: the operation and the first word of the algorithm, such as {@code
   * conv2d winograd}.
   *
   * @return the kind
   */
  public String family() {
    return op.split("[ (\\[]", 2)[0] + " " + algorithm.split(" ", 2)[0];
  }
}
