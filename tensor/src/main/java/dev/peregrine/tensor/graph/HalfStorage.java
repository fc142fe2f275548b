package dev.peregrine.tensor.graph;

import dev.peregrine.tensor.Eager;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.AvgPool;
import dev.peregrine.tensor.op.BatchNorm;
import dev.peregrine.tensor.op.Binary;
import dev.peregrine.tensor.op.Cast;
import dev.peregrine.tensor.op.Concat;
import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.op.Epilogue;
import dev.peregrine.tensor.op.MaxPool;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.op.Reshape;
import dev.peregrine.tensor.op.Slice;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.op.Upsample;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Spec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Keeps what convolutions read in f16: values on their way to a convolution, and filters.
 *
 * <p>A value on its way to a convolution reaches one through operations that only move, pool,
 * normalise, activate or combine. What leads from the last convolutions to the outputs, such as the
 * decoding of a detection head, stays f32: those convolutions store what they computed, widened. So
 * do inputs, outputs, biases and statistics; casts stand at the borders. Filters are cast here,
 * symbolic ones give symbolic ones. It belongs behind the passes that fold and fuse, and before
 * {@link ElideConcat}.
 */
public final class HalfStorage implements Pass {
  /** Makes the pass. */
  public HalfStorage() {}

  @Override
  public Graph apply(Graph graph) {
    Set<Value> halves = halves(graph);
    Rewriter rewriter = new Rewriter(graph);
    Map<Value, Value> casts = new HashMap<>();
    for (Node node : graph.nodes()) {
      boolean half = halves.contains(node.output());
      boolean widened = !half && isConvolution(node);
      List<Value> operands = new ArrayList<>();
      for (int i = 0; i < node.inputs().size(); i++) {
        Value operand = node.input(i);
        boolean stored = (half || widened) && isStored(node, i);
        operands.add(as(stored ? DType.F16 : operand.spec().dtype(), operand, rewriter, casts));
      }
      if (widened && node.op() instanceof Conv2d conv) {
        Epilogue widening = conv.epilogue().widen();
        rewriter.emit(new Conv2d(conv.window(), conv.groups(), widening), operands, node);
      } else {
        rewriter.keep(node, operands);
      }
    }
    for (Value output : graph.outputs()) {
      rewriter.replace(output, as(output.spec().dtype(), output, rewriter, casts));
    }
    return rewriter.build();
  }

  /** Finds the results that become f16, from the last to the first. */
  private static Set<Value> halves(Graph graph) {
    Set<Value> wanted = new HashSet<>();
    Set<Value> halves = new HashSet<>();
    for (Node node : graph.nodes().reversed()) {
      boolean half = wanted.contains(node.output()) && stores(node.op()) && isF32(node.output());
      if (half) {
        halves.add(node.output());
      }
      for (int i = 0; i < node.inputs().size(); i++) {
        if ((half || isConvolution(node)) && isStored(node, i)) {
          wanted.add(node.input(i));
        }
      }
    }
    return halves;
  }

  private static boolean stores(Op op) {
    return op instanceof Conv2d
        || op instanceof BatchNorm
        || op instanceof Unary
        || op instanceof Binary
        || op instanceof MaxPool
        || op instanceof AvgPool
        || op instanceof Upsample
        || op instanceof Concat
        || op instanceof Slice
        || op instanceof Reshape;
  }

  /** Whether an operand of a node in f16 is f16 too: all but biases and statistics. */
  private static boolean isStored(Node node, int operand) {
    if (node.op() instanceof BatchNorm) {
      return operand == 0;
    }
    return !(node.op() instanceof Conv2d conv)
        || operand < 2
        || taking(conv.epilogue()).get(operand - 2) instanceof Epilogue.Add;
  }

  /** The steps that take an operand each. */
  private static List<Epilogue.Step> taking(Epilogue epilogue) {
    return epilogue.steps().stream().filter(step -> !(step instanceof Epilogue.Activate)).toList();
  }

  private static boolean isConvolution(Node node) {
    return node.op() instanceof Conv2d && isF32(node.output());
  }

  private static boolean isF32(Value value) {
    return value.spec().dtype() == DType.F32;
  }

  /** Returns what stands for a value in the new graph, in the type that is asked for. */
  private static Value as(DType dtype, Value value, Rewriter rewriter, Map<Value, Value> casts) {
    Value now = rewriter.map(value);
    if (now.spec().dtype() == dtype) {
      return now;
    }
    Value cast = casts.get(now);
    if (cast == null) {
      cast =
          now instanceof Value.Constant constant
              ? rewriter.builder().constant(cast(dtype, constant.tensor()))
              : rewriter.builder().apply(new Cast(dtype), List.of(now)).output();
      casts.put(now, cast);
    }
    return cast;
  }

  private static Tensor cast(DType dtype, Tensor tensor) {
    return tensor.isSymbolic()
        ? Tensor.symbolic(new Spec(dtype, tensor.shape()))
        : Ops.on(
            tensor.device(), () -> new Eager().apply(new Cast(dtype), List.of(tensor)).getFirst());
  }
}
