package dev.peregrine.yolo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Node;
import dev.peregrine.tensor.graph.Passes;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.graph.Value;
import dev.peregrine.tensor.op.BatchNorm;
import dev.peregrine.tensor.op.Binary;
import dev.peregrine.tensor.op.Compare;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.op.Where;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.yolo.model.DetectionModel;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Epilogues of convolutions and what normalisation takes in leave no chains of elementwise
 * operations in the plans of our networks, so there is nothing to fuse: docs/adr.
 */
class PointwiseChainsTest {
  @ParameterizedTest
  @MethodSource("dev.peregrine.yolo.Models#names")
  void noPointwiseOperationFollowsAnother(String name) {
    DetectionModel model = Models.named(name, 80);
    Params params = Params.symbolic();
    Graph traced =
        Tracer.trace(List.of(Spec.f32(1, 128, 128, 3)), in -> model.forward(params, in.getFirst()));
    assertThat(chains(traced)).isNotEmpty();
    assertThat(chains(Passes.inference().apply(traced))).isEmpty();
  }

  /** Operations that could join the one before them. */
  private static List<String> chains(Graph graph) {
    Map<Value, Integer> uses = graph.uses();
    return graph.nodes().stream()
        .filter(PointwiseChainsTest::isPointwise)
        .filter(node ->
            node.inputs().stream()
                .anyMatch(input ->
                    input instanceof Value.Result before
                        && isPointwise(before.node())
                        && uses.get(input) == 1))
        .map(Node::toString)
        .toList();
  }

  private static boolean isPointwise(Node node) {
    return node.op() instanceof Unary
        || node.op() instanceof Binary
        || node.op() instanceof Compare
        || node.op() instanceof Where
        || node.op() instanceof BatchNorm;
  }
}
