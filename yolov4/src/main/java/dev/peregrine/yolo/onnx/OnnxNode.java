package dev.peregrine.yolo.onnx;

import dev.peregrine.tensor.FormatException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One node of a file that is read: operator, names, attributes. */
final class OnnxNode {
  private final String where;
  private final String type;
  private final List<String> inputs;
  private final String output;
  private final Map<String, ProtoFields> attributes = new HashMap<>();

  OnnxNode(String where, ProtoFields fields) {
    this.where = where;
    this.type = fields.text(4);
    this.inputs = fields.texts(1);
    this.output = fields.text(2);
    fields.messages(5).forEach(attribute -> attributes.put(attribute.text(1), attribute));
  }

  String type() {
    return type;
  }

  List<String> inputs() {
    return inputs;
  }

  String output() {
    return output;
  }

  boolean has(String attribute) {
    return attributes.containsKey(attribute);
  }

  private ProtoFields attribute(String name) {
    ProtoFields fields = attributes.get(name);
    if (fields == null) {
      throw wrong("lacks its attribute " + name);
    }
    return fields;
  }

  double real(String name) {
    return Float.intBitsToFloat((int) attribute(name).integer(2));
  }

  int integer(String name) {
    return whole(attribute(name).integer(3));
  }

  /** A list of whole numbers of known length. */
  int[] integers(String name, int count) {
    long[] values = attribute(name).integers(8);
    if (values.length != count) {
      throw wrong("has " + values.length + " numbers in " + name + " instead of " + count);
    }
    int[] ints = new int[count];
    for (int i = 0; i < count; i++) {
      ints[i] = whole(values[i]);
    }
    return ints;
  }

  private int whole(long value) {
    if (value != (int) value) {
      throw wrong("has the attribute " + value);
    }
    return (int) value;
  }

  FormatException wrong(String what) {
    return new FormatException(where + ": the " + type + " that makes " + output + " " + what);
  }
}
