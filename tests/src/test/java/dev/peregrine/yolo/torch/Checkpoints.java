package dev.peregrine.yolo.torch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Small files in both of PyTorch's containers. */
public final class Checkpoints {
  private Checkpoints() {}

  public static byte[] bytes(ByteOrder order, float... values) {
    ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(order);
    buffer.asFloatBuffer().put(values);
    return buffer.array();
  }

  /** The archive of a pickle and its storages, by key. */
  public static byte[] zip(byte[] pickle, Map<String, byte[]> storages) {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("data.pkl", pickle);
    storages.forEach((key, content) -> entries.put("data/" + key, content));
    return zip(entries);
  }

  public static byte[] zip(Map<String, byte[]> entries) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ZipWriter zip = new ZipWriter(Channels.newChannel(out), "x");
    try {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        zip.add(entry.getKey(), MemorySegment.ofArray(entry.getValue()));
      }
      zip.finish();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    return out.toByteArray();
  }

  /** The same packed, as a tool other than PyTorch writes it. */
  public static byte[] packed(Map<String, byte[]> entries) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry("x/" + entry.getKey()));
        zip.write(entry.getValue());
        zip.closeEntry();
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    return out.toByteArray();
  }

  /**
   * The archive with an entry of its directory repeated under other names, whose last letter counts
   * from 0.
   */
  static byte[] again(byte[] zip, String name, int times) {
    ByteBuffer in = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
    int end = zip.length - 22;
    int start = in.getInt(end + 16);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(zip, 0, start);
    int entries = 0;
    for (int at = start; in.getInt(at) == 0x02014b50; ) {
      int length = 46 + in.getShort(at + 28) + in.getShort(at + 30) + in.getShort(at + 32);
      byte[] entry = Arrays.copyOfRange(zip, at, at + length);
      String called = new String(entry, 46, in.getShort(at + 28), StandardCharsets.UTF_8);
      boolean chosen = called.equals(name);
      for (int copy = 0; copy < (chosen ? times : 1); copy++) {
        if (chosen) {
          entry[45 + called.length()] = (byte) ('0' + copy);
        }
        out.writeBytes(entry);
        entries++;
      }
      at += length;
    }
    int length = out.size() - start;
    ByteBuffer tail = ByteBuffer.allocate(22).order(ByteOrder.LITTLE_ENDIAN);
    tail.putInt(0x06054b50).putInt(0).putShort((short) entries).putShort((short) entries);
    out.writeBytes(tail.putInt(length).putInt(start).array());
    return out.toByteArray();
  }

  /** The form before 1.6: pickles one after another, then lengths and bytes of the storages. */
  public static byte[] legacy(
      byte[] pickle, ByteOrder order, Map<String, byte[]> storages, int elementBytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] magic = new byte[10];
    // The number 0x1950a86a20f9469cfc6c, lowest byte first.
    byte[] digits = {
      0x6c, (byte) 0xfc, (byte) 0x9c, 0x46, (byte) 0xf9, 0x20, 0x6a, (byte) 0xa8, 0x50, 0x19
    };
    System.arraycopy(digits, 0, magic, 0, 10);
    out.writeBytes(new PickleBytes().code(0x8a, magic.length).code(unsigned(magic)).end());
    out.writeBytes(new PickleBytes().code('M').little(1001, 2).end());
    out.writeBytes(
        new PickleBytes()
            .code('}')
            .text("little_endian")
            .code(order == ByteOrder.LITTLE_ENDIAN ? 0x88 : 0x89, 's')
            .end());
    out.writeBytes(pickle);
    PickleBytes keys = new PickleBytes().code(']', '(');
    storages.keySet().forEach(keys::text);
    out.writeBytes(keys.code('e').end());
    for (byte[] content : storages.values()) {
      ByteBuffer length = ByteBuffer.allocate(8).order(order);
      out.writeBytes(length.putLong(content.length / elementBytes).array());
      out.writeBytes(content);
    }
    return out.toByteArray();
  }

  private static int[] unsigned(byte[] bytes) {
    int[] values = new int[bytes.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = bytes[i] & 0xff;
    }
    return values;
  }
}
