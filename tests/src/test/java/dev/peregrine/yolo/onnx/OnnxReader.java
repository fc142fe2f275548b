package dev.peregrine.yolo.onnx;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads ONNX files for the tests, without a line in common with what writes them. */
final class OnnxReader {
  /** An array with its extents. */
  record Array(int[] dims, float[] values) {
    int size() {
      return values.length;
    }
  }

  /** One node. */
  record Line(String type, List<String> inputs, String output, Map<String, Object> attributes) {
    long[] integers(String name) {
      return (long[]) attributes.get(name);
    }

    long integer(String name) {
      return (long) attributes.get(name);
    }

    float real(String name) {
      return (float) attributes.get(name);
    }
  }

  /** A whole file. */
  record Model(
      long format,
      long operators,
      Map<String, String> metadata,
      String name,
      List<Line> lines,
      Map<String, Array> constants,
      Map<String, int[]> inputs,
      Map<String, int[]> outputs) {}

  /** The fields of a message: numbers as {@code Long}, all else as bytes. */
  private record Message(Map<Integer, List<Object>> fields) {
    static Message of(byte[] bytes) {
      ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      Map<Integer, List<Object>> fields = new HashMap<>();
      while (in.hasRemaining()) {
        long tag = varint(in);
        Object value =
            switch ((int) (tag & 7)) {
              case 0 -> varint(in);
              case 2 -> {
                byte[] part = new byte[(int) varint(in)];
                in.get(part);
                yield part;
              }
              case 5 -> (long) in.getInt();
              default -> throw new AssertionError("wire type " + (tag & 7));
            };
        fields.computeIfAbsent((int) (tag >>> 3), _ -> new ArrayList<>()).add(value);
      }
      return new Message(fields);
    }

    private static long varint(ByteBuffer in) {
      long value = 0;
      for (int shift = 0; ; shift += 7) {
        byte next = in.get();
        value |= (long) (next & 0x7F) << shift;
        if (next >= 0) {
          return value;
        }
      }
    }

    List<Object> all(int field) {
      return fields.getOrDefault(field, List.of());
    }

    List<Message> messages(int field) {
      return all(field).stream().map(bytes -> of((byte[]) bytes)).toList();
    }

    Message message(int field) {
      return messages(field).getFirst();
    }

    List<String> texts(int field) {
      return all(field).stream()
          .map(bytes -> new String((byte[]) bytes, StandardCharsets.UTF_8))
          .toList();
    }

    String text(int field) {
      return texts(field).getFirst();
    }

    long integer(int field) {
      return (long) all(field).getFirst();
    }

    long[] integers(int field) {
      return all(field).stream().mapToLong(value -> (long) value).toArray();
    }
  }

  private OnnxReader() {}

  static Model read(Path file) {
    Message model;
    try {
      model = Message.of(Files.readAllBytes(file));
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    model.messages(14).forEach(entry -> metadata.put(entry.text(1), entry.text(2)));
    Message graph = model.message(7);
    Map<String, Array> constants = new LinkedHashMap<>();
    graph.messages(5).forEach(tensor -> constants.put(tensor.text(8), array(tensor)));
    return new Model(
        model.integer(1),
        model.message(8).integer(2),
        metadata,
        graph.text(2),
        graph.messages(1).stream().map(OnnxReader::line).toList(),
        constants,
        declarations(graph.messages(11)),
        declarations(graph.messages(12)));
  }

  private static Line line(Message node) {
    Map<String, Object> attributes = new HashMap<>();
    for (Message attribute : node.messages(5)) {
      Object value =
          switch ((int) attribute.integer(20)) {
            case 1 -> Float.intBitsToFloat((int) attribute.integer(2));
            case 2 -> attribute.integer(3);
            case 3 -> attribute.text(4);
            case 7 -> attribute.integers(8);
            default -> throw new AssertionError("attribute type " + attribute.integer(20));
          };
      attributes.put(attribute.text(1), value);
    }
    return new Line(node.text(4), node.texts(1), node.text(2), attributes);
  }

  private static Array array(Message tensor) {
    int[] dims = java.util.Arrays.stream(tensor.integers(1)).mapToInt(Math::toIntExact).toArray();
    ByteBuffer raw =
        ByteBuffer.wrap((byte[]) tensor.all(9).getFirst()).order(ByteOrder.LITTLE_ENDIAN);
    boolean floats = tensor.integer(2) == 1;
    float[] values = new float[raw.remaining() / (floats ? 4 : 8)];
    for (int i = 0; i < values.length; i++) {
      values[i] = floats ? raw.getFloat() : raw.getLong();
    }
    return new Array(dims, values);
  }

  private static Map<String, int[]> declarations(List<Message> values) {
    Map<String, int[]> declared = new LinkedHashMap<>();
    for (Message value : values) {
      Message tensor = value.message(2).message(1);
      if (tensor.integer(1) != 1) {
        throw new AssertionError("element type " + tensor.integer(1));
      }
      int[] dims =
          tensor.message(2).messages(1).stream().mapToInt(dim -> (int) dim.integer(1)).toArray();
      declared.put(value.text(1), dims);
    }
    return declared;
  }
}
