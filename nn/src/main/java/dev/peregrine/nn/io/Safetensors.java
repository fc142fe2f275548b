package dev.peregrine.nn.io;

import dev.peregrine.tensor.FormatException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

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
  /** The name in the header under which the texts are. */
  static final String METADATA = "__metadata__";

  /**
   * One array.
   *
   * @param shape its extents, outermost first
   * @param values {@code float[]} (F32, or F16 and BF16 widened), {@code double[]} (F64), {@code
   *     int[]} (I32) or {@code long[]} (I64), row-major
   */
  public record Array(int[] shape, Object values) {
    /** Checks that the values have the extents. */
    public Array {
      long elements = 1;
      for (int extent : shape) {
        elements *= extent;
      }
      int length =
          switch (values) {
            case float[] floats -> floats.length;
            case double[] doubles -> doubles.length;
            case int[] ints -> ints.length;
            case long[] longs -> longs.length;
            default ->
                throw new FormatException(
                    "safetensors: arrays of "
                        + values.getClass().getSimpleName()
                        + " are not kept; float, double, int and long are");
          };
      if (elements != length) {
        throw new FormatException(
            "safetensors: extents "
                + Arrays.toString(shape)
                + " are those of "
                + elements
                + " elements but there are "
                + length);
      }
    }

    /**
     * Tells whether it holds numbers of floating point, as weights do.
     *
     * @return whether {@link #floats} gives them
     */
    public boolean isFloating() {
      return values instanceof float[] || values instanceof double[];
    }

    /**
     * Returns its numbers as floats.
     *
     * <p><b>Errors</b> {@link IllegalStateException} for whole numbers.
     *
     * @return the values themselves, or those of an F64 array rounded to the nearest
     */
    public float[] floats() {
      return switch (values) {
        case float[] floats -> floats;
        case double[] doubles -> {
          float[] rounded = new float[doubles.length];
          for (int i = 0; i < rounded.length; i++) {
            rounded[i] = (float) doubles[i];
          }
          yield rounded;
        }
        default -> throw new IllegalStateException("an array of whole numbers has no floats");
      };
    }
  }

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
   * <p><b>Cost</b> whatever the header claims: the numbers take what they take in the file, halves
   * twice that, and the header at most 300 times its length.
   *
   * @param file the file
   * @return its content
   */
  public static Safetensors read(Path file) {
    return SafetensorsReader.read(file, true);
  }

  /**
   * Reads the bytes of a file.
   *
   * <p><b>Errors</b> as {@link #read}.
   *
   * @param name for errors
   * @param bytes the whole file
   * @return its content
   */
  public static Safetensors parse(String name, byte[] bytes) {
    return new SafetensorsReader(name).read(bytes);
  }

  /**
   * Reads the texts of a file without its arrays.
   *
   * <p><b>Errors</b> {@link FormatException} if it is not there or its header is damaged; the
   * arrays are not looked at.
   *
   * @param file the file
   * @return texts by name
   */
  public static Map<String, String> readMetadata(Path file) {
    return SafetensorsReader.read(file, false).metadata();
  }

  /**
   * Reads the texts at the beginning of a file, and nothing behind them.
   *
   * <p><b>Errors</b> {@link FormatException} if the header is damaged or the stream fails.
   *
   * @param name for errors
   * @param in the file from its first byte; left open
   * @return texts by name
   */
  public static Map<String, String> readMetadata(String name, InputStream in) {
    return new SafetensorsReader(name).metadata(in);
  }

  /**
   * Writes a file: beside its place first, then renamed, so that a crash leaves the old one whole.
   *
   * <p><b>Errors</b> {@link FormatException} if the place cannot be written.
   *
   * @param file the file; folders above it are made
   */
  public void write(Path file) {
    write(file, FloatFormat.F32);
  }

  /**
   * Writes a file as {@link #write(Path)} does, with its {@code float[]} arrays rounded to a
   * smaller format; others stay.
   *
   * <p><b>Errors</b> {@link FormatException} if the place cannot be written.
   *
   * @param file the file; folders above it are made
   * @param format of the floats: to the nearest, halves to even
   */
  public void write(Path file, FloatFormat format) {
    new SafetensorsWriter(format).write(this, file);
  }
}
