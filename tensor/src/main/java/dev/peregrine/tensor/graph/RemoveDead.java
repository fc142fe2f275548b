package dev.peregrine.tensor.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Removes nodes that no output depends on; inputs stay, used or not.
 *
 * <p>Placements are dropped, so it belongs before {@link ElideConcat}.
 */
public final class RemoveDead implements Pass {
  /** Makes the pass. */
  public RemoveDead() {}

  @Override
  public Graph apply(Graph graph) {
    Set<Value> alive = new HashSet<>(graph.outputs());
    List<Node> kept = new ArrayList<>();
    for (Node node : graph.nodes().reversed()) {
      if (!Collections.disjoint(alive, node.outputs())) {
        alive.addAll(node.inputs());
        kept.add(node);
      }
    }
    return new Graph(graph.inputs(), kept.reversed(), graph.outputs());
  }
}
