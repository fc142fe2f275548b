package dev.peregrine.autograd;

import dev.peregrine.tensor.Interpreter;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.Op;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Sees what a step computes. */
@FunctionalInterface
public interface Watcher {
  /**
   * Called after each operation, while its results are readable.
   *
   * @param op the operation
   * @param inputs its inputs
   * @param outputs its results
   * @param backward whether the step goes backward
   */
  void applied(Op op, List<Tensor> inputs, List<Tensor> outputs, boolean backward);

  /**
   * Makes an interpreter that does what another does, and is seen.
   *
   * @param plain the other one
   * @param backward tells whether the step goes backward
   * @return the interpreter
   */
  default Interpreter watch(Interpreter plain, BooleanSupplier backward) {
    return (op, inputs) -> {
      List<Tensor> outputs = plain.apply(op, inputs);
      applied(op, inputs, outputs, backward.getAsBoolean());
      return outputs;
    };
  }
}
