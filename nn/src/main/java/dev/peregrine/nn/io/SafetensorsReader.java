package dev.peregrine.nn.io;

import dev.peregrine.tensor.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a {@link Safetensors} file that may be damaged or made to harm: nothing that its header
 * claims is believed before it fits the length of the file.
 */
final class SafetensorsReader {
  private static final long MAX_HEADER = 100_000_000;
  private static final int MAX_RANK = 32;

  /** What the header says of one array. */
  private record Claim(String name, String dtype, int[] shape, int elements, long from, long to) {}

  /** Where the bytes are. */
  private interface Source {
    long size() throws IOException;

    /** Reads bytes into a buffer; gives how many, or less than 0 at the end. */
    int read(ByteBuffer into, long from) throws IOException;
  }

  private final String file;

  SafetensorsReader(String file) {
    this.file = file;
  }

  static Safetensors read(Path file, boolean withArrays) {
    return new SafetensorsReader(file.toString()).open(file, withArrays);
  }

  /** Reads a file in memory. */
  Safetensors read(byte[] content) {
    Source source =
        new Source() {
          @Override
          public long size() {
            return content.length;
          }

          @Override
          public int read(ByteBuffer into, long from) {
            int count = Math.min(into.remaining(), content.length - (int) from);
            into.put(content, (int) from, count);
            return count > 0 ? count : -1;
          }
        };
    try {
      return read(source, true);
    } catch (IOException failure) {
      throw new FormatException(file + ": cannot be read: " + failure, failure);
    }
  }

  /** Reads the header alone. */
  Map<String, String> metadata(InputStream in) {
    Source source =
        new Source() {
          @Override
          public long size() {
            return Long.MAX_VALUE; // not known; a header that is longer than the stream breaks off
          }

          @Override
          public int read(ByteBuffer into, long from) throws IOException {
            byte[] next = in.readNBytes(into.remaining());
            into.put(next);
            return next.length > 0 ? next.length : -1;
          }
        };
    try {
      return read(source, false).metadata();
    } catch (IOException failure) {
      throw new FormatException(file + ": cannot be read: " + failure, failure);
    }
  }

  private Safetensors open(Path path, boolean withArrays) {
    if (Files.isDirectory(path)) {
      throw new FormatException(file + ": is a folder, not a safetensors file");
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      Source source =
          new Source() {
            @Override
            public long size() throws IOException {
              return channel.size();
            }

            @Override
            public int read(ByteBuffer into, long from) throws IOException {
              return channel.read(into, from);
            }
          };
      return read(source, withArrays);
    } catch (NoSuchFileException missing) {
      throw new FormatException(file + ": there is no such file", missing);
    } catch (IOException failure) {
      throw new FormatException(file + ": cannot be read: " + failure, failure);
    }
  }

  private Safetensors read(Source source, boolean withArrays) throws IOException {
    long size = source.size();
    if (size < 8) {
      throw new FormatException(
          file + ": has only " + size + " bytes; it is cut, or not a safetensors file");
    }
    long header = bytes(source, 0, 8).getLong(0);
    if (header < 2 || header > MAX_HEADER || header > size - 8) {
      throw new FormatException(
          file
              + ": is not a safetensors file, or is cut: its header claims "
              + header
              + " bytes and the file has "
              + size);
    }
    Map<String, Object> entries = JsonReader.object(file, text(source, header));
    Map<String, String> metadata = metadata(entries.remove(Safetensors.METADATA));
    return new Safetensors(withArrays ? arrays(source, 8 + header, entries) : Map.of(), metadata);
  }

