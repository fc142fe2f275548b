package dev.peregrine.yolo.cli.model;

import dev.peregrine.tensor.Tensor;
import dev.peregrine.yolo.image.Image;

/** A layer's output as a grey picture. */
final class ActivationMap {
  private ActivationMap() {}

  /**
   * Draws the mean over the channels, black for its least and white for its largest value.
   *
   * @param output {@code [1, H, W, C]}
   * @param height rows that the picture shall have at least, by repeating cells
   */
  static Image of(Tensor output, int height) {
    int rows = output.shape().dim(1);
    int columns = output.shape().dim(2);
    int channels = output.shape().channels();
    double[] values = output.doubles();
    double[] means = new double[rows * columns];
    double least = Double.POSITIVE_INFINITY;
    double largest = Double.NEGATIVE_INFINITY;
    for (int cell = 0; cell < means.length; cell++) {
      double sum = 0;
      for (int c = 0; c < channels; c++) {
        sum += values[cell * channels + c];
      }
      means[cell] = sum / channels;
      least = Math.min(least, means[cell]);
      largest = Math.max(largest, means[cell]);
    }
    int scale = Math.max(1, height / rows);
    Image image = new Image(columns * scale, rows * scale);
    double range = largest > least ? largest - least : 1;
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        float grey = (float) ((means[y / scale * columns + x / scale] - least) / range);
        int at = 3 * (y * image.width() + x);
        image.rgb()[at] = grey;
        image.rgb()[at + 1] = grey;
        image.rgb()[at + 2] = grey;
      }
    }
    return image;
  }
}
