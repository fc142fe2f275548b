package dev.peregrine.yolo.onnx;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * One message of the Protocol Buffers wire format, collected field by field and then written.
 *
 * <p>Long arrays are only made while they are written, one after another, so that a file may be as
 * large as the network without a second copy of it in memory.
 *
 * <p><b>Source</b> the encoding page of Protocol Buffers: a field is its number and wire type in
 * one varint, then a varint (0), a length and bytes (2), or four bytes (5).
 */
final class ProtoMessage {
  private static final int VARINT = 0;
  private static final int LENGTH = 2;
  private static final int FIXED32 = 5;
  private static final int FLOATS_AT_ONCE = 1 << 14;

  private sealed interface Part {}

  private record Bytes(byte[] bytes) implements Part {}

  private record Nested(ProtoMessage message) implements Part {}

  private record Floats(int count, Supplier<float[]> values) implements Part {}

  private final List<Part> parts = new ArrayList<>();
  private long length;

  /** How many bytes {@link #writeTo} writes. */
  long length() {
    return length;
  }

  private void add(byte[] bytes) {
    parts.add(new Bytes(bytes));
    length += bytes.length;
  }

  private void raw(long value) {
    ByteBuffer bytes = ByteBuffer.allocate(10);
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      bytes.put((byte) (rest & 0x7F | 0x80));
      rest >>>= 7;
    }
    bytes.put((byte) rest);
    byte[] used = new byte[bytes.position()];
    bytes.flip().get(used);
    add(used);
  }

  private void tag(int field, int type) {
    raw((long) field << 3 | type);
  }

  ProtoMessage integer(int field, long value) {
    tag(field, VARINT);
    raw(value);
    return this;
  }

  ProtoMessage real(int field, float value) {
    tag(field, FIXED32);
    add(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array());
    return this;
  }

  ProtoMessage text(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  ProtoMessage bytes(int field, byte[] value) {
    tag(field, LENGTH);
    raw(value.length);
    add(value);
    return this;
  }

  /** Adds a message, which must be complete. */
  ProtoMessage message(int field, ProtoMessage value) {
    tag(field, LENGTH);
    raw(value.length);
    parts.add(new Nested(value));
    length += value.length;
    return this;
  }

  /** Adds numbers as bytes, least significant first; they are asked for when they are written. */
  ProtoMessage floats(int field, int count, Supplier<float[]> values) {
    tag(field, LENGTH);
    raw(4L * count);
    parts.add(new Floats(count, values));
    length += 4L * count;
    return this;
  }

  void writeTo(OutputStream out) throws IOException {
    for (Part part : parts) {
      switch (part) {
        case Bytes(byte[] bytes) -> out.write(bytes);
        case Nested(ProtoMessage message) -> message.writeTo(out);
        case Floats(int count, Supplier<float[]> values) -> write(count, values.get(), out);
      }
    }
  }

  private static void write(int count, float[] values, OutputStream out) throws IOException {
    if (values.length != count) {
      throw new IllegalStateException(values.length + " numbers where " + count + " were declared");
    }
    ByteBuffer bytes = ByteBuffer.allocate(4 * FLOATS_AT_ONCE).order(ByteOrder.LITTLE_ENDIAN);
    for (int start = 0; start < count; start += FLOATS_AT_ONCE) {
      int size = Math.min(FLOATS_AT_ONCE, count - start);
      bytes.clear();
      bytes.asFloatBuffer().put(values, start, size);
      out.write(bytes.array(), 0, 4 * size);
    }
  }
}
