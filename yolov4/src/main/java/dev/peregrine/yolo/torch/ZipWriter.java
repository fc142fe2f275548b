package dev.peregrine.yolo.torch;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/**
 * A zip archive as PyTorch lays one out: nothing is packed, the bytes of each entry begin at a
 * multiple of 64, and the sizes follow them.
 */
final class ZipWriter {
  private static final int ALIGNMENT = 64;
  private static final int FLAGS = 0x0808;
  private static final long UNSIGNED = 0xffffffffL;
  private static final int BLOCK = 1 << 20;

  private record Entry(byte[] name, long checksum, long size, long local) {}

  private final WritableByteChannel channel;
  private final String prefix;
  private final List<Entry> entries = new ArrayList<>();
  private long position;

  ZipWriter(WritableByteChannel channel, String folder) {
    this.channel = channel;
    this.prefix = folder + "/";
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void write(ByteBuffer bytes) throws IOException {
    position += bytes.remaining();
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  void add(String entry, MemorySegment content) throws IOException {
    if (content.byteSize() >= UNSIGNED) {
      throw new IOException("one tensor of " + content.byteSize() + " bytes is more than 4 GiB");
    }
    byte[] name = (prefix + entry).getBytes(StandardCharsets.UTF_8);
    long local = position;
    // A field named FB takes the place up to the next multiple.
    int padding = (int) Math.floorMod(-(local + 34 + name.length), (long) ALIGNMENT);
    ByteBuffer header = little(34 + name.length + padding);
    header.putInt(0x04034b50).putShort((short) 0).putShort((short) FLAGS);
    header.position(26);
    header.putShort((short) name.length).putShort((short) (4 + padding)).put(name);
    header.put((byte) 'F').put((byte) 'B').putShort((short) padding);
    while (header.hasRemaining()) {
      header.put((byte) 'Z');
    }
    write(header.flip());
    CRC32 sum = new CRC32();
    for (long done = 0; done < content.byteSize(); done += BLOCK) {
      ByteBuffer part =
          content.asSlice(done, Math.min(BLOCK, content.byteSize() - done)).asByteBuffer();
      sum.update(part.duplicate());
      write(part);
    }
    int size = (int) content.byteSize();
    write(
        little(16)
            .putInt(0x08074b50)
            .putInt((int) sum.getValue())
            .putInt(size)
            .putInt(size)
            .flip());
    entries.add(new Entry(name, sum.getValue(), content.byteSize(), local));
  }

  /** Writes the directory, after which nothing may be added. */
  void finish() throws IOException {
    long start = position;
    for (Entry entry : entries) {
      boolean far = entry.local() >= UNSIGNED;
      ByteBuffer record = little(46 + entry.name().length + (far ? 12 : 0));
      record.putInt(0x02014b50).putInt(0).putShort((short) FLAGS).putShort((short) 0).putInt(0);
      record.putInt((int) entry.checksum());
      record.putInt((int) entry.size()).putInt((int) entry.size());
      record.putShort((short) entry.name().length).putShort((short) (far ? 12 : 0));
      record.position(42);
      record.putInt(far ? -1 : (int) entry.local()).put(entry.name());
      if (far) {
        record.putShort((short) 1).putShort((short) 8).putLong(entry.local());
      }
      write(record.flip());
    }
    long end = position;
    write(
        little(56)
            .putInt(0x06064b50)
            .putLong(44)
            .putShort((short) 0x031e)
            .putShort((short) 0x2d)
            .putLong(0)
            .putLong(entries.size())
            .putLong(entries.size())
            .putLong(end - start)
            .putLong(start)
            .flip());
    write(little(20).putInt(0x07064b50).putInt(0).putLong(end).putInt(1).flip());
    short count = (short) Math.min(0xffff, entries.size());
    write(
        little(22)
            .putInt(0x06054b50)
            .putInt(0)
            .putShort(count)
            .putShort(count)
            .putInt((int) Math.min(UNSIGNED, end - start))
            .putInt((int) Math.min(UNSIGNED, start))
            .putShort((short) 0)
            .flip());
  }
}
