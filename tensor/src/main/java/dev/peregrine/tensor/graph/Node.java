package dev.peregrine.tensor.graph;

import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.shape.Spec;
import java.util.ArrayList;
import java.util.List;

/** One application of an operation to values; compares by identity and never changes. */
public final class Node {
  private final Op op;
  private final List<Value> inputs;
  private final List<Value.Result> outputs;

  Node(Op op, List<? extends Value> inputs) {
    this.op = op;
    this.inputs = List.copyOf(inputs);
    List<Spec> specs = op.infer(inputSpecs());
    List<Value.Result> results = new ArrayList<>(specs.size());
    for (int i = 0; i < specs.size(); i++) {
      results.add(new Value.Result(this, i, specs.get(i)));
    }
    this.outputs = List.copyOf(results);
  }

  /**
   * Returns what is computed.
   *
   * @return the operation
   */
  public Op op() {
    return op;
  }

  /**
   * Returns the operands.
   *
   * @return the inputs, in order
   */
  public List<Value> inputs() {
    return inputs;
  }

  /**
   * Returns one operand.
   *
   * @param index its position
   * @return the input
   */
  public Value input(int index) {
    return inputs.get(index);
  }

  /**
   * Returns the results.
   *
   * @return the outputs, in order
   */
  public List<Value.Result> outputs() {
    return outputs;
  }

  /**
   * Returns the first result.
   *
   * @return output 0
   */
  public Value.Result output() {
    return outputs.get(0);
  }

  /**
   * Returns the specs of the operands.
   *
   * @return one for each input
   */
  public List<Spec> inputSpecs() {
    return inputs.stream().map(Value::spec).toList();
  }

  /**
   * Returns the specs of the results.
   *
   * @return one for each output
   */
  public List<Spec> outputSpecs() {
    return outputs.stream().map(Value::spec).toList();
  }

  /**
   * Counts the floating-point operations.
   *
   * @return as {@link Op#flops} counts them
   */
  public long flops() {
    return op.flops(inputSpecs(), outputSpecs());
  }

  /** Returns the operation without its operands, such as {@code conv2d 3x3/2 p1 +bias+mish}. */
  @Override
  public String toString() {
    return (OpText.name(op) + " " + OpText.attributes(op)).strip();
  }
}
