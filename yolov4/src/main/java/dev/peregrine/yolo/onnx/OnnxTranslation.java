package dev.peregrine.yolo.onnx;

import static dev.peregrine.yolo.onnx.OnnxNodes.integer;
import static dev.peregrine.yolo.onnx.OnnxNodes.integers;
import static dev.peregrine.yolo.onnx.OnnxNodes.real;
import static dev.peregrine.yolo.onnx.OnnxNodes.text;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Node;
import dev.peregrine.tensor.graph.Value;
import dev.peregrine.tensor.op.AdamStep;
import dev.peregrine.tensor.op.ArgMax;
import dev.peregrine.tensor.op.AvgPool;
import dev.peregrine.tensor.op.AvgPoolGrad;
import dev.peregrine.tensor.op.BatchNorm;
import dev.peregrine.tensor.op.BatchNormGrad;
import dev.peregrine.tensor.op.BatchNormTrain;
import dev.peregrine.tensor.op.Binary;
import dev.peregrine.tensor.op.Blend;
import dev.peregrine.tensor.op.Broadcast;
import dev.peregrine.tensor.op.Cast;
import dev.peregrine.tensor.op.Compare;
import dev.peregrine.tensor.op.Concat;
import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.op.Conv2dInputGrad;
import dev.peregrine.tensor.op.Conv2dWeightGrad;
import dev.peregrine.tensor.op.Epilogue;
import dev.peregrine.tensor.op.Fill;
import dev.peregrine.tensor.op.Flip;
import dev.peregrine.tensor.op.Gather;
import dev.peregrine.tensor.op.Iota;
import dev.peregrine.tensor.op.MatMul;
import dev.peregrine.tensor.op.MaxPool;
import dev.peregrine.tensor.op.MaxPoolGrad;
import dev.peregrine.tensor.op.MomentumStep;
import dev.peregrine.tensor.op.Pad;
import dev.peregrine.tensor.op.Permute;
import dev.peregrine.tensor.op.Random;
import dev.peregrine.tensor.op.Reduce;
import dev.peregrine.tensor.op.Reshape;
import dev.peregrine.tensor.op.ScatterAdd;
import dev.peregrine.tensor.op.Slice;
import dev.peregrine.tensor.op.Softmax;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.op.UnaryGrad;
import dev.peregrine.tensor.op.Upsample;
import dev.peregrine.tensor.op.UpsampleGrad;
import dev.peregrine.tensor.op.Where;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes the operations of a graph as operators of ONNX, value by value.
 *
 * <p>ONNX has channels first. So every value of four axes is there {@code [N, C, H, W]} from the
 * input to the outputs, and operations name its axes by their new places; values of any other rank
 * keep their order.
 */
final class OnnxTranslation {
  private final Graph graph;
  private final OnnxNodes nodes;
  private final OnnxActivations activations;
  private final Map<Value, String> names = new HashMap<>();

  OnnxTranslation(Graph graph, OnnxNodes nodes, MishForm mish) {
    this.graph = graph;
    this.nodes = nodes;
    this.activations = new OnnxActivations(nodes, mish);
  }

  void input(Value.Input input, String name) {
    requireFloats(input);
    names.put(input, name);
  }

  /** The name of a value that was translated, or of a leaf. */
  String name(Value value) {
    String known = names.get(value);
    if (known != null) {
      return known;
    }
    requireFloats(value);
    Tensor tensor =
        switch (value) {
          case Value.Constant constant -> constant.tensor();
          case Value.Variable variable -> variable.current();
          case Value.Input _, Value.Result _ ->
              throw new IllegalStateException(graph.name(value) + " was used before it was made");
        };
    String name = constant(tensor, AxisOrder.of(tensor.shape()), tensor.shape());
    names.put(value, name);
    return name;
  }

  /** Writes a constant under a shape of as many elements, its axes re-ordered. */
  private String constant(Tensor tensor, int[] order, Shape shape) {
    if (tensor.isSymbolic()) {
      throw new FormatException(
          "onnx: a constant "
              + tensor.spec()
              + " has no numbers: the network was traced on shapes alone; give it parameters with"
              + " numbers");
    }
    List<Integer> dims = Arrays.stream(order).mapToObj(shape::dim).toList();
    return nodes.floats(dims, () -> AxisOrder.permute(tensor.floats(), shape, order));
  }

  private void requireFloats(Value value) {
    if (value.spec().dtype() != DType.F32) {
      throw new FormatException(
          "onnx: " + graph.name(value) + " is " + value.spec() + " but only f32 can be written");
    }
  }

  void translate(Node node) {
    node.outputs().forEach(this::requireFloats);
    names.put(node.output(), operator(node));
  }