  private String text(Source source, long length) throws IOException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes(source, 8, length)).toString();
    } catch (CharacterCodingException wrong) {
      throw new FormatException(
          file + ": its header is not text in UTF-8; the file is damaged or of another format",
          wrong);
    }
  }

  private Map<String, String> metadata(@Nullable Object value) {
    Map<String, String> metadata = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> texts) {
      texts.forEach((key, text) -> metadata.put(String.valueOf(key), String.valueOf(text)));
    } else if (value != null) {
      throw new FormatException(
          file + ": header entry '" + Safetensors.METADATA + "' is not an object");
    }
    return metadata;
  }

  private Map<String, Safetensors.Array> arrays(
      Source source, long base, Map<String, Object> entries) throws IOException {
    List<Claim> claims = new ArrayList<>();
    for (Map.Entry<String, Object> entry : entries.entrySet()) {
      claims.add(claim(entry.getKey(), entry.getValue(), source.size() - base));
    }
    requireContiguous(claims, source.size() - base);
    Map<String, Safetensors.Array> arrays = new LinkedHashMap<>();
    for (Claim claim : claims) {
      ByteBuffer bytes = bytes(source, base + claim.from(), claim.to() - claim.from());
      Object numbers = numbers(claim.dtype(), bytes, claim.elements());
      arrays.put(claim.name(), new Safetensors.Array(claim.shape(), numbers));
    }
    return arrays;
  }

  private Claim claim(String name, Object value, long available) {
    String where = file + ": array '" + JsonReader.shown(name) + "'";
    if (!(value instanceof Map<?, ?> fields)) {
      throw new FormatException(
          file + ": header entry '" + JsonReader.shown(name) + "' is not an object");
    }
    String dtype = String.valueOf(fields.get("dtype"));
    long[] shape = longs(where, fields.get("shape"));
    long[] offsets = longs(where, fields.get("data_offsets"));
    int[] extents = new int[shape.length];
    long elements = 1;
    for (int i = 0; i < shape.length; i++) {
      // Each factor is bounded before it is multiplied, so that no product runs over.
      boolean fits = shape[i] >= 0 && shape[i] <= Integer.MAX_VALUE;
      elements = fits ? elements * shape[i] : Long.MAX_VALUE;
      if (elements > Integer.MAX_VALUE) {
        throw new FormatException(
            where + ": extents " + Arrays.toString(shape) + " are not those of an array");
      }
      extents[i] = (int) shape[i];
    }
    if (offsets.length != 2
        || offsets[0] < 0
        || offsets[1] < offsets[0]
        || offsets[1] > available
        || offsets[1] - offsets[0] != elements * width(where, dtype)) {
      throw new FormatException(
          where
              + ": "
              + elements
              + " elements of "
              + dtype
              + " do not fit bytes "
              + Arrays.toString(offsets)
              + " of the "
              + available
              + " in the file; it is cut or damaged");
    }
    return new Claim(name, dtype, extents, (int) elements, offsets[0], offsets[1]);
  }

  private void requireContiguous(List<Claim> claims, long available) {
    long end = 0;
    for (Claim claim :
        claims.stream()
            .sorted(Comparator.comparingLong(Claim::from).thenComparingLong(Claim::to))
            .toList()) {
      if (claim.from() != end) {
        throw new FormatException(
            file
                + ": array '"
                + JsonReader.shown(claim.name())
                + "' begins at byte "
                + claim.from()
                + " but the one before ends at "
                + end
                + "; arrays may neither overlap nor leave gaps, the file is damaged");
      }
      end = claim.to();
    }
    if (end != available) {
      throw new FormatException(
          file
              + ": its arrays take "
              + end
              + " bytes but "
              + available
              + " follow the header; the file is damaged");
    }
  }

  private ByteBuffer bytes(Source source, long from, long count) throws IOException {
    if (count > Integer.MAX_VALUE - 8) {
      throw new FormatException(file + ": one array of " + count + " bytes is more than 2 GiB");
    }
    ByteBuffer buffer = ByteBuffer.allocate((int) count).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (source.read(buffer, from + buffer.position()) < 0) {
        throw new FormatException(file + ": breaks off at byte " + (from + buffer.position()));
      }
    }
    return buffer.flip();
  }

  private static long[] longs(String where, @Nullable Object value) {
    if (!(value instanceof List<?> list)) {
      throw new FormatException(where + ": shape and data_offsets must be lists of numbers");
    }
    if (list.size() > MAX_RANK) {
      throw new FormatException(where + ": has more than " + MAX_RANK + " axes or offsets");
    }
    long[] longs = new long[list.size()];
    for (int i = 0; i < longs.length; i++) {
      if (!(list.get(i) instanceof Double number) || number != Math.rint(number)) {
        throw new FormatException(
            where + ": '" + JsonReader.shown(list.get(i)) + "' is not a whole number");
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
                  + JsonReader.shown(dtype)
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
    FloatFormat format = dtype.equals("F16") ? FloatFormat.F16 : FloatFormat.BF16;
    for (int i = 0; i < elements; i++) {
      values[i] = format.value(bytes.getShort());
    }
    return values;
  }
}
