package dev.peregrine.tensor.cpu.reference;

import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.op.Conv2dInputGrad;
import dev.peregrine.tensor.op.Conv2dWeightGrad;
import dev.peregrine.tensor.op.Epilogue;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Window;
import java.util.stream.IntStream;

/**
 * Convolution and its two gradients.
 *
 * <p>One relation carries all three: output (i, j), tap (a, b) and input (h, v) meet where {@code h
 * = i * stride - pad + a * dilation}, and likewise for v; channels c and o meet where both are of
 * one group. The forward pass sums over taps and c, the gradient by the input over taps and o, the
 * gradient by the filters over pictures and pixels. What lies outside the input counts as zero.
 *
 * <p>Rows are spread over threads; each sum is made by one of them, so the bits do not depend on
 * how many there are.
 */
final class ReferenceConvolution {
  private ReferenceConvolution() {}

  static Numbers forward(Conv2d op, Numbers[] in, Shape shape) {
    Numbers x = in[0];
    Numbers w = in[1];
    Window window = op.window();
    Numbers y = Numbers.zeros(shape);
    int outHeight = shape.dim(1);
    IntStream.range(0, shape.dim(0) * outHeight)
        .parallel()
        .forEach(row -> {
          int n = row / outHeight;
          int i = row % outHeight;
          for (int j = 0; j < shape.dim(2); j++) {
            int pixel = (row * shape.dim(2) + j) * shape.dim(3);
            for (int a = 0; a < w.dim(0); a++) {
              int h = i * window.strideHeight() - window.padTop() + a * window.dilationHeight();
              for (int b = 0; b < w.dim(1); b++) {
                int v = j * window.strideWidth() - window.padLeft() + b * window.dilationWidth();
                if (h >= 0 && h < x.dim(1) && v >= 0 && v < x.dim(2)) {
                  int from = ((n * x.dim(1) + h) * x.dim(2) + v) * x.dim(3);
                  addTap(x, from, w, a * w.dim(1) + b, op.groups(), y, pixel);
                }
              }
            }
          }
        });
    applyEpilogue(op.epilogue(), in, y);
    return y;
  }

  /** Adds what one tap at one input pixel gives to all channels of one output pixel. */
  private static void addTap(
      Numbers x, int from, Numbers w, int tap, int groups, Numbers y, int to) {
    int inChannels = w.dim(2);
    int outChannels = w.dim(3) / groups;
    for (int g = 0; g < groups; g++) {
      for (int c = 0; c < inChannels; c++) {
        double value = x.values[from + g * inChannels + c];
        int filter = (tap * inChannels + c) * w.dim(3) + g * outChannels;
        int pixel = to + g * outChannels;
        for (int o = 0; o < outChannels; o++) {
          y.values[pixel + o] += value * w.values[filter + o];
        }
      }
    }
  }

  /** Applies the steps one after another; their inputs follow those of the convolution. */
  private static void applyEpilogue(Epilogue epilogue, Numbers[] in, Numbers y) {
    int next = 2;
    for (Epilogue.Step step : epilogue.steps()) {
      switch (step) {
        case Epilogue.Bias _ -> {
          Numbers bias = in[next++];
          for (int i = 0; i < y.values.length; i++) {
            y.values[i] += bias.values[i % bias.values.length];
          }
        }
        case Epilogue.Activate activate -> {
          for (int i = 0; i < y.values.length; i++) {
            y.values[i] = ReferencePointwise.function(activate.kind(), y.values[i]);
          }
        }
        case Epilogue.Add _ -> {
          Numbers shortcut = in[next++];
          for (int i = 0; i < y.values.length; i++) {
            y.values[i] += shortcut.values[i];
          }
        }
      }
    }
  }