  private String operator(Node node) {
    return switch (node.op()) {
      case Conv2d conv -> convolution(conv, node);
      case Unary unary -> activations.apply(unary.kind(), name(node.input(0)));
      case Binary binary -> binary(binary.kind(), node);
      case Concat concat -> concat(concat, node);
      case Slice slice -> slice(slice, node);
      case Permute permute -> permute(permute, node);
      case Reshape _ -> reshape(node);
      case Broadcast broadcast -> broadcast(broadcast, node);
      case MaxPool pool -> nodes.add("MaxPool", operands(node), window(pool.window()));
      case AvgPool pool -> nodes.add("AveragePool", operands(node), averaged(pool.window()));
      case Upsample upsample -> upsample(upsample, node);
      case BatchNorm norm -> {
        String y = nodes.add("BatchNormalization", operands(node), real("epsilon", norm.epsilon()));
        yield norm.activation() == null ? y : activations.apply(norm.activation(), y);
      }
      case Fill fill -> {
        int[] extents = AxisOrder.extents(fill.spec().shape());
        float[] values = new float[fill.spec().shape().size()];
        Arrays.fill(values, (float) fill.value());
        yield nodes.floats(Arrays.stream(extents).boxed().toList(), () -> values);
      }
      case Softmax _ -> {
        int rank = node.output().spec().shape().rank();
        yield nodes.add(
            "Softmax", operands(node), integer("axis", AxisOrder.place(rank - 1, rank)));
      }
      case UnaryGrad _, Compare _, Where _, Cast _, Reduce _, ArgMax _ -> throw unknown(node);
      case Pad _, Flip _, Gather _, ScatterAdd _, MatMul _, Iota _, Random _ -> throw unknown(node);
      case Conv2dInputGrad _, Conv2dWeightGrad _, MaxPoolGrad _ -> throw unknown(node);
      case AvgPoolGrad _, UpsampleGrad _ -> throw unknown(node);
      case BatchNormTrain _, BatchNormGrad _, Blend _ -> throw unknown(node);
      case MomentumStep _, AdamStep _ -> throw unknown(node);
    };
  }

  private FormatException unknown(Node node) {
    return new FormatException(
        "onnx: '"
            + node
            + "', which makes "
            + graph.name(node.output())
            + ", cannot be written; a network can be exported that is in inference mode and made of"
            + " convolutions, batch norms, activations, pooling, upsampling, arithmetic, concat,"
            + " slice, reshape and permute");
  }

  private List<String> operands(Node node) {
    return node.inputs().stream().map(this::name).toList();
  }

  private String convolution(Conv2d conv, Node node) {
    List<Epilogue.Step> steps = conv.epilogue().steps();
    List<String> inputs = new ArrayList<>();
    inputs.add(name(node.input(0)));
    inputs.add(filters(node.input(1)));
    int next = 2;
    int step = 0;
    if (!steps.isEmpty() && steps.getFirst() instanceof Epilogue.Bias) {
      inputs.add(name(node.input(next++)));
      step++;
    }
    List<ProtoMessage> attributes = new ArrayList<>(List.of(window(conv.window())));
    attributes.add(integer("group", conv.groups()));
    String y = nodes.add("Conv", inputs, attributes.toArray(ProtoMessage[]::new));
    for (; step < steps.size(); step++) {
      y =
          switch (steps.get(step)) {
            case Epilogue.Bias _ -> nodes.add("Add", List.of(y, beside(node.input(next++))));
            case Epilogue.Add _ -> nodes.add("Add", List.of(y, name(node.input(next++))));
            case Epilogue.Activate activate -> activations.apply(activate.kind(), y);
          };
    }
    return y;
  }

  /** Filters {@code [KH, KW, Cin, Cout]} as {@code [Cout, Cin, KH, KW]}. */
  private String filters(Value value) {
    int[] order = {3, 2, 0, 1};
    return switch (value) {
      case Value.Constant leaf -> constant(leaf.tensor(), order, leaf.spec().shape());
      case Value.Variable leaf -> constant(leaf.current(), order, leaf.spec().shape());
      // As a value of four axes it is [KH, Cout, KW, Cin] there.
      case Value.Input _, Value.Result _ ->
          nodes.add("Transpose", List.of(name(value)), integers("perm", 1, 3, 0, 2));
    };
  }

  private static ProtoMessage[] window(Window window) {
    return new ProtoMessage[] {
      integers("kernel_shape", window.kernelHeight(), window.kernelWidth()),
      integers("strides", window.strideHeight(), window.strideWidth()),
      integers("pads", window.padTop(), window.padLeft(), window.padBottom(), window.padRight()),
      integers("dilations", window.dilationHeight(), window.dilationWidth())
    };
  }

