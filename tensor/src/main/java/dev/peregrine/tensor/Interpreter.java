package dev.peregrine.tensor;

import dev.peregrine.tensor.op.Op;
import java.util.List;

/**
 * Who applies an operation: {@link Eager} runs it now, a tape runs and remembers it, a tracer only
 * writes it down.
 *
 * <p>An interpreter is current within {@link Ops#with}, on the thread that called it.
 */
@FunctionalInterface
public interface Interpreter {
  /**
   * Applies an operation.
   *
   * @param op what to compute
   * @param inputs its inputs, in order
   * @return its outputs, in order
   */
  List<Tensor> apply(Op op, List<Tensor> inputs);
}
