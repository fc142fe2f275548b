package dev.peregrine.tensor.graph;

import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.BatchNorm;
import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.op.Epilogue;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Turns a batch norm behind a convolution into other weights and a bias of the convolution.
 *
 * <p>It does so where filters, bias and statistics are constants and nobody else takes the
 * convolution's result. Symbolic constants give symbolic ones.
 *
 * <p><b>Formula</b> {@code s = gamma / sqrt(variance + epsilon)}, {@code w' = w * s}, {@code b' =
 * beta + (b - mean) * s} for each output channel, computed in double precision and rounded once.
 */
public final class FoldBatchNorm implements Pass {
  /** Makes the pass. */
  public FoldBatchNorm() {}

  @Override
  public Graph apply(Graph graph) {
    Map<Value, Integer> uses = graph.uses();
    Set<Node> folded = new HashSet<>();
    for (Node node : graph.nodes()) {
      if (node.op() instanceof BatchNorm && folds(node, uses)) {
        folded.add(((Value.Result) node.input(0)).node());
        folded.add(node);
      }
    }
    Rewriter rewriter = new Rewriter(graph);
    for (Node node : graph.nodes()) {
      if (!folded.contains(node)) {
        rewriter.keep(node);
      } else if (node.op() instanceof BatchNorm norm) {
        fold(norm, node, rewriter);
      }
    }
    return rewriter.build();
  }

  private static boolean folds(Node norm, Map<Value, Integer> uses) {
    if (!(norm.input(0) instanceof Value.Result result)
        || !(result.node().op() instanceof Conv2d conv)
        || uses.getOrDefault(result, 0) != 1) {
      return false;
    }
    List<Epilogue.Step> steps = conv.epilogue().steps();
    boolean linear = steps.isEmpty() || steps.equals(List.of(new Epilogue.Bias()));
    List<Value> operands = new ArrayList<>(norm.inputs().subList(1, 5));
    operands.addAll(result.node().inputs().subList(1, result.node().inputs().size()));
    return linear && operands.stream().allMatch(Value.Constant.class::isInstance);
  }

  private static void fold(BatchNorm norm, Node node, Rewriter rewriter) {
    Node before = ((Value.Result) node.input(0)).node();
    Conv2d conv = (Conv2d) before.op();
    List<Tensor> constants = new ArrayList<>();
    node.inputs().subList(1, 5).forEach(value -> constants.add(tensor(value)));
    before.inputs().subList(1, before.inputs().size()).forEach(v -> constants.add(tensor(v)));
    Tensor filters = constants.get(4);
    Tensor weights;
    Tensor bias;
    if (constants.stream().anyMatch(Tensor::isSymbolic)) {
      weights = Tensor.symbolic(filters.spec());
      bias = Tensor.symbolic(constants.get(0).spec());
    } else {
      int channels = filters.shape().channels();
      double[] gamma = constants.get(0).doubles();
      double[] beta = constants.get(1).doubles();
      double[] mean = constants.get(2).doubles();
      double[] variance = constants.get(3).doubles();
      double[] b = constants.size() > 5 ? constants.get(5).doubles() : new double[channels];
      double[] scale = new double[channels];
      for (int c = 0; c < channels; c++) {
        scale[c] = gamma[c] / Math.sqrt(variance[c] + norm.epsilon());
        b[c] = beta[c] + (b[c] - mean[c]) * scale[c];
      }
      weights = scaled(filters, scale);
      bias = make(filters, filters.spec().withShape(Shape.of(channels)), b);
    }
    Epilogue epilogue = Epilogue.NONE.then(new Epilogue.Bias());
    rewriter.emit(
        new Conv2d(conv.window(), conv.groups(), epilogue),
        List.of(
            rewriter.map(before.input(0)),
            rewriter.builder().constant(weights),
            rewriter.builder().constant(bias)),
        node);
  }

  /** Multiplies each output channel; without a copy in double precision, filters being large. */
  private static Tensor scaled(Tensor filters, double[] scale) {
    Shape shape = filters.shape();
    if (filters.dtype() == DType.F64) {
      double[] w = filters.doubles();
      for (int i = 0; i < w.length; i++) {
        w[i] *= scale[i % scale.length];
      }
      return Ops.on(filters.device(), () -> Tensor.of(shape, w));
    }
    float[] w = filters.floats();
    for (int from = 0; from < w.length; from += scale.length) {
      for (int c = 0; c < scale.length; c++) {
        w[from + c] = (float) (w[from + c] * scale[c]);
      }
    }
    return Ops.on(filters.device(), () -> Tensor.of(shape, w));
  }

  private static Tensor tensor(Value value) {
    return ((Value.Constant) value).tensor();
  }

  /** Makes a tensor where another one is. */
  static Tensor make(Tensor like, Spec spec, double[] numbers) {
    return Ops.on(
        like.device(),
        () ->
            switch (spec.dtype()) {
              case F64 -> Tensor.of(spec.shape(), numbers);
              case F32, F16, I32, U8 -> Tensor.of(spec.shape(), floats(numbers));
            });
  }

  private static float[] floats(double[] numbers) {
    float[] floats = new float[numbers.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) numbers[i];
    }
    return floats;
  }
}
