package dev.peregrine.tensor.graph;

import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.BatchNorm;
import dev.peregrine.tensor.op.Concat;
import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Normalises and activates the parts of a concatenation of channels instead of the whole, where a
 * part is a convolution that {@link FoldBatchNorm} and {@link FuseEpilogue} then let take both in:
 * so much memory less to pass over. Stages of the networks of Scaled-YOLOv4's yaml files end so.
 *
 * <p>It does so where nobody else takes the concatenation or that part, and all statistics are
 * constants.
 */
public final class NormalizeBeforeConcat implements Pass {
  /** Makes the pass. */
  public NormalizeBeforeConcat() {}

  @Override
  public Graph apply(Graph graph) {
    Map<Value, Integer> uses = graph.uses();
    Set<Value> concats = new HashSet<>();
    Set<Value> activated = new HashSet<>();
    for (Node node : graph.nodes()) {
      if (node.op() instanceof BatchNorm && moves(node, uses)) {
        concats.add(node.input(0));
      } else if (node.op() instanceof Unary && uses.getOrDefault(node.input(0), 0) == 1) {
        activated.add(node.input(0));
      }
    }
    Rewriter rewriter = new Rewriter(graph);
    Map<Value, List<Value>> parts = new HashMap<>();
    for (Node node : graph.nodes()) {
      if (concats.contains(node.output())) {
        parts.put(node.output(), rewriter.map(node.inputs()));
        continue;
      }
      List<Value> before =
          node.inputs().isEmpty() ? List.of() : parts.getOrDefault(node.input(0), List.of());
      if (before.isEmpty()) {
        rewriter.keep(node);
        continue;
      }
      List<Value> after = new ArrayList<>();
      int from = 0;
      for (Value part : before) {
        after.add(
            rewriter.builder().apply(node.op(), operands(node, part, from, rewriter)).output());
        from += part.spec().shape().channels();
      }
      if (node.op() instanceof BatchNorm && activated.contains(node.output())) {
        parts.put(node.output(), after);
      } else {
        rewriter.emit(new Concat(node.output().spec().shape().rank() - 1), after, node);
      }
    }
    return rewriter.build();
  }

  private static boolean moves(Node norm, Map<Value, Integer> uses) {
    return norm.input(0) instanceof Value.Result whole
        && whole.node().op() instanceof Concat(int axis)
        && axis == whole.spec().shape().rank() - 1
        && uses.getOrDefault(whole, 0) == 1
        && norm.inputs().stream().skip(1).allMatch(Value.Constant.class::isInstance)
        && whole.node().inputs().stream()
            .anyMatch(part ->
                part instanceof Value.Result result
                    && result.node().op() instanceof Conv2d
                    && uses.getOrDefault(part, 0) == 1);
  }

  /** A part, and its share of the numbers of the channels. */
  private static List<Value> operands(Node node, Value part, int from, Rewriter rewriter) {
    List<Value> operands = new ArrayList<>(List.of(part));
    Shape shape = Shape.of(part.spec().shape().channels());
    for (Value all : node.inputs().subList(1, node.inputs().size())) {
      Tensor whole = ((Value.Constant) all).tensor();
      Spec spec = whole.spec().withShape(shape);
      operands.add(
          rewriter
              .builder()
              .constant(
                  whole.isSymbolic()
                      ? Tensor.symbolic(spec)
                      : FoldBatchNorm.make(
                          whole,
                          spec,
                          Arrays.copyOfRange(whole.doubles(), from, from + shape.size()))));
    }
    return operands;
  }
}
