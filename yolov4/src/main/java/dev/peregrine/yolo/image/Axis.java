package dev.peregrine.yolo.image;

import java.util.Arrays;

/**
 * Where the samples of one direction come from when a picture is resampled: each new column (or
 * row) is a mix of two old ones, or lies outside.
 *
 * <p><b>Formula</b> {@code out[i] = (1 - weight[i]) * in[low[i]] + weight[i] * in[high[i]]}.
 *
 * <p>Two schools place the samples. <i>Aligned corners</i> (darknet) lay the first on the first and
 * the last on the last. <i>Half pixel</i> (OpenCV, PyTorch) lays the outer edges on each other.
 * They differ by up to a pixel, so weights trained with one lose accuracy with the other.
 */
public final class Axis {
  /** Index of a sample outside the picture, where the fill colour stands. */
  private static final int OUTSIDE = -1;

  private final int[] low;
  private final int[] high;
  private final float[] weight;

  private Axis(int[] low, int[] high, float[] weight) {
    this.low = low;
    this.high = high;
    this.weight = weight;
  }

  /**
   * Darknet's placement: first on first, last on last.
   *
   * <p><b>Formula</b> source of i is {@code i * (in - 1) / (out - 1)} in float arithmetic.
   *
   * <p>Where darknet's rounding falls a hair short of the last row (about one height in twenty), it
   * leaves that row nearly black; here the last is always the last.
   *
   * @param in old extent
   * @param out new extent
   * @return the placement
   */
  public static Axis alignedCorners(int in, int out) {
    check(in, out);
    Axis axis = new Axis(new int[out], new int[out], new float[out]);
    float scale = (float) (in - 1) / (out - 1);
    for (int i = 0; i < out - 1; i++) {
      float at = i * scale;
      int low = (int) at;
      axis.low[i] = low;
      axis.high[i] = Math.min(low + 1, in - 1);
      axis.weight[i] = at - low;
    }
    axis.low[out - 1] = in - 1;
    axis.high[out - 1] = in - 1;
    return axis;
  }

  /**
   * OpenCV's and PyTorch's placement: edges on edges, no smoothing when shrinking.
   *
   * <p><b>Formula</b> source of i is {@code (i + 0.5) * in / out - 0.5}.
   *
   * @param in old extent
   * @param out new extent
   * @return the placement
   */
  public static Axis halfPixel(int in, int out) {
    return crop(in, 0, in, out);
  }

  /**
   * A stretch of the source, which may reach beyond it, at half-pixel placement.
   *
   * <p>Samples mix with the fill colour across the border of the source; beyond the ends of the
   * stretch its outermost sample is repeated.
   *
   * @param in old extent
   * @param start first old sample of the stretch, may be negative
   * @param length old samples in the stretch, positive
   * @param out new extent
   * @return the placement
   */
  public static Axis crop(int in, int start, int length, int out) {
    check(in, out);
    check(length, out);
    Axis axis = new Axis(new int[out], new int[out], new float[out]);
    double scale = length / (double) out;
    for (int i = 0; i < out; i++) {
      double at = Math.clamp((i + 0.5) * scale - 0.5, 0, length - 1.0);
      int low = (int) at;
      axis.low[i] = inside(start + low, in);
      axis.high[i] = inside(start + Math.min(low + 1, length - 1), in);
      axis.weight[i] = (float) (at - low);
    }
    return axis;
  }

  private static int inside(int index, int in) {
    return index >= 0 && index < in ? index : OUTSIDE;
  }

  private static void check(int in, int out) {
    if (in <= 0 || out <= 0) {
      throw new IllegalArgumentException(
          "resampling needs positive extents but got %d -> %d".formatted(in, out));
    }
  }

  /**
   * New extent.
   *
   * @return number of new samples
   */
  public int length() {
    return low.length;
  }

  /**
   * The same placement mirrored.
   *
   * @return a new axis, last sample first
   */
  public Axis reversed() {
    int n = low.length;
    Axis axis = new Axis(new int[n], new int[n], new float[n]);
    for (int i = 0; i < n; i++) {
      axis.low[i] = low[n - 1 - i];
      axis.high[i] = high[n - 1 - i];
      axis.weight[i] = weight[n - 1 - i];
    }
    return axis;
  }

  /**
   * A part of the new samples, for making only a part of the new picture.
   *
   * @param from first new sample
   * @param to the one after the last
   * @return a new axis of {@code to - from} samples
   */
  public Axis slice(int from, int to) {
    return new Axis(
        Arrays.copyOfRange(low, from, to),
        Arrays.copyOfRange(high, from, to),
        Arrays.copyOfRange(weight, from, to));
  }

  int low(int i) {
    return low[i];
  }

  int high(int i) {
    return high[i];
  }

  float weight(int i) {
    return weight[i];
  }
}
