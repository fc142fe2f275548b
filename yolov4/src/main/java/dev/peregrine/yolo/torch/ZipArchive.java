package dev.peregrine.yolo.torch;

import dev.peregrine.tensor.FormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The entries of a zip file in memory, large files and alignment included.
 *
 * <p>PyTorch stores its entries as they are, and these are handed out without a copy. A compressed
 * one is unpacked when it is asked for; all of them together may be {@value #MAX_GROWTH} times the
 * file at most, so that a small file cannot fill the memory.
 */
final class ZipArchive {
  static final int MAX_GROWTH = 16;

  private static final int MAX_NAME = 500;
  private static final int LOCAL = 0x04034b50;
  private static final int CENTRAL = 0x02014b50;
  private static final int END = 0x06054b50;
  private static final int END64 = 0x06064b50;
  private static final int LOCATOR64 = 0x07064b50;
  private static final int LOCAL_BYTES = 30;
  private static final int CENTRAL_BYTES = 46;
  private static final int END_BYTES = 22;
  private static final int LOCATOR_BYTES = 20;
  private static final long UNSIGNED = 0xffffffffL;
  private static final ValueLayout.OfShort SHORT = layout16();
  private static final ValueLayout.OfInt INT = layout32();
  private static final ValueLayout.OfLong LONG = layout64();

  /** What the directory says of an entry. */
  private record Entry(int method, long checksum, long packed, long size, long local) {}

  private final String where;
  private final MemorySegment bytes;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private long mayUnpack;
  private long mayRead;

  ZipArchive(String where, MemorySegment bytes) {
    this.where = where;
    this.bytes = bytes;
    this.mayUnpack = MAX_GROWTH * bytes.byteSize();
    this.mayRead = bytes.byteSize();
    readDirectory();
  }

  private static ValueLayout.OfShort layout16() {
    return ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  }

  private static ValueLayout.OfInt layout32() {
    return ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  }

  private static ValueLayout.OfLong layout64() {
    return ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  }

  static boolean begins(MemorySegment bytes) {
    return bytes.byteSize() >= 4 && bytes.get(INT, 0) == LOCAL;
  }

  Set<String> names() {
    return entries.keySet();
  }

  private FormatException damaged(String what) {
    return new FormatException(
        where + ": its zip archive " + what + "; the file is cut or damaged, fetch it again");
  }

  private int u16(long at) {
    return Short.toUnsignedInt(bytes.get(SHORT, at));
  }

  private long u32(long at) {
    return Integer.toUnsignedLong(bytes.get(INT, at));
  }

  /** Whether a number of bytes from some place on are in the file. */
  private boolean has(long from, long count) {
    return from >= 0 && count >= 0 && from <= bytes.byteSize() && count <= bytes.byteSize() - from;
  }

  private boolean signature(long at, int wanted) {
    return has(at, 4) && bytes.get(INT, at) == wanted;
  }

  private void readDirectory() {
    long end = bytes.byteSize() - END_BYTES;
    long last = Math.max(0, end - 0xffff);
    while (end >= last && !signature(end, END)) {
      end--;
    }
    if (end < last) {
      throw damaged("has no directory at its end");
    }
    long count = u16(end + 10);
    long start = u32(end + 16);
    if (signature(end - LOCATOR_BYTES, LOCATOR64)) {
      long end64 = bytes.get(LONG, end - LOCATOR_BYTES + 8);
      if (!has(end64, 56) || !signature(end64, END64)) {
        throw damaged("has no directory where it says");
      }
      count = bytes.get(LONG, end64 + 32);
      start = bytes.get(LONG, end64 + 48);
    }
    if (count < 0 || count > bytes.byteSize() / CENTRAL_BYTES) {
      throw damaged("claims " + Long.toUnsignedString(count) + " entries");
    }
    long at = start;
    for (long i = 0; i < count; i++) {
      at = readEntry(at);
    }
  }

  private long readEntry(long at) {
    if (!has(at, CENTRAL_BYTES) || !signature(at, CENTRAL)) {
      throw damaged("lacks an entry of its directory");
    }
    int nameBytes = u16(at + 28);
    int extraBytes = u16(at + 30);
    long next = at + CENTRAL_BYTES + nameBytes + extraBytes + u16(at + 32);
    if (!has(at, next - at)) {
      throw damaged("lacks the end of its directory");
    }
    if (nameBytes > MAX_NAME) {
      throw damaged("has an entry with a name of " + nameBytes + " bytes");
    }
    String name =
        new String(
            bytes.asSlice(at + CENTRAL_BYTES, nameBytes).toArray(ValueLayout.JAVA_BYTE),
            StandardCharsets.UTF_8);
    long[] large = {u32(at + 24), u32(at + 20), u32(at + 42)};
    widen(large, at + CENTRAL_BYTES + nameBytes, extraBytes);
    Entry entry = new Entry(u16(at + 10), u32(at + 16), large[1], large[0], large[2]);
    if ((u16(at + 8) & 1) != 0) {
      throw new FormatException(where + ": entry '" + name + "' is encrypted; unpack it first");
    }
    if (entries.put(name, entry) != null) {
      throw damaged("has two entries '" + name + "'");
    }
    return next;
  }

  /** Numbers that do not fit four bytes stand in a field of their own, in a fixed order. */
  private void widen(long[] numbers, long from, int length) {
    long at = from;
    while (at + 4 <= from + length) {
      long end = at + 4 + u16(at + 2);
      if (u16(at) == 1) {
        long next = at + 4;
        for (int i = 0; i < numbers.length; i++) {
          if (numbers[i] == UNSIGNED && next + 8 <= Math.min(end, from + length)) {
            numbers[i] = bytes.get(LONG, next);
            next += 8;
          }
        }
      }
      at = end;
    }
  }

  boolean contains(String name) {
    return entries.containsKey(name);
  }

  /** The bytes of an entry, compared with its checksum. */
  MemorySegment read(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw damaged("lacks the entry '" + name + "'");
    }
    if (!has(entry.local(), LOCAL_BYTES) || !signature(entry.local(), LOCAL)) {
      throw damaged("lacks entry '" + name + "' where its directory says");
    }
    long from = entry.local() + LOCAL_BYTES + u16(entry.local() + 26) + u16(entry.local() + 28);
    if (!has(from, entry.packed())) {
      throw damaged("lacks the end of entry '" + name + "'");
    }
    // Otherwise many names of the same bytes would take the square of the file's length to check.
    mayRead -= entry.packed();
    if (mayRead < 0) {
      throw damaged("has entries that overlap");
    }
    MemorySegment packed = bytes.asSlice(from, entry.packed());
    MemorySegment content =
        switch (entry.method()) {
          case 0 -> packed;
          case 8 -> inflate(name, packed, entry.size());
          default ->
              throw new FormatException(
                  where
                      + ": entry '"
                      + name
                      + "' is packed by method "
                      + entry.method()
                      + ", which is not read; pack it with zip -0");
        };
    if (content.byteSize() != entry.size() || checksum(content) != entry.checksum()) {
      throw damaged("has an entry '" + name + "' that does not fit its checksum");
    }
    return content;
  }

  private MemorySegment inflate(String name, MemorySegment packed, long size) {
    if (size < 0 || size > mayUnpack || Math.max(size, packed.byteSize()) > Integer.MAX_VALUE - 8) {
      throw new FormatException(
          "%s: unpacking '%s' to %d bytes would pass %d times the file, the most that is unpacked"
              .formatted(where, name, size, MAX_GROWTH));
    }
    mayUnpack -= size;
    byte[] content = new byte[(int) size];
    try (Inflater inflater = new Inflater(true)) {
      inflater.setInput(packed.asByteBuffer());
      int done = 0;
      while (done < content.length) {
        int more = inflater.inflate(content, done, content.length - done);
        if (more == 0) {
          throw damaged("breaks off in entry '" + name + "'");
        }
        done += more;
      }
    } catch (DataFormatException failure) {
      throw new FormatException(
          where + ": entry '" + name + "' cannot be unpacked; the file is damaged", failure);
    }
    return MemorySegment.ofArray(content);
  }

  private static long checksum(MemorySegment content) {
    CRC32 sum = new CRC32();
    long done = 0;
    while (done < content.byteSize()) {
      long part = Math.min(1 << 30, content.byteSize() - done);
      ByteBuffer buffer = content.asSlice(done, part).asByteBuffer();
      sum.update(buffer);
      done += part;
    }
    return sum.getValue();
  }
}
