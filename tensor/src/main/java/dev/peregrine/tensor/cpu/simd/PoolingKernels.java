package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.op.UpsampleGrad;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Window;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** Makes the kernels of pooling and its gradients, vectors over the channels. */
final class PoolingKernels {
  private static final VectorSpecies<Float> S = Lanes.SPECIES;
  private static final int L = S.length();

  /** Channels that one task of a gradient takes, where windows overlap. */
  private static final int BLOCK = 64;

  private PoolingKernels() {}

  /**
   * Makes the largest element under a window: first along the columns into scratch memory, then
   * along the rows, which for a 13x13 window is 26 steps instead of 169.
   */
  static Kernel max(Window window, Signature signature, Workers workers) {
    Shape x = signature.input(0).shape();
    Shape y = signature.output().shape();
    PoolAxis rows = PoolAxis.rows(window, x.dim(1), y.dim(1));
    PoolAxis columns = PoolAxis.columns(window, x.dim(2), y.dim(2));
    int images = x.dim(0);
    int channels = x.dim(3);
    int line = y.dim(2) * channels;
    if (rows.isDisjoint() && columns.isDisjoint()) {
      return HostKernel.bound(
          "vector maximum",
          (in, out, _, _) ->
              workers.ready(
                  images * rows.out(),
                  Walk.rowsPerTask(line),
                  (from, to) -> {
                    for (int i = from; i < to; i++) {
                      maxRow(in[0], out[0], i, rows, columns, channels);
                    }
                  }));
    }
    return HostKernel.bound(
        "separable vector maximum",
        images * rows.in() * line,
        (in, out, scratch, at) -> {
          Runnable along =
              workers.ready(
                  images * rows.in(),
                  Walk.rowsPerTask(line),
                  (from, to) -> {
                    for (int i = from; i < to; i++) {
                      int source = in[0].offset() + i * columns.in() * in[0].stride();
                      maxAlong(
                          in[0].floats(),
                          source,
                          in[0].stride(),
                          columns,
                          scratch,
                          at + i * line,
                          channels);
                    }
                  });
          Runnable down =
              workers.ready(
                  images * rows.out(),
                  Walk.rowsPerTask(line),
                  (from, to) -> {
                    for (int i = from; i < to; i++) {
                      int image = i / rows.out();
                      int target = out[0].offset() + i * columns.out() * out[0].stride();
                      maxDown(
                          scratch,
                          at + image * rows.in() * line,
                          line,
                          rows,
                          i % rows.out(),
                          out[0],
                          target,
                          channels);
                    }
                  });
          return () -> {
            along.run();
            down.run();
          };
        });
  }

  /** Computes one output row of windows that do not overlap. */
  private static void maxRow(
      HostBuffer in, HostBuffer out, int row, PoolAxis rows, PoolAxis columns, int channels) {
    float[] x = in.floats();
    float[] y = out.floats();
    int i = row % rows.out();
    int image = row / rows.out() * rows.in();
    int firstRow = rows.firstTap(i);
    int endRow = rows.endTap(i);
    for (int j = 0; j < columns.out(); j++) {
      int firstColumn = columns.firstTap(j);
      int endColumn = columns.endTap(j);
      int target = out.offset() + (row * columns.out() + j) * out.stride();
      int corner = (image + rows.start(i)) * columns.in() + columns.start(j);
      if (rows.kernel() == 2
          && columns.kernel() == 2
          && endRow - firstRow == 2
          && endColumn - firstColumn == 2) {
        int at = in.offset() + corner * in.stride();
        int right = columns.dilation() * in.stride();
        int below = rows.dilation() * columns.in() * in.stride();
        maxOfFour(x, at, at + right, at + below, at + below + right, y, target, channels);
        continue;
      }
      Arrays.fill(y, target, target + channels, Float.NEGATIVE_INFINITY);
      for (int a = firstRow; a < endRow; a++) {
        for (int b = firstColumn; b < endColumn; b++) {
          int pixel = corner + a * rows.dilation() * columns.in() + b * columns.dilation();
          max(x, in.offset() + pixel * in.stride(), y, target, channels);
        }
      }
    }
  }

  private static void maxOfFour(
      float[] x, int a, int b, int c, int d, float[] y, int at, int channels) {
    int i = 0;
    for (; i <= channels - L; i += L) {
      FloatVector top = FloatVector.fromArray(S, x, a + i).max(FloatVector.fromArray(S, x, b + i));
      FloatVector bottom =
          FloatVector.fromArray(S, x, c + i).max(FloatVector.fromArray(S, x, d + i));
      top.max(bottom).intoArray(y, at + i);
    }
    for (; i < channels; i++) {
      y[at + i] = Math.max(Math.max(x[a + i], x[b + i]), Math.max(x[c + i], x[d + i]));
    }
  }

  /** Takes the larger of both into the target. */
  private static void max(float[] from, int fromAt, float[] to, int toAt, int size) {
    int i = 0;
    for (; i <= size - L; i += L) {
      FloatVector.fromArray(S, to, toAt + i)
          .max(FloatVector.fromArray(S, from, fromAt + i))
          .intoArray(to, toAt + i);
    }
    for (; i < size; i++) {
      to[toAt + i] = Math.max(to[toAt + i], from[fromAt + i]);
    }
  }

