package dev.peregrine.bench.peers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Node;
import dev.peregrine.tensor.graph.Value;
import dev.peregrine.tensor.op.BatchNormTrain;
import dev.peregrine.tensor.op.Binary;
import dev.peregrine.tensor.op.Concat;
import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.op.Epilogue;
import dev.peregrine.tensor.op.MaxPool;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.op.Reshape;
import dev.peregrine.tensor.op.Slice;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.op.Upsample;
import dev.peregrine.tensor.shape.Window;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A graph run by libtorch operation by operation, as a PyTorch program would, channels first.
 *
 * <p>Values are let go after their last use; what the derivatives need libtorch keeps itself.
 */
final class LibtorchNet {
  private static final int CHANNELS = 3;

  private final Graph graph;
  private final NDManager manager;
  private final @Nullable LibtorchMish mish;
  private final Map<Value, NDArray> leaves = new LinkedHashMap<>();
  private final Map<Node, NDArray[]> statistics = new HashMap<>();
  private final List<List<Value>> lastUses = new ArrayList<>();

  LibtorchNet(Graph graph, NDManager manager, boolean training) {
    this.graph = graph;
    this.manager = manager;
    this.mish = training ? new LibtorchMish(manager) : null;
    for (Node node : graph.nodes()) {
      for (int i = 0; i < node.inputs().size(); i++) {
        if (node.input(i) instanceof Value.Constant leaf) {
          boolean filters = node.op() instanceof Conv2d && i == 1;
          leaves.computeIfAbsent(leaf, _ -> leaf(leaf, filters));
        }
      }
    }
    findLastUses();
  }

  private NDArray leaf(Value.Constant leaf, boolean filters) {
    dev.peregrine.tensor.shape.Shape shape = leaf.spec().shape();
    float[] values = leaf.tensor().floats();
    if (!filters) {
      long[] extents = java.util.Arrays.stream(shape.toArray()).asLongStream().toArray();
      return manager.create(values, new Shape(extents));
    }
    int kernel = shape.dim(0) * shape.dim(1);
    float[] ordered = Layouts.filtersFirst(values, kernel, shape.dim(2), shape.dim(3));
    return manager.create(
        ordered, new Shape(shape.dim(3), shape.dim(2), shape.dim(0), shape.dim(1)));
  }

  /** Running mean and variance, which libtorch keeps as a training does. */
  private NDArray[] statistics(Node norm) {
    Shape channels = new Shape(norm.output().spec().shape().channels());
    return new NDArray[] {manager.zeros(channels), manager.ones(channels)};
  }

  private void findLastUses() {
    Map<Value, Integer> last = new HashMap<>();
    for (int i = 0; i < graph.nodes().size(); i++) {
      for (Value input : graph.nodes().get(i).inputs()) {
        if (input instanceof Value.Result) {
          last.put(input, i);
        }
      }
      lastUses.add(new ArrayList<>());
    }
    graph.outputs().forEach(last::remove);
    last.forEach((value, node) -> lastUses.get(node).add(value));
  }

  /** The constants of the graph as libtorch has them. */
  Map<Value, NDArray> leaves() {
    return leaves;
  }

  /** Runs; everything new belongs to the manager of the input. */
  NDList forward(NDArray input) {
    Map<Value, NDArray> values = new HashMap<>(leaves);
    values.put(graph.inputs().getFirst(), input);
    for (int i = 0; i < graph.nodes().size(); i++) {
      Node node = graph.nodes().get(i);
      List<NDArray> operands = new ArrayList<>();
      node.inputs().forEach(value -> operands.add(values.get(value)));
      values.put(node.output(), apply(node, operands));
      for (Value value : lastUses.get(i)) {
        NDArray old = values.remove(value);
        if (old != null && !values.containsValue(old)) {
          old.close();
        }
      }
    }
    NDList outputs = new NDList();
    graph.outputs().forEach(output -> outputs.add(values.get(output)));
    return outputs;
  }

  private NDArray apply(Node node, List<NDArray> x) {
    // No switch: what is missing is found when a network needs it.
    Op op = node.op();
    if (op instanceof Conv2d conv) {
      return convolution(conv, x);
    } else if (op instanceof Unary unary) {
      return activate(unary.kind(), x.get(0));
    } else if (op instanceof BatchNormTrain norm) {
      return batchNorm(norm, node, x);
    } else if (op instanceof Binary binary && binary.kind() == Binary.Kind.ADD) {
      return x.get(0).add(channelsBeside(x.get(1), x.get(0)));
    } else if (op instanceof Concat concat && concat.axis() == CHANNELS) {
      return NDArrays.concat(new NDList(x), 1);
    } else if (op instanceof Slice slice && slice.isChannelSlice(node.input(0).spec().shape())) {
      int start = slice.starts().getLast();
      int end = start + slice.sizes().getLast();
      return x.get(0).get(new NDIndex(":, {}:{}", start, end));
    } else if (op instanceof MaxPool pool) {
      return maxPool(pool.window(), node, x.get(0));
    } else if (op instanceof Upsample) {
      dev.peregrine.tensor.shape.Shape shape = node.output().spec().shape();
      return x.get(0)
          .getNDArrayInternal()
          .interpolation(new long[] {shape.dim(1), shape.dim(2)}, 0, false);
    } else if (op instanceof Reshape && node.inputSpecs().equals(node.outputSpecs())) {
      return x.get(0);
    }
    throw new UnsupportedOperationException("libtorch: '" + node + "' is not translated");
  }

