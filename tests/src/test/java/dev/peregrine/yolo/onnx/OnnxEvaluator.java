package dev.peregrine.yolo.onnx;

import dev.peregrine.yolo.onnx.OnnxReader.Array;
import dev.peregrine.yolo.onnx.OnnxReader.Line;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToIntFunction;

/** Computes what an ONNX file says, by the operators' definitions and as slowly as they read. */
final class OnnxEvaluator {
  private final Map<String, Array> values;

  private OnnxEvaluator(Map<String, Array> values) {
    this.values = values;
  }

  static Map<String, Array> run(OnnxReader.Model model, Map<String, Array> inputs) {
    OnnxEvaluator evaluator = new OnnxEvaluator(new HashMap<>(model.constants()));
    evaluator.values.putAll(inputs);
    for (Line line : model.lines()) {
      evaluator.values.put(line.output(), evaluator.apply(line));
    }
    Map<String, Array> outputs = new HashMap<>();
    model.outputs().keySet().forEach(name -> outputs.put(name, evaluator.values.get(name)));
    return outputs;
  }

  private Array in(Line line, int index) {
    Array value = values.get(line.inputs().get(index));
    if (value == null) {
      throw new AssertionError(line + " takes " + line.inputs().get(index) + " before it is made");
    }
    return value;
  }

  private int[] row(Line line, int index) {
    float[] values = in(line, index).values();
    int[] row = new int[values.length];
    Arrays.setAll(row, i -> (int) values[i]);
    return row;
  }

  private Array apply(Line line) {
    return switch (line.type()) {
      case "Conv" -> convolution(line);
      case "MaxPool" -> pool(line, true);
      case "AveragePool" -> pool(line, false);
      case "Identity" -> in(line, 0);
      case "Neg" -> each(line, x -> -x);
      case "Sigmoid" -> each(line, x -> 1 / (1 + Math.exp(-x)));
      case "Tanh" -> each(line, Math::tanh);
      case "Softplus" -> each(line, x -> Math.log1p(Math.exp(x)));
      case "Mish" -> each(line, x -> x * Math.tanh(Math.log1p(Math.exp(x))));
      case "Relu" -> each(line, x -> Math.max(x, 0));
      case "LeakyRelu" -> each(line, x -> x < 0 ? x * line.real("alpha") : x);
      case "HardSigmoid" ->
          each(line, x -> Math.clamp(x * line.real("alpha") + line.real("beta"), 0, 1));
      case "Clip" -> {
        float low = in(line, 1).values()[0];
        float high = in(line, 2).values()[0];
        yield each(line, x -> Math.clamp(x, low, high));
      }
      case "Add" -> both(line, Double::sum);
      case "Sub" -> both(line, (a, b) -> a - b);
      case "Mul" -> both(line, (a, b) -> a * b);
      case "Div" -> both(line, (a, b) -> a / b);
      case "Concat" -> concat(line);
      case "Slice" -> slice(line);
      case "Transpose" -> transpose(line);
      case "Reshape" -> new Array(row(line, 1), in(line, 0).values());
      case "Expand" -> broadcast(in(line, 0), row(line, 1));
      case "Resize" -> resize(line);
      case "BatchNormalization" -> batchNorm(line);
      default -> throw new AssertionError("operator " + line.type());
    };
  }

  /** Makes an array whose elements are read from another by index. */
  private static Array gather(Array from, int[] dims, ToIntFunction<int[]> offset) {
    float[] result = new float[Arrays.stream(dims).reduce(1, (a, b) -> a * b)];
    int[] index = new int[dims.length];
    for (int i = 0; i < result.length; i++) {
      int rest = i;
      for (int axis = dims.length - 1; axis >= 0; axis--) {
        index[axis] = rest % dims[axis];
        rest /= dims[axis];
      }
      result[i] = from.values()[offset.applyAsInt(index)];
    }
    return new Array(dims, result);
  }

  private static int offset(int[] dims, int... index) {
    int offset = 0;
    for (int axis = 0; axis < dims.length; axis++) {
      offset = offset * dims[axis] + index[axis];
    }
    return offset;
  }

