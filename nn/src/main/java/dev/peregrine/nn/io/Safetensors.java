package dev.peregrine.nn.io;

import dev.peregrine.tensor.FormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Named arrays and texts in a safetensors file: a JSON header with types, shapes and offsets, then
 * the numbers.
 *
 * <p><b>Formula</b> 8 bytes N, little endian; N bytes of JSON; then the arrays one after another,
 * row-major, little endian, without gaps.
 *
 * <p><b>Source</b> huggingface/safetensors, format description.
 *
 * @param arrays by name, in file order
 * @param metadata texts by name
 */
public record Safetensors(Map<String, Array> arrays, Map<String, String> metadata) {
  private static final String METADATA = "__metadata__";
  private static final long MAX_HEADER = 100_000_000;

  /**
   * One array.
   *
   * @param shape its extents, outermost first
   * @param values {@code float[]} (F32, or F16 and BF16 widened), {@code double[]} (F64), {@code
   *     int[]} (I32) or {@code long[]} (I64), row-major
   */
  public record Array(int[] shape, Object values) {}

  /** Copies the maps. */
  public Safetensors {
    arrays = new LinkedHashMap<>(arrays);
    metadata = new LinkedHashMap<>(metadata);
  }

  /**
   * Reads a file.
   *
   * <p><b>Errors</b> {@link FormatException} if it is not there, is cut, or its header does not fit
   * its length.
   *
   * @param file the file
   * @return its content
   */
  public static Safetensors read(Path file) {
    return read(file, true);
  }

  /**
   * Reads the texts of a file without its arrays.
   *
   * <p><b>Errors</b> as {@link #read}.
   *
   * @param file the file
   * @return texts by name
   */
  public static Map<String, String> readMetadata(Path file) {
    return read(file, false).metadata();
  }

