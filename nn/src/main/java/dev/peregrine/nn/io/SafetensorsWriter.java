package dev.peregrine.nn.io;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.WholeFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Writes a {@link Safetensors} file. */
final class SafetensorsWriter {
  private final FloatFormat format;

  SafetensorsWriter(FloatFormat format) {
    this.format = format;
  }

  void write(Safetensors content, Path file) {
    Path folder = file.toAbsolutePath().getParent();
    try {
      if (folder != null) {
        Files.createDirectories(folder);
      }
      WholeFile.send(file, channel -> write(content, channel));
    } catch (IOException failure) {
      throw new FormatException(
          file + ": cannot be written: " + failure + "; a file that was there is still whole",
          failure);
    }
  }

  private void write(Safetensors content, FileChannel channel) throws IOException {
    byte[] header = header(content).getBytes(StandardCharsets.UTF_8);
    ByteBuffer start = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN);
    writeAll(channel, start.putLong(header.length).put(header).flip());
    for (Safetensors.Array array : content.arrays().values()) {
      writeAll(channel, encode(array.values()));
    }
  }

  private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private String header(Safetensors content) {
    List<String> entries = new ArrayList<>();
    if (!content.metadata().isEmpty()) {
      List<String> texts = new ArrayList<>();
      content
          .metadata()
          .forEach(
              (key, value) -> texts.add(JsonReader.quote(key) + ":" + JsonReader.quote(value)));
      entries.add(JsonReader.quote(Safetensors.METADATA) + ":{" + String.join(",", texts) + "}");
    }
    long offset = 0;
    for (Map.Entry<String, Safetensors.Array> entry : content.arrays().entrySet()) {
      Safetensors.Array array = entry.getValue();
      long end = offset + bytes(array.values());
      entries.add(
          JsonReader.quote(entry.getKey())
              + ":{\"dtype\":\""
              + dtype(array.values())
              + "\",\"shape\":"
              + Arrays.toString(array.shape()).replace(" ", "")
              + ",\"data_offsets\":["
              + offset
              + ","
              + end
              + "]}");
      offset = end;
    }
    String json = "{" + String.join(",", entries) + "}";
    int bytes = json.getBytes(StandardCharsets.UTF_8).length;
    // Readers that map the file want the numbers to begin at a multiple of 8.
    return json + " ".repeat((8 - bytes % 8) % 8);
  }

  private String dtype(Object values) {
    return switch (values) {
      case float[] _ -> format.name();
      case double[] _ -> "F64";
      case int[] _ -> "I32";
      default -> "I64";
    };
  }

  private long bytes(Object values) {
    return switch (values) {
      case float[] floats -> (long) format.bytes() * floats.length;
      case int[] ints -> 4L * ints.length;
      case double[] doubles -> 8L * doubles.length;
      case long[] longs -> 8L * longs.length;
      default -> throw new IllegalStateException("an array of " + values.getClass());
    };
  }

  private ByteBuffer encode(Object values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(bytes(values))).order(ByteOrder.LITTLE_ENDIAN);
    switch (values) {
      case float[] floats -> encode(floats, bytes);
      case double[] doubles -> bytes.asDoubleBuffer().put(doubles);
      case int[] ints -> bytes.asIntBuffer().put(ints);
      case long[] longs -> bytes.asLongBuffer().put(longs);
      default -> throw new IllegalStateException("an array of " + values.getClass());
    }
    return bytes;
  }

  private void encode(float[] values, ByteBuffer into) {
    if (format == FloatFormat.F32) {
      into.asFloatBuffer().put(values);
      return;
    }
    for (int i = 0; i < values.length; i++) {
      into.putShort(2 * i, format.bits(values[i]));
    }
  }
}