  private static NDArray channelsBeside(NDArray summand, NDArray x) {
    return summand.getShape().dimension() == 1 && x.getShape().dimension() == 4
        ? summand.reshape(1, -1, 1, 1)
        : summand;
  }

  private NDArray convolution(Conv2d conv, List<NDArray> x) {
    Window window = conv.window();
    if (window.padTop() != window.padBottom() || window.padLeft() != window.padRight()) {
      throw new UnsupportedOperationException("libtorch: uneven padding of " + conv);
    }
    List<Epilogue.Step> steps = conv.epilogue().steps();
    boolean bias = !steps.isEmpty() && steps.getFirst() instanceof Epilogue.Bias;
    NDArray y =
        x.get(0)
            .getNDArrayInternal()
            .convolution(
                x.get(0),
                x.get(1),
                bias ? x.get(2) : null,
                new Shape(window.strideHeight(), window.strideWidth()),
                new Shape(window.padTop(), window.padLeft()),
                new Shape(window.dilationHeight(), window.dilationWidth()),
                conv.groups())
            .singletonOrThrow();
    int next = bias ? 3 : 2;
    for (Epilogue.Step step : bias ? steps.subList(1, steps.size()) : steps) {
      NDArray before = y;
      y =
          switch (step) {
            case Epilogue.Activate activate -> activate(activate.kind(), before);
            case Epilogue.Add _, Epilogue.Bias _ ->
                before.add(channelsBeside(x.get(next++), before));
          };
      before.close();
    }
    return y;
  }

  private NDArray batchNorm(BatchNormTrain norm, Node node, List<NDArray> x) {
    NDArray[] running = statistics.computeIfAbsent(node, this::statistics);
    NDArray y =
        x.get(0)
            .getNDArrayInternal()
            .batchNorm(
                x.get(0),
                running[0],
                running[1],
                x.get(1),
                x.get(2),
                1,
                0.97f,
                (float) norm.epsilon(),
                true)
            .singletonOrThrow();
    Unary.@Nullable Kind kind = norm.activation();
    if (kind == null) {
      return y;
    }
    NDArray activated = activate(kind, y);
    y.close();
    return activated;
  }

  private NDArray activate(Unary.Kind kind, NDArray x) {
    return switch (kind) {
      case LEAKY_RELU -> x.getNDArrayInternal().leakyRelu((float) Unary.LEAKY_SLOPE);
      case MISH -> mish == null ? LibtorchMish.fast(x) : mish.differentiable(x);
      case SWISH -> {
        try (NDArray gate = Activation.sigmoid(x)) {
          yield x.mul(gate);
        }
      }
      case LOGISTIC -> Activation.sigmoid(x);
      case RELU -> Activation.relu(x);
      case NEGATE, ABS, EXP, LOG, SQRT, TANH, ATAN, SOFTPLUS, RELU6, HARD_SWISH ->
          throw new UnsupportedOperationException("libtorch: " + kind + " is not translated");
    };
  }

  private static NDArray maxPool(Window window, Node node, NDArray x) {
    dev.peregrine.tensor.shape.Shape in = node.input(0).spec().shape();
    dev.peregrine.tensor.shape.Shape out = node.output().spec().shape();
    // Padding behind the last window that is needed does nothing.
    int bottom = reach(window.strideHeight(), window.kernelHeight(), out.dim(1), in.dim(1), window);
    int right = reach(window.strideWidth(), window.kernelWidth(), out.dim(2), in.dim(2), window);
    if (bottom > window.padTop() || right > window.padLeft()) {
      throw new UnsupportedOperationException("libtorch: uneven padding of '" + node + "'");
    }
    return x.getNDArrayInternal()
        .maxPool(
            new Shape(window.kernelHeight(), window.kernelWidth()),
            new Shape(window.strideHeight(), window.strideWidth()),
            new Shape(window.padTop(), window.padLeft()),
            false);
  }

  private static int reach(int stride, int kernel, int out, int in, Window window) {
    return (out - 1) * stride + kernel - window.padTop() - in;
  }
}
