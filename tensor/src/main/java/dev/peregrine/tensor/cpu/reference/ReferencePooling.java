package dev.peregrine.tensor.cpu.reference;

import dev.peregrine.tensor.op.AvgPool;
import dev.peregrine.tensor.op.AvgPoolGrad;
import dev.peregrine.tensor.op.MaxPool;
import dev.peregrine.tensor.op.MaxPoolGrad;
import dev.peregrine.tensor.op.Upsample;
import dev.peregrine.tensor.op.UpsampleGrad;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Window;
import java.util.Arrays;

/**
 * Pooling and upsampling, each with its gradient.
 *
 * <p>Places outside the input do not take part. A window that lies outside altogether has the
 * largest element minus infinity and the mean 0, and passes no gradient. NaN counts as larger than
 * every number, so it reaches the result, as in PyTorch.
 */
final class ReferencePooling {
  private ReferencePooling() {}

  private interface Visitor {
    /** Meets an input element under the window of an output element; both are row-major indices. */
    void visit(int output, int input);
  }

  /** Meets every pair of an output element and an input element under its window, in row order. */
  private static void forEach(Window window, Shape x, Shape y, Visitor visitor) {
    int channels = x.dim(3);
    for (int n = 0; n < y.dim(0); n++) {
      for (int i = 0; i < y.dim(1); i++) {
        for (int j = 0; j < y.dim(2); j++) {
          int output = ((n * y.dim(1) + i) * y.dim(2) + j) * channels;
          for (int a = 0; a < window.kernelHeight(); a++) {
            int h = i * window.strideHeight() - window.padTop() + a * window.dilationHeight();
            for (int b = 0; b < window.kernelWidth(); b++) {
              int v = j * window.strideWidth() - window.padLeft() + b * window.dilationWidth();
              if (h >= 0 && h < x.dim(1) && v >= 0 && v < x.dim(2)) {
                int input = ((n * x.dim(1) + h) * x.dim(2) + v) * channels;
                for (int c = 0; c < channels; c++) {
                  visitor.visit(output + c, input + c);
                }
              }
            }
          }
        }
      }
    }
  }

  static Numbers max(MaxPool op, Numbers x, Shape shape) {
    Numbers y = Numbers.zeros(shape);
    Arrays.fill(y.values, Double.NEGATIVE_INFINITY);
    forEach(
        op.window(),
        x.shape,
        shape,
        (output, input) -> y.values[output] = Math.max(y.values[output], x.values[input]));
    return y;
  }

  static Numbers maxGrad(MaxPoolGrad op, Numbers x, Numbers dy) {
    int[] winner = new int[dy.values.length];
    Arrays.fill(winner, -1);
    forEach(
        op.window(),
        x.shape,
        dy.shape,
        (output, input) -> {
          if (winner[output] < 0
              || ReferenceReduction.beats(x.values[input], x.values[winner[output]])) {
            winner[output] = input;
          }
        });
    Numbers dx = Numbers.zeros(x.shape);
    for (int output = 0; output < winner.length; output++) {
      if (winner[output] >= 0) {
        dx.values[winner[output]] += dy.values[output];
      }
    }
    return dx;
  }

  static Numbers average(AvgPool op, Numbers x, Shape shape) {
    int[] members = members(op.window(), x.shape, shape);
    Numbers y = Numbers.zeros(shape);
    forEach(op.window(), x.shape, shape, (output, input) -> y.values[output] += x.values[input]);
    for (int output = 0; output < members.length; output++) {
      y.values[output] /= Math.max(1, members[output]);
    }
    return y;
  }

  static Numbers averageGrad(AvgPoolGrad op, Numbers dy) {
    int[] members = members(op.window(), op.input(), dy.shape);
    Numbers dx = Numbers.zeros(op.input());
    forEach(
        op.window(),
        op.input(),
        dy.shape,
        (output, input) -> dx.values[input] += dy.values[output] / members[output]);
    return dx;
  }

  /** Counts the input elements under the window of each output element. */
  private static int[] members(Window window, Shape x, Shape y) {
    int[] members = new int[y.size()];
    forEach(window, x, y, (output, input) -> members[output]++);
    return members;
  }

  static Numbers upsample(Upsample op, Numbers x, Shape shape) {
    Numbers y = Numbers.zeros(shape);
    int[] source = sources(op.factor(), x.shape, shape);
    for (int i = 0; i < source.length; i++) {
      y.values[i] = x.values[source[i]];
    }
    return y;
  }

  static Numbers upsampleGrad(UpsampleGrad op, Numbers dy, Shape shape) {
    Numbers dx = Numbers.zeros(shape);
    int[] source = sources(op.factor(), shape, dy.shape);
    for (int i = 0; i < source.length; i++) {
      dx.values[source[i]] += dy.values[i];
    }
    return dx;
  }

  /** For each element of the large map, the element of the small one that it repeats. */
  private static int[] sources(int factor, Shape small, Shape large) {
    int[] sources = new int[large.size()];
    int channels = small.dim(3);
    for (int i = 0; i < sources.length; i++) {
      int c = i % channels;
      int v = i / channels % large.dim(2);
      int h = i / channels / large.dim(2) % large.dim(1);
      int n = i / channels / large.dim(2) / large.dim(1);
      sources[i] = ((n * small.dim(1) + h / factor) * small.dim(2) + v / factor) * channels + c;
    }
    return sources;
  }
}