  private Array each(Line line, DoubleUnaryOperator function) {
    Array x = in(line, 0);
    float[] result = new float[x.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = (float) function.applyAsDouble(x.values()[i]);
    }
    return new Array(x.dims(), result);
  }

  private static Array broadcast(Array x, int[] dims) {
    int missing = dims.length - x.dims().length;
    return gather(
        x,
        dims,
        index -> {
          int[] own = new int[x.dims().length];
          Arrays.setAll(own, i -> x.dims()[i] == 1 ? 0 : index[i + missing]);
          return offset(x.dims(), own);
        });
  }

  private Array both(Line line, DoubleBinaryOperator function) {
    Array a = in(line, 0);
    Array b = in(line, 1);
    int rank = Math.max(a.dims().length, b.dims().length);
    int[] dims = new int[rank];
    Arrays.setAll(dims, i -> Math.max(extent(a, i - rank), extent(b, i - rank)));
    float[] left = broadcast(a, dims).values();
    float[] right = broadcast(b, dims).values();
    float[] result = new float[left.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = (float) function.applyAsDouble(left[i], right[i]);
    }
    return new Array(dims, result);
  }

  private static int extent(Array x, int fromEnd) {
    int axis = x.dims().length + fromEnd;
    return axis < 0 ? 1 : x.dims()[axis];
  }

  private Array convolution(Line line) {
    Array x = in(line, 0);
    Array w = in(line, 1);
    int channels = w.dims()[1];
    int perGroup = w.dims()[0] / (int) line.integer("group");
    int[] dims = windowed(line, x.dims(), w.dims()[0]);
    float[] y = new float[Arrays.stream(dims).reduce(1, (a, b) -> a * b)];
    for (int n = 0; n < dims[0]; n++) {
      for (int o = 0; o < dims[1]; o++) {
        for (int i = 0; i < dims[2]; i++) {
          for (int j = 0; j < dims[3]; j++) {
            double sum = line.inputs().size() > 2 ? in(line, 2).values()[o] : 0;
            for (int[] at : places(line, x.dims(), i, j)) {
              for (int c = 0; c < channels; c++) {
                int from = o / perGroup * channels + c;
                sum +=
                    (double) x.values()[offset(x.dims(), n, from, at[0], at[1])]
                        * w.values()[offset(w.dims(), o, c, at[2], at[3])];
              }
            }
            y[offset(dims, n, o, i, j)] = (float) sum;
          }
        }
      }
    }
    return new Array(dims, y);
  }

  private static int[] windowed(Line line, int[] in, int channels) {
    int[] dims = {in[0], channels, 0, 0};
    for (int axis = 0; axis < 2; axis++) {
      long padding = line.integers("pads")[axis] + line.integers("pads")[axis + 2];
      long reach = (line.integers("kernel_shape")[axis] - 1) * dilation(line, axis) + 1;
      dims[axis + 2] =
          (int) ((in[axis + 2] + padding - reach) / line.integers("strides")[axis] + 1);
    }
    return dims;
  }

  private static long dilation(Line line, int axis) {
    return line.attributes().containsKey("dilations") ? line.integers("dilations")[axis] : 1;
  }

  /** The places under a window that lie inside: row, column, and their place in the kernel. */
  private static List<int[]> places(Line line, int[] in, int i, int j) {
    List<int[]> places = new ArrayList<>();
    long[] kernel = line.integers("kernel_shape");
    long[] strides = line.integers("strides");
    long[] pads = line.integers("pads");
    for (int a = 0; a < kernel[0]; a++) {
      for (int b = 0; b < kernel[1]; b++) {
        int row = (int) (i * strides[0] - pads[0] + a * dilation(line, 0));
        int column = (int) (j * strides[1] - pads[1] + b * dilation(line, 1));
        if (row >= 0 && row < in[2] && column >= 0 && column < in[3]) {
          places.add(new int[] {row, column, a, b});
        }
      }
    }
    return places;
  }

