package dev.peregrine.yolo.augment.effect;

import dev.peregrine.yolo.image.Image;

/** Brightness, contrast, and the mean that they need. */
final class Light {
  private Light() {}

  /**
   * Changes brightness and contrast.
   *
   * <p><b>Formula</b> {@code clip(bright * (mean + steep * (value - mean)))}, the mean over all
   * values of the picture.
   */
  static void apply(Image image, float bright, float steep) {
    float[] rgb = image.rgb();
    float[] mean = mean(image);
    float offset = bright * (1 - steep) * (mean[0] + mean[1] + mean[2]) / 3;
    float factor = bright * steep;
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = Math.max(0, Math.min(1, factor * rgb[i] + offset));
    }
  }

  /** The mean of red, green, blue. */
  static float[] mean(Image image) {
    float[] rgb = image.rgb();
    double[] sum = new double[3];
    int row = 3 * image.width();
    for (int from = 0; from < rgb.length; from += row) {
      // Sums of one row are exact enough in float.
      float r = 0;
      float g = 0;
      float b = 0;
      for (int i = from; i < from + row; i += 3) {
        r += rgb[i];
        g += rgb[i + 1];
        b += rgb[i + 2];
      }
      sum[0] += r;
      sum[1] += g;
      sum[2] += b;
    }
    double pixels = rgb.length / 3.0;
    return new float[] {
      (float) (sum[0] / pixels), (float) (sum[1] / pixels), (float) (sum[2] / pixels)
    };
  }
}
