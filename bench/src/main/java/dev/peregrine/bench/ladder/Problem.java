package dev.peregrine.bench.ladder;

import java.util.SplittableRandom;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The convolution that every rung computes: 3x3, stride 1, one picture, then bias and leaky ReLU.
 *
 * <p>The picture has its border of zeros already, and a few more zeros at the bottom and on the
 * right, so that no rung tests where it stands. Channels come in multiples of 32. (The library's
 * kernels take any border and any channels; here that would hide the idea.)
 *
 * @param height rows of the output
 * @param width columns of the output, at least 6
 * @param in channels of the input
 * @param out channels of the output
 * @param input {@code [paddedHeight, paddedWidth, in]}; output pixel (i, j) sees the 3x3 pixels
 *     from (i, j) on
 * @param filters {@code [3, 3, in, out]}
 * @param bias {@code [out]}
 */
record Problem(
    int height, int width, int in, int out, float[] input, float[] filters, float[] bias) {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final float LEAKY_SLOPE = 0.1f;

  /** Makes a problem with random numbers. */
  static Problem random(int height, int width, int in, int out) {
    if (width < 6 || in % 32 != 0 || out % 32 != 0) {
      throw new IllegalArgumentException(
          "ladder: width %d must be 6 or more, channels %d and %d multiples of 32"
              .formatted(width, in, out));
    }
    SplittableRandom random = new SplittableRandom(7);
    float[] input = new float[padded(height) * padded(width) * in];
    for (int i = 1; i <= height; i++) {
      for (int j = 1; j <= width; j++) {
        for (int c = 0; c < in; c++) {
          input[(i * padded(width) + j) * in + c] = uniform(random);
        }
      }
    }
    float[] filters = new float[9 * in * out];
    float[] bias = new float[out];
    for (int i = 0; i < filters.length; i++) {
      filters[i] = uniform(random);
    }
    for (int i = 0; i < out; i++) {
      bias[i] = uniform(random);
    }
    return new Problem(height, width, in, out, input, filters, bias);
  }

  private static float uniform(SplittableRandom random) {
    return (float) random.nextDouble(-1, 1);
  }

  /** One more on both sides; before that, up to a multiple of four, which Winograd's tiles need. */
  private static int padded(int extent) {
    return (extent + 3) / 4 * 4 + 2;
  }

  /** Pixels from one row of the input to the next. */
  int paddedWidth() {
    return padded(width);
  }

  /** Floating-point operations by the definition, a multiplication and an addition as two. */
  long flops() {
    return 2L * height * width * out * 9 * in;
  }

  /** Adds the bias and applies leaky ReLU, in a pass of its own over the output. */
  void finish(float[] y) {
    for (int at = 0; at < y.length; at += out) {
      for (int o = 0; o < out; o += S.length()) {
        FloatVector v = FloatVector.fromArray(S, y, at + o).add(FloatVector.fromArray(S, bias, o));
        v.max(v.mul(LEAKY_SLOPE)).intoArray(y, at + o);
      }
    }
  }

  /** The same for some vectors of the channels from {@code o} on, beside each other. */
  void finish(float[] sums, int count, int o) {
    FloatVector b = FloatVector.fromArray(S, bias, o);
    for (int i = 0; i < count; i++) {
      FloatVector v = FloatVector.fromArray(S, sums, i * S.length()).add(b);
      v.max(v.mul(LEAKY_SLOPE)).intoArray(sums, i * S.length());
    }
  }

  /**
   * Compares an output with the definition in double precision.
   *
   * @param y the output {@code [height, width, out]} of a rung
   * @return the largest error, divided by the largest true value
   */
  double error(float[] y) {
    double largest = 0;
    double error = 0;
    for (int i = 0; i < height; i++) {
      for (int j = 0; j < width; j++) {
        double[] sums = exact(i, j);
        for (int o = 0; o < out; o++) {
          double truth = sums[o] > 0 ? sums[o] : LEAKY_SLOPE * sums[o];
          double difference = Math.abs(y[(i * width + j) * out + o] - truth);
          error = difference <= error ? error : difference; // keeps a NaN
          largest = Math.max(largest, Math.abs(truth));
        }
      }
    }
    return error / largest;
  }

  private double[] exact(int i, int j) {
    double[] sums = new double[out];
    for (int o = 0; o < out; o++) {
      sums[o] = bias[o];
    }
    for (int tap = 0; tap < 9; tap++) {
      int pixel = (i + tap / 3) * paddedWidth() + j + tap % 3;
      for (int c = 0; c < in; c++) {
        double x = input[pixel * in + c];
        for (int o = 0; o < out; o++) {
          sums[o] += x * filters[(tap * in + c) * out + o];
        }
      }
    }
    return sums;
  }
}
