package dev.peregrine.yolo.onnx;

import dev.peregrine.tensor.shape.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The nodes and constants of a file, collected; the numbers of the fields stand here alone.
 *
 * <p><b>Source</b> {@code onnx.proto} of the ONNX project, messages GraphProto, NodeProto,
 * AttributeProto, TensorProto and ValueInfoProto.
 */
final class OnnxNodes {
  private static final int FLOAT = 1;
  private static final int INT64 = 7;

  private record Line(String type, List<String> inputs, String output, List<ProtoMessage> more) {}

  private final List<Line> lines = new ArrayList<>();
  private final List<ProtoMessage> constants = new ArrayList<>();
  private final Map<Object, String> shared = new HashMap<>();
  private final Map<String, String> renamed = new HashMap<>();

  /** Adds a node and returns the name of what it gives. */
  String add(String type, List<String> inputs, ProtoMessage... attributes) {
    String output = type.toLowerCase(java.util.Locale.ROOT) + "_" + lines.size();
    lines.add(new Line(type, List.copyOf(inputs), output, List.of(attributes)));
    return output;
  }

  /** Gives a node's output a name of the caller's choice. */
  void rename(String output, String name) {
    boolean taken = renamed.containsKey(output);
    boolean made = lines.stream().anyMatch(line -> line.output().equals(output));
    renamed.put(made && !taken ? output : add("Identity", List.of(output)), name);
  }

  /** Tells whether a constant or a node's output, unless renamed, has a name. */
  boolean has(String name) {
    return IntStream.range(0, constants.size()).anyMatch(i -> name.equals("constant_" + i))
        || lines.stream()
            .map(Line::output)
            .anyMatch(output -> output.equals(name) && !renamed.containsKey(output));
  }

  /** Adds numbers that are asked for when the file is written. */
  String floats(List<Integer> dims, Supplier<float[]> values) {
    String name = "constant_" + constants.size();
    ProtoMessage tensor = tensor(dims, FLOAT, name);
    constants.add(tensor.floats(9, dims.stream().reduce(1, Math::multiplyExact), values));
    return name;
  }

  /** Returns a constant of one number, the same one at each call. */
  String scalar(float value) {
    return shared.computeIfAbsent(value, _ -> floats(List.of(), () -> new float[] {value}));
  }

  /** Returns a constant row of integers, the same one at each call. */
  String row(List<Integer> values) {
    return shared.computeIfAbsent(
        List.copyOf(values),
        _ -> {
          String name = "constant_" + constants.size();
          ByteBuffer bytes = ByteBuffer.allocate(8 * values.size()).order(ByteOrder.LITTLE_ENDIAN);
          values.forEach(bytes::putLong);
          constants.add(tensor(List.of(values.size()), INT64, name).bytes(9, bytes.array()));
          return name;
        });
  }

  private static ProtoMessage tensor(List<Integer> dims, int type, String name) {
    ProtoMessage tensor = new ProtoMessage();
    dims.forEach(dim -> tensor.integer(1, dim));
    return tensor.integer(2, type).text(8, name);
  }

  static ProtoMessage real(String name, double value) {
    return new ProtoMessage().text(1, name).real(2, (float) value).integer(20, 1);
  }

  static ProtoMessage integer(String name, int value) {
    return new ProtoMessage().text(1, name).integer(3, value).integer(20, 2);
  }

  static ProtoMessage text(String name, String value) {
    return new ProtoMessage().text(1, name).text(4, value).integer(20, 3);
  }

  static ProtoMessage integers(String name, int... values) {
    ProtoMessage attribute = new ProtoMessage().text(1, name);
    Arrays.stream(values).forEach(value -> attribute.integer(8, value));
    return attribute.integer(20, 7);
  }

  /** The declaration of an input or output. */
  static ProtoMessage declaration(String name, Shape shape) {
    ProtoMessage dims = new ProtoMessage();
    for (int i = 0; i < shape.rank(); i++) {
      dims.message(1, new ProtoMessage().integer(1, shape.dim(i)));
    }
    ProtoMessage type = new ProtoMessage().integer(1, FLOAT).message(2, dims);
    return new ProtoMessage().text(1, name).message(2, new ProtoMessage().message(1, type));
  }

  ProtoMessage graph(String name, List<ProtoMessage> inputs, List<ProtoMessage> outputs) {
    ProtoMessage graph = new ProtoMessage();
    for (Line line : lines) {
      ProtoMessage node = new ProtoMessage();
      line.inputs().forEach(input -> node.text(1, renamed.getOrDefault(input, input)));
      node.text(2, renamed.getOrDefault(line.output(), line.output()));
      node.text(3, line.output()).text(4, line.type());
      line.more().forEach(attribute -> node.message(5, attribute));
      graph.message(1, node);
    }
    graph.text(2, name);
    constants.forEach(constant -> graph.message(5, constant));
    inputs.forEach(input -> graph.message(11, input));
    outputs.forEach(output -> graph.message(12, output));
    return graph;
  }
}