  /** Takes maxima along one row of pixels. */
  private static void maxAlong(
      float[] x, int at, int stride, PoolAxis columns, float[] y, int yAt, int channels) {
    for (int j = 0; j < columns.out(); j++) {
      int first = columns.firstTap(j);
      int taps = columns.endTap(j) - first;
      int source = at + (columns.start(j) + first * columns.dilation()) * stride;
      maxOfTaps(x, source, columns.dilation() * stride, taps, y, yAt + j * channels, channels);
    }
  }

  /** Takes maxima down the columns of one output row. */
  private static void maxDown(
      float[] x,
      int at,
      int line,
      PoolAxis rows,
      int row,
      HostBuffer out,
      int target,
      int channels) {
    int first = rows.firstTap(row);
    int taps = rows.endTap(row) - first;
    int source = at + (rows.start(row) + first * rows.dilation()) * line;
    int step = rows.dilation() * line;
    float[] y = out.floats();
    if (out.isDense()) {
      maxOfTaps(x, source, step, taps, y, target, line);
      return;
    }
    for (int j = 0; j < line / channels; j++) {
      maxOfTaps(x, source + j * channels, step, taps, y, target + j * out.stride(), channels);
    }
  }

  private static void maxOfTaps(
      float[] x, int at, int step, int taps, float[] y, int yAt, int size) {
    if (taps == 0) {
      Arrays.fill(y, yAt, yAt + size, Float.NEGATIVE_INFINITY);
      return;
    }
    int i = 0;
    for (; i <= size - L; i += L) {
      FloatVector best = FloatVector.fromArray(S, x, at + i);
      for (int tap = 1; tap < taps; tap++) {
        best = best.max(FloatVector.fromArray(S, x, at + tap * step + i));
      }
      best.intoArray(y, yAt + i);
    }
    for (; i < size; i++) {
      float best = x[at + i];
      for (int tap = 1; tap < taps; tap++) {
        best = Math.max(best, x[at + tap * step + i]);
      }
      y[yAt + i] = best;
    }
  }

  /** Makes the gradient of the maximum. */
  static Kernel maxGrad(Window window, Signature signature, Workers workers) {
    Shape x = signature.input(0).shape();
    Shape y = signature.input(1).shape();
    PoolAxis rows = PoolAxis.rows(window, x.dim(1), y.dim(1));
    PoolAxis columns = PoolAxis.columns(window, x.dim(2), y.dim(2));
    int channels = x.dim(3);
    if (rows.isDisjoint() && columns.isDisjoint()) {
      MaxPoolGradient gradient = new MaxPoolGradient(rows, columns, channels);
      // Each task owns the input rows from its first window down to the next task's.
      return HostKernel.of(
          "vector winners",
          (in, out, _, _) ->
              workers.run(x.dim(0) * rows.out(), task -> gradient.row(in[0], in[1], out[0], task)));
    }
    int blocks = (channels + BLOCK - 1) / BLOCK;
    MaxPoolGradient gradient = new MaxPoolGradient(rows, columns, channels);
    int scratch = gradient.scratch(Math.min(BLOCK, channels));
    return HostKernel.of(
        "separable vector winners, scalar additions",
        Math.multiplyExact(workers.threads(), scratch),
        (in, out, memory, at) ->
            workers.run(
                x.dim(0) * blocks,
                (task, worker) -> {
                  int first = task % blocks * BLOCK;
                  gradient.block(
                      in[0],
                      in[1],
                      out[0],
                      task / blocks,
                      first,
                      Math.min(BLOCK, channels - first),
                      memory,
                      at + worker * scratch);
                }));
  }

  /** Makes the mean under a window. */
  static Kernel average(Window window, Signature signature, Workers workers) {
    Shape x = signature.input(0).shape();
    Shape y = signature.output().shape();
    PoolAxis rows = PoolAxis.rows(window, x.dim(1), y.dim(1));
    PoolAxis columns = PoolAxis.columns(window, x.dim(2), y.dim(2));
    int channels = x.dim(3);
    int pixels = y.rows();
    int blocks = (channels + BLOCK - 1) / BLOCK;
    int perTask =
        Walk.rowsPerTask(Math.min(BLOCK, channels) * window.kernelHeight() * window.kernelWidth());
    int ranges = (pixels + perTask - 1) / perTask;
    return HostKernel.of(
        "vector mean",
        (in, out, _, _) ->
            workers.run(
                ranges * blocks,
                task -> {
                  int first = task % blocks * BLOCK;
                  int size = Math.min(BLOCK, channels - first);
                  int from = task / blocks * perTask;
                  for (int pixel = from; pixel < Math.min(pixels, from + perTask); pixel++) {
                    mean(in[0], out[0], pixel, rows, columns, first, size);
                  }
                }));
  }

