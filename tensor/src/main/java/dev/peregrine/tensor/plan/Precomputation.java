package dev.peregrine.tensor.plan;

import dev.peregrine.tensor.Eager;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Node;
import dev.peregrine.tensor.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Computes once what is the same in each run, such as the grid of a detection head: nodes that
 * depend on constants alone, or on nothing.
 */
final class Precomputation {
  private Precomputation() {}

  /** Replaces such nodes by constants on the device; all constants must have numbers. */
  static Graph apply(Graph graph, Device device) {
    Graph.Builder builder = new Graph.Builder();
    Map<Value, Value> replacements = new HashMap<>();
    graph.inputs().forEach(input -> replacements.put(input, builder.input(input.spec())));
    Eager eager = new Eager();
    for (Node node : graph.nodes()) {
      List<Value> operands = map(node.inputs(), replacements);
      List<? extends Value> results;
      if (operands.stream().allMatch(Value.Constant.class::isInstance)) {
        List<Tensor> tensors = new ArrayList<>();
        for (Value operand : operands) {
          tensors.add(((Value.Constant) operand).tensor().to(device));
        }
        results =
            Ops.on(device, () -> eager.apply(node.op(), tensors)).stream()
                .map(builder::constant)
                .toList();
      } else {
        results = builder.apply(node.op(), operands).outputs();
      }
      for (int i = 0; i < results.size(); i++) {
        replacements.put(node.outputs().get(i), results.get(i));
      }
    }
    return builder.build(map(graph.outputs(), replacements));
  }

  private static List<Value> map(List<? extends Value> values, Map<Value, Value> replacements) {
    List<Value> mapped = new ArrayList<>();
    values.forEach(value -> mapped.add(replacements.getOrDefault(value, value)));
    return mapped;
  }
}
