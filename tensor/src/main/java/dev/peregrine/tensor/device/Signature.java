package dev.peregrine.tensor.device;

import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;

/**
 * The specs a kernel is prepared for.
 *
 * @param inputs specs of the inputs, in order
 * @param outputs specs of the outputs, in order
 */
public record Signature(List<Spec> inputs, List<Spec> outputs) {
  /** Copies the lists. */
  public Signature {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /**
   * Makes the signature of an operation by its shape law.
   *
   * @param op the operation
   * @param inputs specs of its inputs
   * @return the signature
   */
  public static Signature of(Op op, List<Spec> inputs) {
    return new Signature(inputs, op.infer(inputs));
  }

  /**
   * Returns the spec of one input.
   *
   * @param index its position
   * @return its spec
   */
  public Spec input(int index) {
    return inputs.get(index);
  }

  /**
   * Returns the spec of the first output.
   *
   * @return its spec
   */
  public Spec output() {
    return outputs.get(0);
  }
}
