package dev.peregrine.testkit;

import dev.peregrine.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Statistics of every layer of a network as another program computed them, one row a layer:
 * extents, mean, standard deviation, first values and, in some tables, samples.
 *
 * <p>The tables count values channel by channel ({@code CHW}); tensors here are channels last.
 */
public final class LayerTable {
  private final List<Row> rows;

  private LayerTable(List<Row> rows) {
    this.rows = List.copyOf(rows);
  }

  /**
   * One layer.
   *
   * @param layer darknet's number
   * @param width columns
   * @param height rows
   * @param channels channels
   * @param mean mean of all values
   * @param deviation standard deviation of all values
   * @param first the first values
   * @param samples values at equal distances, from the first on; may be none
   */
  public record Row(
      int layer,
      int width,
      int height,
      int channels,
      double mean,
      double deviation,
      List<Double> first,
      List<Double> samples) {

    /**
     * The largest difference from a computed layer, measured in the row's standard deviation.
     *
     * @param output {@code [1, H, W, C]}
     * @return the largest of the differences of mean, deviation, first values and samples
     */
    public double difference(Tensor output) {
      if (!output
          .shape()
          .toString()
          .equals("[1, " + height + ", " + width + ", " + channels + "]")) {
        throw new AssertionError("layer " + layer + ": " + output.shape() + " instead of " + this);
      }
      double[] values = channelsFirst(output);
      double sum = Arrays.stream(values).sum();
      double ownMean = sum / values.length;
      double squares = Arrays.stream(values).map(v -> (v - ownMean) * (v - ownMean)).sum();
      double largest =
          Math.max(
              Math.abs(ownMean - mean), Math.abs(Math.sqrt(squares / values.length) - deviation));
      for (int i = 0; i < first.size(); i++) {
        largest = worse(largest, values[i] - first.get(i));
      }
      for (int i = 0; i < samples.size(); i++) {
        int index = (int) ((long) i * values.length / samples.size());
        largest = worse(largest, values[index] - samples.get(i));
      }
      return largest / deviation;
    }

    /** Keeps a difference that is not a number. */
    private static double worse(double largest, double difference) {
      return Double.isNaN(difference) ? difference : Math.max(largest, Math.abs(difference));
    }
  }

  /**
   * Reads a table.
   *
   * @param file tab-separated, with a line of column names that starts with {@code layer}
   * @return the table
   */
  public static LayerTable read(Path file) {
    List<Row> rows = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(file)) {
        if (!line.isEmpty() && Character.isDigit(line.charAt(0))) {
          String[] fields = line.split("\t", -1);
          rows.add(
              new Row(
                  Integer.parseInt(fields[0]),
                  Integer.parseInt(fields[1]),
                  Integer.parseInt(fields[2]),
                  Integer.parseInt(fields[3]),
                  Double.parseDouble(fields[4]),
                  Double.parseDouble(fields[5]),
                  numbers(fields[8]),
                  fields.length > 9 ? numbers(fields[9]) : List.of()));
        }
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    return new LayerTable(rows);
  }

  private static List<Double> numbers(String text) {
    return Arrays.stream(text.split(",")).map(Double::valueOf).toList();
  }

  /**
   * The rows in the order of the layers.
   *
   * @return one for each layer
   */
  public List<Row> rows() {
    return rows;
  }

  /**
   * Reads little-endian floats.
   *
   * @param file a file of nothing else
   * @return its values
   */
  public static float[] floats(Path file) {
    try {
      FloatBuffer buffer =
          ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
      float[] values = new float[buffer.remaining()];
      buffer.get(values);
      return values;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /**
   * The values of one picture channel by channel.
   *
   * @param output {@code [1, H, W, C]}
   * @return {@code C * H * W} values
   */
  public static double[] channelsFirst(Tensor output) {
    double[] values = output.doubles();
    int channels = output.shape().channels();
    int cells = values.length / channels;
    double[] moved = new double[values.length];
    for (int cell = 0; cell < cells; cell++) {
      for (int c = 0; c < channels; c++) {
        moved[c * cells + cell] = values[cell * channels + c];
      }
    }
    return moved;
  }

  /**
   * The values of one picture pixel by pixel.
   *
   * @param values {@code C * H * W} values
   * @param channels how many channels they have
   * @return {@code H * W * C} values
   */
  public static float[] channelsLast(float[] values, int channels) {
    int cells = values.length / channels;
    float[] moved = new float[values.length];
    for (int c = 0; c < channels; c++) {
      for (int cell = 0; cell < cells; cell++) {
        moved[cell * channels + c] = values[c * cells + cell];
      }
    }
    return moved;
  }
}