  private Array pool(Line line, boolean largest) {
    Array x = in(line, 0);
    int[] dims = windowed(line, x.dims(), x.dims()[1]);
    float[] y = new float[Arrays.stream(dims).reduce(1, (a, b) -> a * b)];
    for (int n = 0; n < dims[0]; n++) {
      for (int c = 0; c < dims[1]; c++) {
        for (int i = 0; i < dims[2]; i++) {
          for (int j = 0; j < dims[3]; j++) {
            int plane = n * dims[1] + c;
            double[] seen =
                places(line, x.dims(), i, j).stream()
                    .mapToDouble(
                        at -> x.values()[(plane * x.dims()[2] + at[0]) * x.dims()[3] + at[1]])
                    .toArray();
            y[offset(dims, n, c, i, j)] =
                (float)
                    (largest
                        ? Arrays.stream(seen).max().orElseThrow()
                        : Arrays.stream(seen).average().orElseThrow());
          }
        }
      }
    }
    return new Array(dims, y);
  }

  private Array concat(Line line) {
    int axis = (int) line.integer("axis");
    int[] dims = in(line, 0).dims().clone();
    dims[axis] = 0;
    for (int i = 0; i < line.inputs().size(); i++) {
      dims[axis] += in(line, i).dims()[axis];
    }
    float[] result = new float[Arrays.stream(dims).reduce(1, (a, b) -> a * b)];
    int start = 0;
    for (int i = 0; i < line.inputs().size(); i++) {
      Array part = in(line, i);
      int before = start;
      gather(
          part,
          part.dims(),
          index -> {
            int from = offset(part.dims(), index);
            int[] to = index.clone();
            to[axis] += before;
            result[offset(dims, to)] = part.values()[from];
            return from;
          });
      start += part.dims()[axis];
    }
    return new Array(dims, result);
  }

  private Array slice(Line line) {
    Array x = in(line, 0);
    int[] dims = x.dims().clone();
    int[] starts = new int[dims.length];
    int[] steps = new int[dims.length];
    Arrays.fill(steps, 1);
    for (int i = 0; i < row(line, 3).length; i++) {
      int axis = row(line, 3)[i];
      starts[axis] = row(line, 1)[i];
      steps[axis] = row(line, 4)[i];
      dims[axis] = Math.ceilDiv(row(line, 2)[i] - starts[axis], steps[axis]);
    }
    return gather(
        x,
        dims,
        index -> {
          int[] from = new int[dims.length];
          Arrays.setAll(from, i -> starts[i] + index[i] * steps[i]);
          return offset(x.dims(), from);
        });
  }

  private Array transpose(Line line) {
    Array x = in(line, 0);
    long[] perm = line.integers("perm");
    int[] dims = new int[perm.length];
    Arrays.setAll(dims, i -> x.dims()[(int) perm[i]]);
    return gather(
        x,
        dims,
        index -> {
          int[] from = new int[perm.length];
          for (int i = 0; i < perm.length; i++) {
            from[(int) perm[i]] = index[i];
          }
          return offset(x.dims(), from);
        });
  }

  private Array resize(Line line) {
    Array x = in(line, 0);
    int[] factors = row(line, 2);
    int[] dims = new int[4];
    Arrays.setAll(dims, i -> x.dims()[i] * factors[i]);
    return gather(
        x,
        dims,
        index -> {
          int[] from = new int[4];
          Arrays.setAll(from, i -> index[i] / factors[i]);
          return offset(x.dims(), from);
        });
  }

  private Array batchNorm(Line line) {
    Array x = in(line, 0);
    float[] y = new float[x.size()];
    int cells = x.dims()[2] * x.dims()[3];
    for (int i = 0; i < y.length; i++) {
      int c = i / cells % x.dims()[1];
      double scale =
          in(line, 1).values()[c] / Math.sqrt(in(line, 4).values()[c] + line.real("epsilon"));
      y[i] = (float) ((x.values()[i] - in(line, 3).values()[c]) * scale + in(line, 2).values()[c]);
    }
    return new Array(x.dims(), y);
  }
}