  private static Safetensors read(Path file, boolean withArrays) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      ByteBuffer length = bytes(channel, file, 0, Math.min(8, size));
      long header = size < 8 ? -1 : length.getLong(0);
      if (header < 2 || header > MAX_HEADER || header > size - 8) {
        throw new FormatException(
            file
                + ": is not a safetensors file, or is cut: its header claims "
                + header
                + " bytes and the file has "
                + size);
      }
      String json = StandardCharsets.UTF_8.decode(bytes(channel, file, 8, header)).toString();
      Map<String, Object> entries = JsonReader.object(file.toString(), json);
      if (!withArrays) {
        entries.keySet().retainAll(List.of(METADATA));
      }
      return parse(file, channel, 8 + header, size, entries);
    } catch (IOException failure) {
      throw new FormatException(file + ": cannot be read: " + failure, failure);
    }
  }

  private static Safetensors parse(
      Path file, FileChannel channel, long base, long size, Map<String, Object> header)
      throws IOException {
    Map<String, Array> arrays = new LinkedHashMap<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    for (Map.Entry<String, Object> entry : header.entrySet()) {
      if (!(entry.getValue() instanceof Map<?, ?> fields)) {
        throw new FormatException(
            file + ": header entry '" + entry.getKey() + "' is not an object");
      }
      if (entry.getKey().equals(METADATA)) {
        fields.forEach((key, value) -> metadata.put(String.valueOf(key), String.valueOf(value)));
        continue;
      }
      String where = file + ": array '" + entry.getKey() + "'";
      String dtype = String.valueOf(fields.get("dtype"));
      long[] shape = longs(where, fields.get("shape"));
      long[] offsets = longs(where, fields.get("data_offsets"));
      long elements = 1;
      for (long extent : shape) {
        if (extent < 0 || (extent > 0 && elements > Integer.MAX_VALUE / extent)) {
          throw new FormatException(
              where
                  + ": extents "
                  + java.util.Arrays.toString(shape)
                  + " are not those of an array");
        }
        elements *= extent;
      }
      int width = width(where, dtype);
      if (offsets.length != 2
          || offsets[0] < 0
          || offsets[1] - offsets[0] != elements * width
          || base + offsets[1] > size) {
        throw new FormatException(
            where
                + ": "
                + elements
                + " elements of "
                + dtype
                + " do not fit bytes "
                + java.util.Arrays.toString(offsets)
                + " of the "
                + (size - base)
                + " in the file; it is cut or damaged");
      }
      ByteBuffer bytes = bytes(channel, file, base + offsets[0], offsets[1] - offsets[0]);
      int[] extents = new int[shape.length];
      for (int i = 0; i < extents.length; i++) {
        extents[i] = (int) shape[i];
      }
      arrays.put(entry.getKey(), new Array(extents, numbers(dtype, bytes, (int) elements)));
    }
    return new Safetensors(arrays, metadata);
  }

  private static ByteBuffer bytes(FileChannel channel, Path file, long from, long count)
      throws IOException {
    if (count > Integer.MAX_VALUE - 8) {
      throw new FormatException(file + ": one array of " + count + " bytes is more than 2 GiB");
    }
    ByteBuffer buffer = ByteBuffer.allocate((int) count).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, from + buffer.position()) < 0) {
        throw new FormatException(file + ": breaks off at byte " + (from + buffer.position()));
      }
    }
    return buffer.flip();
  }

  private static long[] longs(String where, @Nullable Object value) {
    if (!(value instanceof List<?> list)) {
      throw new FormatException(where + ": shape and data_offsets must be lists of numbers");
    }
    long[] longs = new long[list.size()];
    for (int i = 0; i < longs.length; i++) {
      if (!(list.get(i) instanceof Double number) || number != Math.rint(number)) {
        throw new FormatException(where + ": '" + list.get(i) + "' is not a whole number");
      }
      longs[i] = number.longValue();
    }
    return longs;
  }

  private static int width(String where, String dtype) {
    return switch (dtype) {
      case "F32", "I32" -> 4;
      case "F64", "I64" -> 8;
      case "F16", "BF16" -> 2;
      default ->
          throw new FormatException(
              where
                  + ": element type "
                  + dtype
                  + " is not read; F64, F32, F16, BF16, I64 and I32 are");
    };
  }

  private static Object numbers(String dtype, ByteBuffer bytes, int elements) {
    if (dtype.equals("F64")) {
      double[] values = new double[elements];
      bytes.asDoubleBuffer().get(values);
      return values;
    }
    if (dtype.equals("I64")) {
      long[] values = new long[elements];
      bytes.asLongBuffer().get(values);
      return values;
    }
    if (dtype.equals("I32")) {
      int[] values = new int[elements];
      bytes.asIntBuffer().get(values);
      return values;
    }
    float[] values = new float[elements];
    if (dtype.equals("F32")) {
      bytes.asFloatBuffer().get(values);
      return values;
    }
    for (int i = 0; i < elements; i++) {
      short bits = bytes.getShort();
      values[i] =
          dtype.equals("F16") ? Float.float16ToFloat(bits) : Float.intBitsToFloat(bits << 16);
    }
    return values;
  }

  /**
   * Writes a file: beside its place first, then renamed, so that a crash leaves the old one whole.
   *
   * <p><b>Errors</b> {@link FormatException} if the place cannot be written.
   *
   * @param file the file
   */
  public void write(Path file) {
    Path absolute = file.toAbsolutePath();
    Path beside = absolute.resolveSibling(absolute.getFileName() + ".part");
    try {
      if (absolute.getParent() != null) {
        Files.createDirectories(absolute.getParent());
      }
      try (FileChannel channel =
          FileChannel.open(
              beside,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        write(channel);
        channel.force(true);
      }
      Files.move(
          beside, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException failure) {
      throw new FormatException(file + ": cannot be written: " + failure, failure);
    }
  }

  private void write(FileChannel channel) throws IOException {
    byte[] header = header().getBytes(StandardCharsets.UTF_8);
    ByteBuffer start = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN);
    writeAll(channel, start.putLong(header.length).put(header).flip());
    for (Array array : arrays.values()) {
      writeAll(channel, encode(array.values()));
    }
  }

  private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private String header() {
    List<String> entries = new ArrayList<>();
    if (!metadata.isEmpty()) {
      List<String> texts = new ArrayList<>();
      metadata.forEach(
          (key, value) -> texts.add(JsonReader.quote(key) + ":" + JsonReader.quote(value)));
      entries.add(JsonReader.quote(METADATA) + ":{" + String.join(",", texts) + "}");
    }
    long offset = 0;
    for (Map.Entry<String, Array> entry : arrays.entrySet()) {
      Array array = entry.getValue();
      String dtype = dtype(array.values());
      long elements = 1;
      for (int extent : array.shape()) {
        elements *= extent;
      }
      long bytes = elements * width("array", dtype);
      entries.add(
          JsonReader.quote(entry.getKey())
              + ":{\"dtype\":\""
              + dtype
              + "\",\"shape\":"
              + java.util.Arrays.toString(array.shape()).replace(" ", "")
              + ",\"data_offsets\":["
              + offset
              + ","
              + (offset + bytes)
              + "]}");
      offset += bytes;
    }
    String json = "{" + String.join(",", entries) + "}";
    int bytes = json.getBytes(StandardCharsets.UTF_8).length;
    return json + " ".repeat((8 - bytes % 8) % 8);
  }

  private static String dtype(Object values) {
    return switch (values) {
      case float[] _ -> "F32";
      case double[] _ -> "F64";
      case int[] _ -> "I32";
      case long[] _ -> "I64";
      default -> throw unwritable(values);
    };
  }

  private static ByteBuffer encode(Object values) {
    switch (values) {
      case float[] floats -> {
        ByteBuffer bytes = ByteBuffer.allocate(4 * floats.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(floats);
        return bytes;
      }
      case double[] doubles -> {
        ByteBuffer bytes = ByteBuffer.allocate(8 * doubles.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asDoubleBuffer().put(doubles);
        return bytes;
      }
      case int[] ints -> {
        ByteBuffer bytes = ByteBuffer.allocate(4 * ints.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(ints);
        return bytes;
      }
      case long[] longs -> {
        ByteBuffer bytes = ByteBuffer.allocate(8 * longs.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(longs);
        return bytes;
      }
      default -> throw unwritable(values);
    }
  }

  private static FormatException unwritable(Object values) {
    return new FormatException(
        "safetensors: arrays of "
            + values.getClass().getSimpleName()
            + " are not written; float, double, int and long are");
  }
}
