package dev.peregrine.yolo.onnx;

import dev.peregrine.tensor.FormatException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The fields of one message of a file, by number: whole numbers as {@code Long}, all others as the
 * bytes where they stand. What a writer may write in two ways, packed or not, is read in both.
 */
final class ProtoFields {
  private final String where;
  private final Map<Integer, List<Object>> fields = new HashMap<>();

  ProtoFields(String where, ByteBuffer bytes) {
    this.where = where;
    ByteBuffer in = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    try {
      while (in.hasRemaining()) {
        long tag = varint(in);
        Object value =
            switch ((int) (tag & 7)) {
              case 0 -> varint(in);
              case 1 -> in.getLong();
              case 2 -> part(in, varint(in));
              case 5 -> (long) in.getInt();
              default -> throw damaged("has a field of the unknown kind " + (tag & 7));
            };
        fields.computeIfAbsent((int) (tag >>> 3), _ -> new ArrayList<>()).add(value);
      }
    } catch (BufferUnderflowException failure) {
      throw new FormatException(where + ": breaks off; the file is cut or no ONNX file", failure);
    }
  }

  private FormatException damaged(String what) {
    return new FormatException(where + ": " + what + "; the file is damaged or no ONNX file");
  }

  private ByteBuffer part(ByteBuffer in, long length) {
    if (length < 0 || length > in.remaining()) {
      throw damaged("claims a part of " + Long.toUnsignedString(length) + " bytes");
    }
    ByteBuffer part = in.slice(in.position(), (int) length);
    in.position(in.position() + (int) length);
    return part;
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      byte next = in.get();
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        break;
      }
    }
    return value;
  }

  private List<Object> all(int field) {
    return fields.getOrDefault(field, List.of());
  }

  private ByteBuffer bytes(Object value) {
    if (value instanceof ByteBuffer part) {
      return part.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }
    throw damaged("has a number where bytes must be");
  }

  /** The bytes of a field; none where it is missing. */
  ByteBuffer bytes(int field) {
    return all(field).isEmpty()
        ? ByteBuffer.allocate(0).order(ByteOrder.LITTLE_ENDIAN)
        : bytes(all(field).getLast());
  }

  List<ProtoFields> messages(int field) {
    return all(field).stream().map(value -> new ProtoFields(where, bytes(value))).toList();
  }

  List<String> texts(int field) {
    return all(field).stream()
        .map(value -> StandardCharsets.UTF_8.decode(bytes(value)).toString())
        .toList();
  }

  /** A text; empty where it is missing. */
  String text(int field) {
    return all(field).isEmpty() ? "" : texts(field).getLast();
  }

  /** The whole numbers of a field, one by one or in a row. */
  long[] integers(int field) {
    List<Long> values = new ArrayList<>();
    for (Object value : all(field)) {
      if (value instanceof Long number) {
        values.add(number);
        continue;
      }
      ByteBuffer row = bytes(value);
      while (row.hasRemaining()) {
        values.add(varint(row));
      }
    }
    return values.stream().mapToLong(Long::longValue).toArray();
  }

  /** A whole number; 0 where it is missing, as the format has it. */
  long integer(int field) {
    long[] values = integers(field);
    return values.length == 0 ? 0 : values[values.length - 1];
  }
}