  private static void mean(
      HostBuffer in,
      HostBuffer out,
      int pixel,
      PoolAxis rows,
      PoolAxis columns,
      int channel,
      int size) {
    int j = pixel % columns.out();
    int i = pixel / columns.out() % rows.out();
    int image = pixel / columns.out() / rows.out() * rows.in();
    int target = out.offset() + pixel * out.stride() + channel;
    float[] y = out.floats();
    Arrays.fill(y, target, target + size, 0);
    int members = 0;
    for (int a = rows.firstTap(i); a < rows.endTap(i); a++) {
      int h = image + rows.start(i) + a * rows.dilation();
      for (int b = columns.firstTap(j); b < columns.endTap(j); b++) {
        int v = columns.start(j) + b * columns.dilation();
        int source = in.offset() + (h * columns.in() + v) * in.stride() + channel;
        addScaled(in.floats(), source, 1, y, target, size);
        members++;
      }
    }
    float divisor = Math.max(1, members);
    for (int c = target; c < target + size; c++) {
      y[c] /= divisor;
    }
  }

  /** Adds a multiple of one run to another. */
  private static void addScaled(
      float[] from, int fromAt, float factor, float[] to, int toAt, int size) {
    FloatVector factors = FloatVector.broadcast(S, factor);
    int i = 0;
    for (; i <= size - L; i += L) {
      FloatVector.fromArray(S, from, fromAt + i)
          .fma(factors, FloatVector.fromArray(S, to, toAt + i))
          .intoArray(to, toAt + i);
    }
    if (i < size) {
      VectorMask<Float> mask = S.indexInRange(i, size);
      FloatVector.fromArray(S, from, fromAt + i, mask)
          .fma(factors, FloatVector.fromArray(S, to, toAt + i, mask))
          .intoArray(to, toAt + i, mask);
    }
  }

  /** Makes the gradient of the mean. */
  static Kernel averageGrad(Window window, Signature signature, Workers workers) {
    Shape y = signature.input(0).shape();
    Shape x = signature.output().shape();
    PoolAxis rows = PoolAxis.rows(window, x.dim(1), y.dim(1));
    PoolAxis columns = PoolAxis.columns(window, x.dim(2), y.dim(2));
    int channels = x.dim(3);
    int blocks = (channels + BLOCK - 1) / BLOCK;
    return HostKernel.of(
        "vector shares",
        (in, out, _, _) ->
            workers.run(
                x.dim(0) * blocks,
                task -> {
                  int first = task % blocks * BLOCK;
                  int size = Math.min(BLOCK, channels - first);
                  share(in[0], out[0], task / blocks, rows, columns, first, size);
                }));
  }

  private static void share(
      HostBuffer dy,
      HostBuffer dx,
      int image,
      PoolAxis rows,
      PoolAxis columns,
      int channel,
      int size) {
    clear(dx, image * rows.in() * columns.in(), rows.in() * columns.in(), channel, size);
    for (int i = 0; i < rows.out(); i++) {
      int firstRow = rows.firstTap(i);
      int endRow = rows.endTap(i);
      for (int j = 0; j < columns.out(); j++) {
        int firstColumn = columns.firstTap(j);
        int endColumn = columns.endTap(j);
        float part = 1f / Math.max(1, (endRow - firstRow) * (endColumn - firstColumn));
        int pixel = (image * rows.out() + i) * columns.out() + j;
        int source = dy.offset() + pixel * dy.stride() + channel;
        for (int a = firstRow; a < endRow; a++) {
          int h = image * rows.in() + rows.start(i) + a * rows.dilation();
          for (int b = firstColumn; b < endColumn; b++) {
            int v = columns.start(j) + b * columns.dilation();
            int target = dx.offset() + (h * columns.in() + v) * dx.stride() + channel;
            addScaled(dy.floats(), source, part, dx.floats(), target, size);
          }
        }
      }
    }
  }

  /** Zeroes some channels of neighbouring pixels. */
  static void clear(HostBuffer buffer, int firstPixel, int pixels, int channel, int size) {
    float[] values = buffer.floats();
    for (int pixel = firstPixel; pixel < firstPixel + pixels; pixel++) {
      int at = buffer.offset() + pixel * buffer.stride() + channel;
      Arrays.fill(values, at, at + size, 0);
    }
  }

  /** Makes the sum over each block of pixels that upsampling made of one. */
  static Kernel upsampleGrad(UpsampleGrad op, Signature signature, Workers workers) {
    Shape x = signature.output().shape();
    int f = op.factor();
    int channels = x.dim(3);
    int width = x.dim(2);
    return HostKernel.of(
        "vector sum",
        (in, out, _, _) ->
            workers.ranges(
                x.rows(),
                Walk.rowsPerTask(channels * f * f),
                (from, to) -> {
                  for (int pixel = from; pixel < to; pixel++) {
                    int line = pixel / width * f;
                    int target = out[0].offset() + pixel * out[0].stride();
                    Arrays.fill(out[0].floats(), target, target + channels, 0);
                    for (int a = 0; a < f; a++) {
                      int first = (line + a) * width * f + pixel % width * f;
                      for (int b = 0; b < f; b++) {
                        int source = in[0].offset() + (first + b) * in[0].stride();
                        addScaled(in[0].floats(), source, 1, out[0].floats(), target, channels);
                      }
                    }
                  }
                }));
  }
}
