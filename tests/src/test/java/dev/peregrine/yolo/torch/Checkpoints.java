package dev.peregrine.yolo.torch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Small files in both of PyTorch's containers. */
final class Checkpoints {
  private Checkpoints() {}

  static byte[] bytes(ByteOrder order, float... values) {
    ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(order);
    buffer.asFloatBuffer().put(values);
    return buffer.array();
  }

  /** The archive of a pickle and its storages, by key. */
  static byte[] zip(byte[] pickle, Map<String, byte[]> storages) {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("data.pkl", pickle);
    storages.forEach((key, content) -> entries.put("data/" + key, content));
    return zip(entries);
  }

  static byte[] zip(Map<String, byte[]> entries) {
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
  static byte[] packed(Map<String, byte[]> entries) {
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

  /** The form before 1.6: pickles one after another, then lengths and bytes of the storages. */
  static byte[] legacy(
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
