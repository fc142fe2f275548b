package dev.peregrine.tensor.graph;

/**
 * A rewriting of graphs that keeps what they compute and knows no device.
 *
 * <p>Passes leave the graph that they are given as it is.
 */
@FunctionalInterface
public interface Pass {
  /**
   * Rewrites a graph.
   *
   * @param graph the graph
   * @return a graph with the same inputs, and outputs of the same specs and numbers
   */
  Graph apply(Graph graph);

  /**
   * Puts another pass behind this one.
   *
   * @param next the pass that gets this one's result
   * @return both as one pass
   */
  default Pass then(Pass next) {
    return graph -> next.apply(apply(graph));
  }
}