  static Numbers inputGrad(Conv2dInputGrad op, Numbers dy, Numbers w) {
    Window window = op.window();
    Numbers dx = Numbers.zeros(op.input());
    int height = dx.dim(1);
    IntStream.range(0, dx.dim(0) * height)
        .parallel()
        .forEach(row -> {
          int n = row / height;
          int h = row % height;
          for (int v = 0; v < dx.dim(2); v++) {
            int pixel = (row * dx.dim(2) + v) * dx.dim(3);
            for (int a = 0; a < w.dim(0); a++) {
              int down = h + window.padTop() - a * window.dilationHeight();
              for (int b = 0; b < w.dim(1); b++) {
                int right = v + window.padLeft() - b * window.dilationWidth();
                if (meets(down, window.strideHeight(), dy.dim(1))
                    && meets(right, window.strideWidth(), dy.dim(2))) {
                  int i = down / window.strideHeight();
                  int j = right / window.strideWidth();
                  int from = ((n * dy.dim(1) + i) * dy.dim(2) + j) * dy.dim(3);
                  addTransposedTap(dy, from, w, a * w.dim(1) + b, op.groups(), dx, pixel);
                }
              }
            }
          }
        });
    return dx;
  }

  /** Tells whether an output exists whose window begins so far down the padded input. */
  private static boolean meets(int distance, int stride, int outputs) {
    return distance >= 0 && distance % stride == 0 && distance / stride < outputs;
  }

  /** Adds what one output pixel gives back through one tap to all channels of one input pixel. */
  private static void addTransposedTap(
      Numbers dy, int from, Numbers w, int tap, int groups, Numbers dx, int to) {
    int inChannels = w.dim(2);
    int outChannels = w.dim(3) / groups;
    for (int g = 0; g < groups; g++) {
      for (int c = 0; c < inChannels; c++) {
        int filter = (tap * inChannels + c) * w.dim(3) + g * outChannels;
        int pixel = from + g * outChannels;
        double sum = 0;
        for (int o = 0; o < outChannels; o++) {
          sum += dy.values[pixel + o] * w.values[filter + o];
        }
        dx.values[to + g * inChannels + c] += sum;
      }
    }
  }

  static Numbers weightGrad(Conv2dWeightGrad op, Numbers x, Numbers dy) {
    Window window = op.window();
    Numbers dw = Numbers.zeros(op.weights());
    // One task for each row of dw, that is for each tap (a, b) and channel c within a group.
    IntStream.range(0, dw.shape.rows())
        .parallel()
        .forEach(row -> {
          int c = row % dw.dim(2);
          int b = row / dw.dim(2) % dw.dim(1);
          int a = row / dw.dim(2) / dw.dim(1);
          for (int n = 0; n < x.dim(0); n++) {
            for (int i = 0; i < dy.dim(1); i++) {
              int h = i * window.strideHeight() - window.padTop() + a * window.dilationHeight();
              for (int j = 0; j < dy.dim(2); j++) {
                int v = j * window.strideWidth() - window.padLeft() + b * window.dilationWidth();
                if (h >= 0 && h < x.dim(1) && v >= 0 && v < x.dim(2)) {
                  int from = ((n * x.dim(1) + h) * x.dim(2) + v) * x.dim(3) + c;
                  int pixel = ((n * dy.dim(1) + i) * dy.dim(2) + j) * dy.dim(3);
                  addPixel(x, from, dy, pixel, op.groups(), dw, row);
                }
              }
            }
          }
        });
    return dw;
  }

  /** Adds what one pair of pixels gives to one row of filters. */
  private static void addPixel(
      Numbers x, int from, Numbers dy, int pixel, int groups, Numbers dw, int row) {
    int outChannels = dw.dim(3) / groups;
    for (int g = 0; g < groups; g++) {
      double value = x.values[from + g * dw.dim(2)];
      int filter = row * dw.dim(3) + g * outChannels;
      for (int o = 0; o < outChannels; o++) {
        dw.values[filter + o] += value * dy.values[pixel + g * outChannels + o];
      }
    }
  }
}
