package dev.peregrine.tensor.graph;

import dev.peregrine.tensor.op.Op;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a changed graph from an old one: remembers which new value stands for which old one.
 *
 * <p>Leaves, and nodes whose operands did not change, are taken over as they are.
 */
final class Rewriter {
  private final Graph old;
  private final Graph.Builder builder = new Graph.Builder();
  private final Map<Value, Value> replacements = new HashMap<>();

  Rewriter(Graph old) {
    this.old = old;
    builder.inputsOf(old);
  }

  Graph.Builder builder() {
    return builder;
  }

  Value map(Value value) {
    return replacements.getOrDefault(value, value);
  }

  List<Value> map(List<? extends Value> values) {
    return values.stream().map(this::map).toList();
  }

  void replace(Value before, Value after) {
    replacements.put(before, after);
  }

  /** Takes a node over, with its operands replaced. */
  void keep(Node node) {
    keep(node, map(node.inputs()));
  }

  /** Takes a node over with given operands. */
  void keep(Node node, List<Value> operands) {
    if (operands.equals(node.inputs())) {
      builder.add(node);
    } else {
      emit(node.op(), operands, node);
    }
  }

  /** Adds a new node whose results stand for those of an old one. */
  Node emit(Op op, List<? extends Value> operands, Node before) {
    Node after = builder.apply(op, operands);
    for (int i = 0; i < before.outputs().size(); i++) {
      replace(before.outputs().get(i), after.outputs().get(i));
    }
    return after;
  }

  Graph build() {
    return builder.build(map(old.outputs()));
  }
}
