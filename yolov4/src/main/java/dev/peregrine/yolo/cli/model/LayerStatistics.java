package dev.peregrine.yolo.cli.model;

import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Shape;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Statistics of one layer's output.
 *
 * @param layer darknet's number
 * @param shape {@code [1, H, W, C]}
 * @param mean mean of all values
 * @param deviation standard deviation of all values
 * @param least the smallest value
 * @param largest the largest value
 * @param first the first eight values channel by channel, or all where there are fewer
 */
record LayerStatistics(
    int layer,
    Shape shape,
    double mean,
    double deviation,
    double least,
    double largest,
    double[] first) {
  /** The line above the rows. */
  static final String HEADER = "layer\tout_w\tout_h\tout_c\tmean\tstd\tmin\tmax\tfirst8";

  private static final int SHOWN = 8;

  /** Computes them. */
  static LayerStatistics of(int layer, Tensor output) {
    double[] values = output.doubles();
    double mean = Arrays.stream(values).sum() / values.length;
    double variance = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / values.length;
    int channels = output.shape().channels();
    int cells = values.length / channels;
    double[] first = new double[Math.min(SHOWN, values.length)];
    for (int i = 0; i < first.length; i++) {
      first[i] = values[i % cells * channels + i / cells];
    }
    return new LayerStatistics(
        layer,
        output.shape(),
        mean,
        Math.sqrt(variance),
        Arrays.stream(values).min().orElse(0),
        Arrays.stream(values).max().orElse(0),
        first);
  }

  /** The row of the table, nine significant digits. */
  @Override
  public String toString() {
    return String.join(
        "\t",
        String.valueOf(layer),
        String.valueOf(shape.dim(2)),
        String.valueOf(shape.dim(1)),
        String.valueOf(shape.channels()),
        digits(mean),
        digits(deviation),
        digits(least),
        digits(largest),
        Arrays.stream(first).mapToObj(LayerStatistics::digits).collect(Collectors.joining(",")));
  }

  private static String digits(double value) {
    return String.format(Locale.ROOT, "%.8e", value);
  }
}
