package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The definition of a convolution and its two gradients as one loop over all products, in double
 * precision.
 */
final class ConvolutionOracle {
  private ConvolutionOracle() {}

  /** What is done with each triple of numbers that are multiplied. */
  @FunctionalInterface
  private interface Product {
    void at(int x, int w, int y);
  }

  static double[] forward(
      float[] x, float[] w, Shape xs, Shape ws, Shape ys, Window window, int groups) {
    double[] y = new double[ys.size()];
    each(xs, ws, ys, window, groups, (i, j, k) -> y[k] += (double) x[i] * w[j]);
    return y;
  }

  static double[] inputGrad(
      float[] dy, float[] w, Shape xs, Shape ws, Shape ys, Window window, int groups) {
    double[] dx = new double[xs.size()];
    each(xs, ws, ys, window, groups, (i, j, k) -> dx[i] += (double) dy[k] * w[j]);
    return dx;
  }

  static double[] weightGrad(
      float[] x, float[] dy, Shape xs, Shape ws, Shape ys, Window window, int groups) {
    double[] dw = new double[ws.size()];
    each(xs, ws, ys, window, groups, (i, j, k) -> dw[j] += (double) x[i] * dy[k]);
    return dw;
  }

  private static void each(
      Shape xs, Shape ws, Shape ys, Window window, int groups, Product product) {
    int ins = ws.dim(2);
    int outs = ws.dim(3);
    for (int n = 0; n < ys.dim(0); n++) {
      for (int row = 0; row < ys.dim(1); row++) {
        for (int column = 0; column < ys.dim(2); column++) {
          for (int a = 0; a < ws.dim(0); a++) {
            for (int b = 0; b < ws.dim(1); b++) {
              int inRow =
                  row * window.strideHeight() - window.padTop() + a * window.dilationHeight();
              int inColumn =
                  column * window.strideWidth() - window.padLeft() + b * window.dilationWidth();
              if (inRow < 0 || inRow >= xs.dim(1) || inColumn < 0 || inColumn >= xs.dim(2)) {
                continue;
              }
              int pixel = ((n * xs.dim(1) + inRow) * xs.dim(2) + inColumn) * xs.dim(3);
              int out = ((n * ys.dim(1) + row) * ys.dim(2) + column) * outs;
              for (int k = 0; k < outs; k++) {
                int group = k / (outs / groups);
                for (int c = 0; c < ins; c++) {
                  product.at(
                      pixel + group * ins + c, ((a * ws.dim(1) + b) * ins + c) * outs + k, out + k);
                }
              }
            }
          }
        }
      }
    }
  }

  static float[] random(int size, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }

  /** Makes a buffer in an array fenced with NaN, its rows farther apart than they are long. */
  static HostBuffer fenced(float[] values, Shape shape, int gap) {
    int stride = shape.channels() + gap;
    float[] array = new float[HostBuffer.ALIGNED_START + shape.rows() * stride];
    Arrays.fill(array, Float.NaN);
    for (int i = 0; i < values.length; i++) {
      array[at(i, shape, stride)] = values[i];
    }
    return new HostBuffer(array, HostBuffer.ALIGNED_START, stride, Spec.f32(shape.toArray()));
  }

  /** Reads a fenced buffer back and checks that the fence still stands. */
  static float[] unfence(HostBuffer buffer) {
    Shape shape = buffer.spec().shape();
    float[] values = new float[shape.size()];
    float[] array = buffer.floats().clone();
    for (int i = 0; i < values.length; i++) {
      int at = at(i, shape, buffer.stride());
      values[i] = array[at];
      array[at] = Float.NaN;
    }
    for (int i = 0; i < array.length; i++) {
      if (!Float.isNaN(array[i])) {
        throw new AssertionError("element " + i + " outside of " + shape + " was written");
      }
    }
    return values;
  }

  private static int at(int i, Shape shape, int stride) {
    return HostBuffer.ALIGNED_START + i / shape.channels() * stride + i % shape.channels();
  }
}
