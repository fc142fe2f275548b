package dev.peregrine.tensor.graph;

import dev.peregrine.tensor.op.BatchNorm;
import dev.peregrine.tensor.op.Binary;
import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.op.Epilogue;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes what follows a convolution point by point part of it: the addition of a value per channel,
 * functions, the addition of a value of the same shape.
 *
 * <p>A step is fused where nobody else takes what it works on. The convolution moves down to where
 * its last step was. Of two convolutions that are added, the later one takes the other in.
 *
 * <p>A batch norm that stays takes the function in that follows it.
 */
public final class FuseEpilogue implements Pass {
  /** A convolution on its way down, not yet written. */
  private record Pending(Conv2d conv, List<Value> operands) {
    Pending then(Epilogue.Step step, List<Value> more) {
      List<Value> all = new ArrayList<>(operands);
      all.addAll(more);
      return new Pending(new Conv2d(conv.window(), conv.groups(), conv.epilogue().then(step)), all);
    }
  }

  /** Makes the pass. */
  public FuseEpilogue() {}

  @Override
  public Graph apply(Graph graph) {
    Map<Node, Integer> absorbed = absorbed(graph);
    Set<Value> moving = new HashSet<>();
    absorbed.forEach((node, operand) -> moving.add(node.input(operand)));
    Set<Value> normalized = activatedNorms(graph);
    Map<Value, Pending> pending = new HashMap<>();
    Rewriter rewriter = new Rewriter(graph);
    for (Node node : graph.nodes()) {
      if (normalized.contains(node.output())) {
        continue;
      }
      if (node.op() instanceof Unary(var kind) && normalized.contains(node.input(0))) {
        Node norm = ((Value.Result) node.input(0)).node();
        double epsilon = ((BatchNorm) norm.op()).epsilon();
        rewriter.emit(new BatchNorm(epsilon, kind), rewriter.map(norm.inputs()), node);
        continue;
      }
      Integer operand = absorbed.get(node);
      Pending next = null;
      if (operand != null) {
        Pending before = pending.get(node.input(operand));
        Epilogue.Step step = step(node, operand);
        if (before != null && step != null) {
          List<Value> more =
              node.inputs().size() == 1 ? List.of() : List.of(node.input(1 - operand));
          next = before.then(step, rewriter.map(more));
        }
      } else if (node.op() instanceof Conv2d conv) {
        next = new Pending(conv, rewriter.map(node.inputs()));
      }
      if (next == null) {
        rewriter.keep(node);
      } else if (moving.contains(node.output())) {
        pending.put(node.output(), next);
      } else if (operand == null) {
        rewriter.keep(node);
      } else {
        rewriter.emit(next.conv(), next.operands(), node);
      }
    }
    return rewriter.build();
  }

  /** Finds the normalisations of which a function is all that is taken. */
  private static Set<Value> activatedNorms(Graph graph) {
    Map<Value, Integer> uses = graph.uses();
    Set<Value> found = new HashSet<>();
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Unary
          && node.input(0) instanceof Value.Result before
          && before.node().op() instanceof BatchNorm(_, var activation)
          && activation == null
          && uses.getOrDefault(before, 0) == 1) {
        found.add(before);
      }
    }
    return found;
  }

  /** Finds the nodes that become steps, each with the operand that the step works on. */
  private static Map<Node, Integer> absorbed(Graph graph) {
    Map<Value, Integer> uses = graph.uses();
    Map<Value, Integer> chains = new HashMap<>();
    Map<Node, Integer> absorbed = new HashMap<>();
    int position = 0;
    for (Node node : graph.nodes()) {
      position++;
      int best = -1;
      for (int i = 0; i < node.inputs().size(); i++) {
        Integer made = chains.get(node.input(i));
        if (made != null
            && step(node, i) != null
            && (best < 0 || made > chains.getOrDefault(node.input(best), 0))) {
          best = i;
        }
      }
      if (best >= 0) {
        absorbed.put(node, best);
      }
      if ((best >= 0 || node.op() instanceof Conv2d) && uses.getOrDefault(node.output(), 0) == 1) {
        chains.put(node.output(), position);
      }
    }
    return absorbed;
  }

  /** Returns the step that a node is when it works on one of its operands, or null. */
  private static Epilogue.@Nullable Step step(Node node, int operand) {
    Value value = node.input(operand);
    if (node.op() instanceof Unary unary) {
      return new Epilogue.Activate(unary.kind());
    }
    if (node.op() instanceof Binary binary && binary.kind() == Binary.Kind.ADD) {
      Value other = node.input(1 - operand);
      if (other.spec().equals(value.spec())) {
        return new Epilogue.Add();
      }
      if (other.spec().shape().equals(Shape.of(value.spec().shape().channels()))) {
        return new Epilogue.Bias();
      }
    }
    return null;
  }
}
