package dev.peregrine.yolo.augment.effect;

import dev.peregrine.yolo.image.Image;

/** Pictures made less sharp. Beyond an edge its outermost pixels go on. */
public final class Blur {
  private Blur() {}

  /**
   * The standard deviation that OpenCV takes for a kernel of some size, and darknet with it.
   *
   * @param size odd extent of the kernel
   * @return standard deviation in pixels
   */
  public static double sigma(int size) {
    return 0.3 * ((size - 1) * 0.5 - 1) + 0.8;
  }

  /**
   * Gaussian blur of a rectangle, in place.
   *
   * <p><b>Formula</b> weights {@code exp(-d^2 / (2 sigma^2))}, normed to 1, over three standard
   * deviations either way.
   *
   * <p><b>Cost</b> two passes of {@code 6 sigma + 1} products a value.
   *
   * @param image the picture
   * @param left first column
   * @param top first row
   * @param right column after the last
   * @param bottom row after the last
   * @param sigma standard deviation in pixels, above 0
   */
  public static void gaussian(Image image, int left, int top, int right, int bottom, double sigma) {
    int height = bottom - top;
    int row = 3 * (right - left);
    if (height <= 0 || row <= 0) {
      return;
    }
    float[] weights = weights(sigma);
    int radius = weights.length - 1;
    float[] rgb = image.rgb();
    float[][] smooth = new float[height][row];
    float[] padded = new float[row + 6 * radius];
    for (int y = 0; y < height; y++) {
      int from = ((top + y) * image.width() + left) * 3;
      pad(rgb, from, row, radius, padded);
      float[] out = smooth[y];
      scale(padded, 3 * radius, weights[0], out, 0, row);
      for (int k = 1; k <= radius; k++) {
        add(padded, 3 * (radius - k), padded, 3 * (radius + k), weights[k], out, 0, row);
      }
    }
    for (int y = 0; y < height; y++) {
      int to = ((top + y) * image.width() + left) * 3;
      scale(smooth[y], 0, weights[0], rgb, to, row);
      for (int k = 1; k <= radius; k++) {
        float[] above = smooth[Math.max(0, y - k)];
        float[] below = smooth[Math.min(height - 1, y + k)];
        add(above, 0, below, 0, weights[k], rgb, to, row);
      }
    }
  }

  /** The weight of the middle and of one side. */
  private static float[] weights(double sigma) {
    int radius = Math.max(1, (int) Math.ceil(3 * sigma));
    double[] raw = new double[radius + 1];
    double sum = 0;
    for (int k = 0; k <= radius; k++) {
      raw[k] = Math.exp(-k * k / (2 * sigma * sigma));
      sum += k == 0 ? raw[k] : 2 * raw[k];
    }
    float[] weights = new float[radius + 1];
    for (int k = 0; k <= radius; k++) {
      weights[k] = (float) (raw[k] / sum);
    }
    return weights;
  }

  /** A row with its outermost pixels repeated on both sides. */
  private static void pad(float[] rgb, int from, int row, int radius, float[] padded) {
    System.arraycopy(rgb, from, padded, 3 * radius, row);
    for (int i = 0; i < 3 * radius; i++) {
      padded[i] = rgb[from + i % 3];
      padded[3 * radius + row + i] = rgb[from + row - 3 + i % 3];
    }
  }

  private static void scale(float[] in, int from, float weight, float[] out, int to, int count) {
    for (int i = 0; i < count; i++) {
      out[to + i] = weight * in[from + i];
    }
  }

  private static void add(
      float[] a, int atA, float[] b, int atB, float weight, float[] out, int to, int count) {
    for (int i = 0; i < count; i++) {
      out[to + i] += weight * (a[atA + i] + b[atB + i]);
    }
  }

  /**
   * Each value becomes the median of the nine around it, in place.
   *
   * <p><b>Formula</b> columns of three are sorted first; the median is the middle of the largest
   * low, the middle median and the smallest high one of three columns.
   *
   * @param image the picture
   */
  public static void median(Image image) {
    float[] rgb = image.rgb();
    int row = 3 * image.width();
    int height = image.height();
    float[] above = new float[row];
    float[] here = new float[row];
    float[] low = new float[row + 6];
    float[] middle = new float[row + 6];
    float[] high = new float[row + 6];
    System.arraycopy(rgb, 0, here, 0, row);
    System.arraycopy(rgb, 0, above, 0, row);
    for (int y = 0; y < height; y++) {
      int at = y * row;
      int below = Math.min(y + 1, height - 1) * row;
      sortColumns(above, here, rgb, below, low, middle, high, row);
      repeatEnds(low, row);
      repeatEnds(middle, row);
      repeatEnds(high, row);
      float[] spare = above;
      above = here;
      here = spare;
      System.arraycopy(rgb, below, here, 0, row);
      middleOfNine(low, middle, high, rgb, at, row);
    }
  }

  private static void sortColumns(
      float[] a,
      float[] b,
      float[] rgb,
      int below,
      float[] low,
      float[] middle,
      float[] high,
      int row) {
    for (int i = 0; i < row; i++) {
      float x = a[i];
      float y = b[i];
      float z = rgb[below + i];
      float least = Math.min(x, y);
      float most = Math.max(x, y);
      low[i + 3] = Math.min(least, z);
      high[i + 3] = Math.max(most, z);
      middle[i + 3] = Math.max(least, Math.min(most, z));
    }
  }

  private static void repeatEnds(float[] values, int row) {
    System.arraycopy(values, 3, values, 0, 3);
    System.arraycopy(values, row, values, row + 3, 3);
  }

  private static void middleOfNine(
      float[] low, float[] middle, float[] high, float[] out, int at, int row) {
    for (int i = 0; i < row; i++) {
      float a = Math.max(Math.max(low[i], low[i + 3]), low[i + 6]);
      float c = Math.min(Math.min(high[i], high[i + 3]), high[i + 6]);
      float least = Math.min(middle[i], middle[i + 3]);
      float most = Math.max(middle[i], middle[i + 3]);
      float b = Math.max(least, Math.min(most, middle[i + 6]));
      out[at + i] = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    }
  }
}
