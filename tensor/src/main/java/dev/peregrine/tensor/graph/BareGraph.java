package dev.peregrine.tensor.graph;

import dev.peregrine.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/** Copies a graph and leaves the numbers of its constants out. */
final class BareGraph {
  private BareGraph() {}

  static Graph of(Graph graph, Map<Value, Tensor> numbers) {
    Rewriter rewriter = new Rewriter(graph);
    for (Value.Constant constant : graph.constants()) {
      Value bare = rewriter.builder().constant(Tensor.symbolic(constant.spec()));
      rewriter.replace(constant, bare);
      numbers.put(bare, constant.tensor());
    }
    graph.nodes().forEach(rewriter::keep);
    Graph bare = rewriter.build();
    Map<Value, Placement> placements = new LinkedHashMap<>();
    graph
        .placements()
        .forEach((value, place) ->
            placements.put(
                rewriter.map(value),
                switch (place) {
                  case Placement.Channels(Value host, int start) ->
                      new Placement.Channels(rewriter.map(host), start);
                  case Placement.Whole(Value host) -> new Placement.Whole(rewriter.map(host));
                }));
    return new Graph(bare.inputs(), bare.nodes(), bare.outputs(), placements);
  }
}