  private ProtoMessage[] averaged(Window window) {
    if (window.dilationHeight() != 1 || window.dilationWidth() != 1) {
      throw new FormatException(
          "onnx: average pooling " + window + " is dilated, which operator set 13 does not have");
    }
    return Arrays.copyOf(window(window), 3);
  }

  private String binary(Binary.Kind kind, Node node) {
    int rank = node.output().spec().shape().rank();
    List<String> inputs =
        node.inputs().stream().map(value -> rank == 4 ? beside(value) : name(value)).toList();
    if (node.inputs().stream().anyMatch(value -> value.spec().shape().rank() > rank)) {
      throw unknown(node);
    }
    String type =
        switch (kind) {
          case ADD -> "Add";
          case SUBTRACT -> "Sub";
          case MULTIPLY -> "Mul";
          case DIVIDE -> "Div";
          case MAXIMUM -> "Max";
          case MINIMUM -> "Min";
          case POWER -> "Pow";
        };
    return nodes.add(type, inputs);
  }

  /** A value as it is combined with one of four axes: its own axes are the last ones there. */
  private String beside(Value value) {
    Shape shape = value.spec().shape();
    int rank = shape.rank();
    if (rank == 0 || rank == 4) {
      return name(value);
    }
    List<Integer> padded = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      padded.add(i < 4 - rank ? 1 : shape.dim(i - (4 - rank)));
    }
    if (value instanceof Value.Constant constant) {
      return constant(constant.tensor(), AxisOrder.CHANNELS_FIRST, Shape.of(padded));
    }
    String four = nodes.add("Reshape", List.of(name(value), nodes.row(padded)));
    return nodes.add("Transpose", List.of(four), integers("perm", AxisOrder.CHANNELS_FIRST));
  }

  private String concat(Concat concat, Node node) {
    int rank = node.output().spec().shape().rank();
    return nodes.add(
        "Concat", operands(node), integer("axis", AxisOrder.place(concat.axis(), rank)));
  }

  private String slice(Slice slice, Node node) {
    Shape shape = node.input(0).spec().shape();
    List<Integer> starts = new ArrayList<>();
    List<Integer> ends = new ArrayList<>();
    List<Integer> axes = new ArrayList<>();
    List<Integer> steps = new ArrayList<>();
    for (int i = 0; i < shape.rank(); i++) {
      if (slice.sizes().get(i) != shape.dim(i)) {
        starts.add(slice.starts().get(i));
        ends.add(slice.starts().get(i) + (slice.sizes().get(i) - 1) * slice.steps().get(i) + 1);
        axes.add(AxisOrder.place(i, shape.rank()));
        steps.add(slice.steps().get(i));
      }
    }
    String x = name(node.input(0));
    return axes.isEmpty()
        ? x
        : nodes.add(
            "Slice",
            List.of(x, nodes.row(starts), nodes.row(ends), nodes.row(axes), nodes.row(steps)));
  }

  private String permute(Permute permute, Node node) {
    int rank = permute.axes().size();
    int[] perm = new int[rank];
    for (int i = 0; i < rank; i++) {
      perm[AxisOrder.place(i, rank)] = AxisOrder.place(permute.axes().get(i), rank);
    }
    return nodes.add("Transpose", operands(node), integers("perm", perm));
  }

  private String reshape(Node node) {
    Shape from = node.input(0).spec().shape();
    Shape to = node.output().spec().shape();
    String x = name(node.input(0));
    if (from.equals(to)) {
      return x;
    }
    // The order of elements is that of channels last, so it is restored in between.
    if (from.rank() == 4) {
      x = nodes.add("Transpose", List.of(x), integers("perm", AxisOrder.CHANNELS_LAST));
    }
    List<Integer> extents = Arrays.stream(to.toArray()).boxed().toList();
    x = nodes.add("Reshape", List.of(x, nodes.row(extents)));
    return to.rank() == 4
        ? nodes.add("Transpose", List.of(x), integers("perm", AxisOrder.CHANNELS_FIRST))
        : x;
  }

  private String broadcast(Broadcast broadcast, Node node) {
    boolean four = broadcast.shape().rank() == 4;
    String x = four ? beside(node.input(0)) : name(node.input(0));
    List<Integer> extents = Arrays.stream(AxisOrder.extents(broadcast.shape())).boxed().toList();
    return nodes.add("Expand", List.of(x, nodes.row(extents)));
  }

  private String upsample(Upsample upsample, Node node) {
    float factor = upsample.factor();
    String scales = nodes.floats(List.of(4), () -> new float[] {1, 1, factor, factor});
    return nodes.add(
        "Resize",
        List.of(name(node.input(0)), "", scales),
        text("mode", "nearest"),
        text("coordinate_transformation_mode", "asymmetric"),
        text("nearest_mode", "floor"));
  }
}
