package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.op.Binary;
import dev.peregrine.tensor.op.Reduce;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the kernels that fold axes.
 *
 * <p>Neighbouring axes that are folded alike are joined; then each folded axis in turn, the last
 * one first, is the middle of {@code [outer, folded, inner]}. Blocks of fixed size are folded in
 * single precision and the blocks in double precision, in order, so the result does not depend on
 * threads.
 */
final class ReductionKernels {
  /** Rows of a block. */
  private static final int ROWS = 256;

  /** Channels of a block. */
  private static final int CHANNELS = 1024;

  private ReductionKernels() {}

  /** One folded axis between what lies outside and inside of it. */
  private record Step(int outer, int folded, int inner) {
    int output() {
      return outer * inner;
    }

    int blocks() {
      int size = inner == 1 ? Walk.CHUNK : ROWS;
      return (folded + size - 1) / size;
    }
  }

  /** Splits a fold into steps over single axes. */
  private static List<Step> steps(Reduce op, Shape shape) {
    List<Integer> extents = new ArrayList<>();
    List<Boolean> folded = new ArrayList<>();
    for (int axis = 0; axis < shape.rank(); axis++) {
      boolean folds = op.axes().contains(axis);
      if (shape.dim(axis) == 1) {
        continue;
      }
      int last = extents.size() - 1;
      if (last >= 0 && folded.get(last) == folds) {
        extents.set(last, extents.get(last) * shape.dim(axis));
      } else {
        extents.add(shape.dim(axis));
        folded.add(folds);
      }
    }
    List<Step> steps = new ArrayList<>();
    int inner = 1;
    for (int i = extents.size() - 1; i >= 0; i--) {
      if (folded.get(i)) {
        int outer = 1;
        for (int j = 0; j < i; j++) {
          outer *= extents.get(j);
        }
        steps.add(new Step(outer, extents.get(i), inner));
      } else {
        inner *= extents.get(i);
      }
    }
    if (steps.isEmpty()) {
      steps.add(new Step(inner, 1, 1));
    }
    return steps;
  }

  static Kernel reduce(Reduce op, Signature signature, Workers workers) {
    Shape x = signature.input(0).shape();
    List<Step> steps = steps(op, x);
    int partials = 0;
    int values = 0;
    for (Step step : steps) {
      partials = Math.max(partials, Math.multiplyExact(step.blocks(), step.output()));
      values = Math.max(values, step.output());
    }
    int middle = steps.size() > 1 ? values : 0;
    int partialSize = partials;
    return HostKernel.of(
        "blocks of " + ROWS + " rows, combined in order",
        Math.addExact(partials, 2 * middle),
        (in, out, scratch, at) -> {
          HostBuffer source = in[0].isDense() ? in[0] : dense(in[0]);
          float[] from = source.floats();
          int fromAt = source.offset();
          for (int i = 0; i < steps.size(); i++) {
            boolean last = i == steps.size() - 1;
            boolean direct = last && out[0].isDense();
            float[] to = direct ? out[0].floats() : last ? new float[values(out)] : scratch;
            int toAt = direct ? out[0].offset() : last ? 0 : at + partialSize + i % 2 * middle;
            fold(op.kind(), steps.get(i), workers, from, fromAt, scratch, at, to, toAt);
            from = to;
            fromAt = toAt;
          }
          if (!out[0].isDense()) {
            spread(from, fromAt, out[0]);
          }
        });
  }

  private static int values(HostBuffer[] out) {
    return out[0].spec().shape().size();
  }

  private static HostBuffer dense(HostBuffer buffer) {
    HostBuffer copy = HostBuffer.allocate(buffer.spec());
    int channels = buffer.spec().shape().channels();
    for (int row = 0; row < buffer.spec().shape().rows(); row++) {
      System.arraycopy(
          buffer.floats(),
          buffer.offset() + row * buffer.stride(),
          copy.floats(),
          copy.offset() + row * channels,
          channels);
    }
    return copy;
  }

  private static void spread(float[] from, int fromAt, HostBuffer to) {
    int channels = to.spec().shape().channels();
    for (int row = 0; row < to.spec().shape().rows(); row++) {
      System.arraycopy(
          from, fromAt + row * channels, to.floats(), to.offset() + row * to.stride(), channels);
    }
  }

