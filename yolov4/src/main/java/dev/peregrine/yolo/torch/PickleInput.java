package dev.peregrine.yolo.torch;

import dev.peregrine.tensor.FormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Reads the parts of a pickle, none of which may reach beyond its end. */
final class PickleInput {
  private final String where;
  private final MemorySegment bytes;
  private long position;

  PickleInput(String where, MemorySegment bytes, long from) {
    this.where = where;
    this.bytes = bytes;
    this.position = from;
  }

  long position() {
    return position;
  }

  FormatException error(String what) {
    return new FormatException(
        "%s: its pickle %s (at byte %d); the file is damaged or no PyTorch checkpoint"
            .formatted(where, what, position));
  }

  int unsigned() {
    require(1);
    return bytes.get(ValueLayout.JAVA_BYTE, position++) & 0xff;
  }

  private void require(long count) {
    if (count < 0 || count > bytes.byteSize() - position) {
      throw error(
          "needs %s more bytes where it has %d"
              .formatted(Long.toUnsignedString(count), bytes.byteSize() - position));
    }
  }

  /** An unsigned number of some bytes, the lowest first. */
  long little(int count) {
    require(count);
    long value = 0;
    for (int i = 0; i < count; i++) {
      value |= (bytes.get(ValueLayout.JAVA_BYTE, position + i) & 0xffL) << (8 * i);
    }
    position += count;
    return value;
  }

  byte[] take(long count) {
    require(count);
    if (count > Integer.MAX_VALUE - 8) {
      throw error("has one value of " + count + " bytes");
    }
    byte[] taken = bytes.asSlice(position, count).toArray(ValueLayout.JAVA_BYTE);
    position += count;
    return taken;
  }

  /** The next bytes, not copied. */
  MemorySegment skip(long count) {
    require(count);
    MemorySegment part = bytes.asSlice(position, count);
    position += count;
    return part;
  }

  String text(long count) {
    return new String(take(count), StandardCharsets.UTF_8);
  }

  /** A text that a line end closes. */
  String line() {
    for (long end = position; end < bytes.byteSize(); end++) {
      if (bytes.get(ValueLayout.JAVA_BYTE, end) == '\n') {
        String text = text(end - position);
        position++;
        return text;
      }
    }
    throw error("breaks off within a name");
  }
}
