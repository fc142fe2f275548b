package dev.peregrine.yolo.onnx;

import dev.peregrine.tensor.Activations;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Convolutions;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Pointwise;
import dev.peregrine.tensor.Pooling;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.BatchNorm;
import dev.peregrine.tensor.op.Slice;
import dev.peregrine.tensor.op.Softmax;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Window;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Runs a file that {@link OnnxFile} wrote, node by node as ONNX defines its operators, so that what
 * was written can be compared with the network it was made of.
 *
 * <p>It is a check and no engine: values are re-ordered around each convolution, nothing is fused,
 * and operators that are never written are not known.
 */
public final class OnnxRun {
  private static final int FLOAT = 1;

  private final String where;
  private final Map<String, Tensor> values = new HashMap<>();
  private final Map<String, int[]> rows = new HashMap<>();

  private OnnxRun(String where) {
    this.where = where;
  }

  /**
   * Runs a file on the current device.
   *
   * <p><b>Shapes</b> inputs and outputs of four axes are {@code [N, H, W, C]} here, others as in
   * the file.
   *
   * <p><b>Errors</b> {@link FormatException} where the file is missing, damaged, or has operators
   * that are not written here.
   *
   * @param file the file
   * @param inputs one tensor for each input of the file
   * @return one tensor for each output
   */
  public static List<Tensor> run(Path file, List<Tensor> inputs) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
      return new OnnxRun(file.toString()).run(bytes, inputs);
    } catch (NoSuchFileException missing) {
      throw new FormatException(file + ": there is no such file", missing);
    } catch (IOException failure) {
      throw new FormatException(file + ": cannot be read: " + failure, failure);
    }
  }

  private List<Tensor> run(ByteBuffer bytes, List<Tensor> inputs) {
    List<ProtoFields> graphs = new ProtoFields(where, bytes).messages(7);
    if (graphs.size() != 1) {
      throw new FormatException(where + ": holds " + graphs.size() + " graphs instead of one");
    }
    ProtoFields graph = graphs.getFirst();
    graph.messages(5).forEach(this::constant);
    List<String> names = names(graph, 11);
    if (names.size() != inputs.size()) {
      throw new FormatException(
          where + ": has the inputs " + names + " but " + inputs.size() + " were given");
    }
    for (int i = 0; i < names.size(); i++) {
      values.put(names.get(i), toFile(inputs.get(i)));
    }
    List<OnnxNode> nodes =
        graph.messages(1).stream().map(fields -> new OnnxNode(where, fields)).toList();
    List<String> outputs = names(graph, 12);
    Map<String, Integer> lastUses = new HashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      for (String input : nodes.get(i).inputs()) {
        lastUses.put(input, i);
      }
    }
    outputs.forEach(name -> lastUses.put(name, nodes.size()));
    for (int i = 0; i < nodes.size(); i++) {
      OnnxNode node = nodes.get(i);
      values.put(node.output(), apply(node));
      int now = i;
      node.inputs().stream()
          .filter(name -> lastUses.getOrDefault(name, now) == now)
          .forEach(values::remove);
    }
    return outputs.stream().map(name -> fromFile(value(name))).toList();
  }

  private static List<String> names(ProtoFields graph, int field) {
    return graph.messages(field).stream().map(declaration -> declaration.text(1)).toList();
  }

  private static Tensor toFile(Tensor x) {
    return x.shape().rank() == 4 ? Arrays.permute(x, AxisOrder.CHANNELS_FIRST) : x;
  }

  private static Tensor fromFile(Tensor x) {
    return x.shape().rank() == 4 ? Arrays.permute(x, AxisOrder.CHANNELS_LAST) : x;
  }

  private void constant(ProtoFields fields) {
    String name = fields.text(8);
    ByteBuffer raw = fields.bytes(9).order(ByteOrder.LITTLE_ENDIAN);
    long[] dims = fields.integers(1);
    boolean floats = fields.integer(2) == FLOAT;
    int width = floats ? Float.BYTES : Long.BYTES;
    int count = raw.remaining() / width;
    long elements = 1;
    for (long dim : dims) {
      elements = dim >= 0 && dim <= count && elements <= count ? elements * dim : -1;
    }
    if (elements != count || raw.remaining() % width != 0) {
      throw new FormatException(
          where + ": constant " + name + " does not have its extents; the file is damaged");
    }
    if (floats) {
      float[] numbers = new float[count];
      raw.asFloatBuffer().get(numbers);
      List<Integer> extents = java.util.Arrays.stream(dims).mapToObj(dim -> (int) dim).toList();
      values.put(name, Tensor.of(Shape.of(extents), numbers));
    } else {
      rows.put(name, IntStream.range(0, count).map(i -> (int) raw.getLong(8 * i)).toArray());
    }
  }

  private Tensor value(String name) {
    Tensor value = values.get(name);
    if (value == null) {
      throw new FormatException(where + ": uses " + name + " before it is made");
    }
    return value;
  }

  private Tensor in(OnnxNode node, int index) {
    if (index >= node.inputs().size()) {
      throw node.wrong("has too few inputs");
    }
    return value(node.inputs().get(index));
  }

  private int[] row(OnnxNode node, int index) {
    int[] row = index < node.inputs().size() ? rows.get(node.inputs().get(index)) : null;
    if (row == null) {
      throw node.wrong("lacks a constant row of whole numbers");
    }
    return row;
  }

  private Tensor apply(OnnxNode node) {
    return switch (node.type()) {
      case "Identity" -> in(node, 0);
      case "Neg" -> in(node, 0).negate();
      case "Abs" -> Pointwise.abs(in(node, 0));
      case "Exp" -> Pointwise.exp(in(node, 0));
      case "Log" -> Pointwise.log(in(node, 0));
      case "Sqrt" -> Pointwise.sqrt(in(node, 0));
      case "Atan" -> Pointwise.atan(in(node, 0));
      case "Tanh" -> Activations.tanh(in(node, 0));
      case "Sigmoid" -> Activations.logistic(in(node, 0));
      case "Softplus" -> Activations.softplus(in(node, 0));
      case "Mish" -> Activations.mish(in(node, 0));
      case "Relu" -> Activations.relu(in(node, 0));
      case "LeakyRelu" -> leaky(node);
      case "HardSigmoid" -> hardSigmoid(node);
      case "Clip" -> Pointwise.minimum(Pointwise.maximum(in(node, 0), in(node, 1)), in(node, 2));
      case "Add" -> in(node, 0).plus(in(node, 1));
      case "Sub" -> in(node, 0).minus(in(node, 1));
      case "Mul" -> in(node, 0).times(in(node, 1));
      case "Div" -> in(node, 0).dividedBy(in(node, 1));
      case "Max" -> Pointwise.maximum(in(node, 0), in(node, 1));
      case "Min" -> Pointwise.minimum(in(node, 0), in(node, 1));
      case "Pow" -> Pointwise.power(in(node, 0), in(node, 1));
      case "Conv" -> convolution(node);
      case "MaxPool" -> toFile(Pooling.maxPool(fromFile(in(node, 0)), window(node)));
      case "AveragePool" -> toFile(Pooling.avgPool(fromFile(in(node, 0)), window(node)));
      case "BatchNormalization" -> norm(node);
      case "Softmax" -> softmax(node);
      case "Resize" -> resize(node);
      case "Concat" -> {
        Tensor[] parts =
            IntStream.range(0, node.inputs().size())
                .mapToObj(i -> in(node, i))
                .toArray(Tensor[]::new);
        yield Arrays.concat(node.integer("axis"), parts);
      }
      case "Slice" -> slice(node);
      case "Transpose" -> {
        Tensor x = in(node, 0);
        yield Arrays.permute(x, node.integers("perm", x.shape().rank()));
      }
      case "Reshape" -> in(node, 0).reshape(row(node, 1));
      case "Expand" ->
          Arrays.broadcast(
              in(node, 0), Shape.of(java.util.Arrays.stream(row(node, 1)).boxed().toList()));
      default -> throw node.wrong("is an operator that is never written here");
    };
  }

  private Tensor leaky(OnnxNode node) {
    if ((float) node.real("alpha") != (float) Unary.LEAKY_SLOPE) {
      throw node.wrong("has the slope " + node.real("alpha"));
    }
    return Activations.leakyRelu(in(node, 0));
  }

  private Tensor hardSigmoid(OnnxNode node) {
    Tensor line = in(node, 0).times(node.real("alpha")).plus(node.real("beta"));
    Tensor zero = Tensor.of(Shape.of(), 0f);
    Tensor one = Tensor.of(Shape.of(), 1f);
    return Pointwise.minimum(Pointwise.maximum(line, zero), one);
  }

  private static Window window(OnnxNode node) {
    int[] kernel = node.integers("kernel_shape", 2);
    int[] strides = node.integers("strides", 2);
    int[] pads = node.integers("pads", 4);
    int[] dilations = node.has("dilations") ? node.integers("dilations", 2) : new int[] {1, 1};
    return new Window(
        kernel[0],
        kernel[1],
        strides[0],
        strides[1],
        pads[0],
        pads[1],
        pads[2],
        pads[3],
        dilations[0],
        dilations[1]);
  }

  private Tensor convolution(OnnxNode node) {
    Tensor filters = Arrays.permute(in(node, 1), 2, 3, 1, 0);
    Tensor y =
        Convolutions.conv2d(fromFile(in(node, 0)), filters, window(node), node.integer("group"));
    return toFile(node.inputs().size() > 2 ? y.plus(in(node, 2)) : y);
  }

  private Tensor norm(OnnxNode node) {
    return toFile(
        Ops.apply(
            new BatchNorm(node.real("epsilon"), null),
            fromFile(in(node, 0)),
            in(node, 1),
            in(node, 2),
            in(node, 3),
            in(node, 4)));
  }

  private Tensor softmax(OnnxNode node) {
    Tensor x = in(node, 0);
    boolean channels = x.shape().rank() == 4 && node.integer("axis") == 1;
    if (!channels && node.integer("axis") != x.shape().rank() - 1) {
      throw node.wrong("goes along axis " + node.integer("axis"));
    }
    return channels ? toFile(Ops.apply(new Softmax(), fromFile(x))) : Ops.apply(new Softmax(), x);
  }

  private Tensor resize(OnnxNode node) {
    float[] scales = in(node, 2).floats();
    if (scales.length != 4 || scales[2] != scales[3] || scales[2] != Math.rint(scales[2])) {
      throw node.wrong("does not enlarge both sides by one whole number");
    }
    Tensor x = fromFile(in(node, 0));
    return toFile(scales[2] == 1 ? x : Pooling.upsample(x, (int) scales[2]));
  }

  private Tensor slice(OnnxNode node) {
    Tensor x = in(node, 0);
    List<Integer> starts = new ArrayList<>();
    List<Integer> sizes = new ArrayList<>();
    List<Integer> steps = new ArrayList<>();
    for (int axis = 0; axis < x.shape().rank(); axis++) {
      starts.add(0);
      sizes.add(x.shape().dim(axis));
      steps.add(1);
    }
    int[] axes = row(node, 3);
    for (int i = 0; i < axes.length; i++) {
      int start = row(node, 1)[i];
      int step = row(node, 4)[i];
      starts.set(axes[i], start);
      steps.set(axes[i], step);
      sizes.set(axes[i], Math.ceilDiv(row(node, 2)[i] - start, step));
    }
    return Ops.apply(new Slice(starts, sizes, steps), x);
  }
}