  private static void fold(
      Reduce.Kind kind,
      Step step,
      Workers workers,
      float[] x,
      int xAt,
      float[] partials,
      int partialsAt,
      float[] y,
      int yAt) {
    int blocks = step.blocks();
    if (step.inner == 1) {
      if (blocks <= 1) {
        workers.ranges(
            step.outer,
            Walk.rowsPerTask(step.folded),
            (from, to) -> {
              for (int i = from; i < to; i++) {
                y[yAt + i] = run(kind, x, xAt + i * step.folded, step.folded);
              }
            });
        return;
      }
      workers.run(
          step.outer * blocks,
          task -> {
            int from = task % blocks * Walk.CHUNK;
            int size = Math.min(Walk.CHUNK, step.folded - from);
            partials[partialsAt + task] =
                run(kind, x, xAt + task / blocks * step.folded + from, size);
          });
      for (int i = 0; i < step.outer; i++) {
        y[yAt + i] = combine(kind, partials, partialsAt + i * blocks, 1, blocks);
      }
      return;
    }
    int slices = (step.inner + CHANNELS - 1) / CHANNELS;
    // With one block, partials are the result.
    float[] to = blocks <= 1 ? y : partials;
    int toAt = blocks <= 1 ? yAt : partialsAt;
    workers.run(
        step.outer * Math.max(1, blocks) * slices,
        task -> {
          int channel = task % slices * CHANNELS;
          int block = task / slices % Math.max(1, blocks);
          int outer = task / slices / Math.max(1, blocks);
          int rows = Math.min(ROWS, step.folded - block * ROWS);
          int source = xAt + (outer * step.folded + block * ROWS) * step.inner + channel;
          int target = toAt + (outer * Math.max(1, blocks) + block) * step.inner + channel;
          int channels = Math.min(CHANNELS, step.inner - channel);
          switch (kind) {
            case SUM -> ChannelSums.sum(x, source, step.inner, rows, to, target, channels);
            case MAX -> ChannelSums.max(x, source, step.inner, rows, to, target, channels);
          }
        });
    if (blocks <= 1) {
      return;
    }
    workers.ranges(
        step.output(),
        Math.max(1, Walk.CHUNK / 4 / blocks),
        (from, end) -> {
          for (int i = from; i < end; i++) {
            int first = partialsAt + i / step.inner * blocks * step.inner + i % step.inner;
            y[yAt + i] = combine(kind, partials, first, step.inner, blocks);
          }
        });
  }

  private static float run(Reduce.Kind kind, float[] x, int at, int size) {
    return switch (kind) {
      case SUM -> (float) ChannelSums.sum(x, at, size);
      case MAX -> ChannelSums.max(x, at, size);
    };
  }

  private static float combine(Reduce.Kind kind, float[] x, int at, int step, int count) {
    return switch (kind) {
      case SUM -> {
        double sum = 0;
        for (int i = 0; i < count; i++) {
          sum += x[at + i * step];
        }
        yield (float) sum;
      }
      case MAX -> {
        float largest = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < count; i++) {
          largest = Math.max(largest, x[at + i * step]);
        }
        yield largest;
      }
    };
  }

  static Kernel softmax(Workers workers) {
    return HostKernel.of(
        "vector exponentials",
        (in, out, _, _) -> {
          float[] x = in[0].floats();
          float[] y = out[0].floats();
          Walk.rows(workers, (at, size) -> softmax(x, at[0], y, at[1], size), in[0], out[0]);
        });
  }

  private static void softmax(float[] x, int at, float[] y, int yAt, int size) {
    Pairs.of(Binary.Kind.SUBTRACT).right(x, at, ChannelSums.max(x, at, size), y, yAt, size);
    Activations.of(Unary.Kind.EXP).apply(y, yAt, y, yAt, size);
    float sum = (float) ChannelSums.sum(y, yAt, size);
    Pairs.of(Binary.Kind.DIVIDE).right(y, yAt, sum, y, yAt, size);
  }
}
