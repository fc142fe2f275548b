package dev.peregrine.yolo.darknet;

import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Node;
import dev.peregrine.tensor.graph.Value;
import dev.peregrine.tensor.op.Binary;
import dev.peregrine.tensor.op.Concat;
import dev.peregrine.tensor.op.Slice;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A shortcut to a map of fewer channels as it stands in a graph: only the first channels of {@code
 * x} are added to, and joined with the others again.
 *
 * @param x the map that keeps its extents
 * @param other the map of fewer channels
 * @param inner the operations that the last one, the concatenation, makes needless
 */
record PartialSum(Value x, Value other, List<Node> inner) {
  /** All of a graph, by their last operations. */
  static Map<Node, PartialSum> of(Graph graph) {
    Map<Value, Node> makers = new HashMap<>();
    Map<Node, PartialSum> found = new HashMap<>();
    for (Node node : graph.nodes()) {
      makers.put(node.output(), node);
      PartialSum sum = node.op() instanceof Concat ? find(node, makers) : null;
      if (sum != null) {
        found.put(node, sum);
      }
    }
    return found;
  }

  private static @Nullable PartialSum find(Node concat, Map<Value, Node> makers) {
    if (concat.inputs().size() != 2) {
      return null;
    }
    Node sum = makers.get(concat.input(0));
    Node rest = makers.get(concat.input(1));
    if (sum == null
        || rest == null
        || !(sum.op() instanceof Binary(Binary.Kind kind) && kind == Binary.Kind.ADD)
        || !(rest.op() instanceof Slice)) {
      return null;
    }
    Node first = makers.get(sum.input(0));
    boolean same =
        first != null
            && first.op() instanceof Slice
            && first.input(0).equals(rest.input(0))
            && concat.output().spec().equals(rest.input(0).spec());
    return same ? new PartialSum(rest.input(0), sum.input(1), List.of(first, sum, rest)) : null;
  }
}
