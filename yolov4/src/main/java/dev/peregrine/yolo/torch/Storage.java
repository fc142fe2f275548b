package dev.peregrine.yolo.torch;

import dev.peregrine.tensor.FormatException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The numbers that tensors are views of.
 *
 * <p>A legacy file names a storage before it holds its bytes, so they may come later.
 */
final class Storage {
  private final String key;
  private final TorchType type;
  private final long elements;
  private final @Nullable Storage whole;
  private final long start;
  private @Nullable MemorySegment bytes;
  private ByteOrder order = ByteOrder.LITTLE_ENDIAN;

  Storage(String key, TorchType type, long elements) {
    this(key, type, elements, null, 0);
  }

  private Storage(String key, TorchType type, long elements, @Nullable Storage whole, long start) {
    this.key = key;
    this.type = type;
    this.elements = elements;
    this.whole = whole;
    this.start = start;
  }

  /** A part of it, as old files describe one: key, first element, number of elements. */
  Storage view(String where, List<?> description) {
    if (description.size() == 3
        && description.get(1) instanceof Long from
        && description.get(2) instanceof Long count
        && from >= 0
        && count >= 0
        && from <= elements
        && count <= elements - from) {
      return new Storage(key, type, count, this, from);
    }
    throw new FormatException(
        where + ": a part of storage '" + key + "' does not lie in it; the file is damaged");
  }

  TorchType type() {
    return type;
  }

  long elements() {
    return elements;
  }

  ByteOrder order() {
    return whole == null ? order : whole.order();
  }

  /** Gives the bytes, which must be as many as the elements take. */
  Storage fill(String where, MemorySegment content, ByteOrder byteOrder) {
    if (content.byteSize() / type.bytes() != elements || content.byteSize() % type.bytes() != 0) {
      throw new FormatException(
          "%s: storage '%s' has %d bytes but should have %d numbers of %s; the file is damaged"
              .formatted(where, key, content.byteSize(), elements, type));
    }
    bytes = content;
    order = byteOrder;
    return this;
  }

  MemorySegment bytes(String where) {
    if (whole != null) {
      return whole.bytes(where).asSlice(start * type.bytes(), elements * type.bytes());
    }
    if (bytes == null) {
      throw new FormatException(
          where + ": storage '" + key + "' is named but its numbers are missing; the file is cut");
    }
    return bytes;
  }
}
