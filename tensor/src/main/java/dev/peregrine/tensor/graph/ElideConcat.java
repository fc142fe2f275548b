package dev.peregrine.tensor.graph;

import dev.peregrine.tensor.op.Concat;
import dev.peregrine.tensor.op.Reshape;
import dev.peregrine.tensor.op.Slice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Lets values lie in the memory of others, so that concatenations along channels, channel slices
 * and reshapes cost nothing.
 *
 * <p>Who makes a part of a concatenation writes it into the channels of the wider value. A part
 * that cannot lie there (a leaf, a part of another concatenation already, the same part again) is
 * copied there by a reshape to its own shape; where no part can, the concatenation stays. Then a
 * channel slice becomes a view of what it cuts, and a reshape of a dense value a view of that
 * value, unless they were made parts of a concatenation and so copy. It belongs behind all other
 * passes.
 */
public final class ElideConcat implements Pass {
  /** Makes the pass. */
  public ElideConcat() {}

  @Override
  public Graph apply(Graph graph) {
    Set<Node> elided = new HashSet<>();
    Set<Value> claimed = new HashSet<>();
    Map<Node, Set<Integer>> inPlace = new HashMap<>();
    for (Node node : graph.nodes()) {
      if (!isChannelConcat(node)) {
        continue;
      }
      Set<Integer> parts = new HashSet<>();
      for (int i = 0; i < node.inputs().size(); i++) {
        if (node.input(i) instanceof Value.Result part && claimed.add(part)) {
          parts.add(i);
        }
      }
      if (!parts.isEmpty()) {
        elided.add(node);
        inPlace.put(node, parts);
      }
    }
    Rewriter rewriter = new Rewriter(graph);
    Map<Value, Placement> placements = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      if (!elided.contains(node)) {
        rewriter.keep(node);
        continue;
      }
      List<Value> parts = new ArrayList<>();
      for (int i = 0; i < node.inputs().size(); i++) {
        Value part = rewriter.map(node.input(i));
        if (!inPlace.getOrDefault(node, Set.of()).contains(i)) {
          part = rewriter.builder().apply(new Reshape(part.spec().shape()), List.of(part)).output();
        }
        parts.add(part);
      }
      rewriter.keep(node, parts);
      place(parts, rewriter.map(node.output()), placements);
    }
    Graph rewritten = rewriter.build();
    for (Node node : rewritten.nodes()) {
      view(node, placements);
    }
    return new Graph(rewritten.inputs(), rewritten.nodes(), rewritten.outputs(), placements);
  }

  private static boolean isChannelConcat(Node node) {
    return node.op() instanceof Concat concat
        && concat.axis() == node.output().spec().shape().rank() - 1;
  }

  private static void place(List<Value> parts, Value whole, Map<Value, Placement> placements) {
    int start = 0;
    for (Value part : parts) {
      placements.put(part, new Placement.Channels(whole, start));
      start += part.spec().shape().channels();
    }
  }

  private static void view(Node node, Map<Value, Placement> placements) {
    if (node.inputs().size() != 1 || placements.containsKey(node.output())) {
      return;
    }
    Value host = node.input(0);
    if (!(host instanceof Value.Result) && !(host instanceof Value.Input)) {
      return;
    }
    if (node.op() instanceof Slice slice && slice.isChannelSlice(host.spec().shape())) {
      int start = slice.starts().getLast();
      placements.put(node.output(), new Placement.Channels(host, start));
    } else if (node.op() instanceof Reshape && isDense(host, placements)) {
      placements.put(node.output(), new Placement.Whole(host));
    }
  }

  private static boolean isDense(Value value, Map<Value, Placement> placements) {
    return switch (placements.get(value)) {
      case null -> true;
      case Placement.Whole whole -> isDense(whole.host(), placements);
      case Placement.Channels part ->
          part.host().spec().shape().channels() == value.spec().shape().channels()
              && isDense(part.host(), placements);
    };
  }
}
