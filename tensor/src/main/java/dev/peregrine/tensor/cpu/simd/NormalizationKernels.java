package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import dev.peregrine.tensor.cpu.simd.Activations.Rows;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.op.BatchNorm;
import dev.peregrine.tensor.op.BatchNormGrad;
import dev.peregrine.tensor.op.BatchNormTrain;
import dev.peregrine.tensor.shape.Shape;
import java.util.function.IntConsumer;

/**
 * Makes the kernels of batch normalisation.
 *
 * <p>Statistics are taken in blocks of rows whose size follows from the shape alone: mean and
 * squared differences of a block, while it lies in the cache, in single precision; the blocks are
 * combined in double precision, in order. So the input is read from memory once for the statistics
 * and once to be normalised.
 */
final class NormalizationKernels {
  private static final int MOST_ROWS = 512;
  private static final int FEWEST_ROWS = 32;

  private NormalizationKernels() {}

  /** How rows are cut into blocks. */
  private record Blocks(int rows, int channels, int size, int count) {
    static Blocks of(Shape shape) {
      int rows = shape.rows();
      int size = Math.clamp(Walk.rowsPerTask(shape.channels()), FEWEST_ROWS, MOST_ROWS);
      return new Blocks(rows, shape.channels(), size, (rows + size - 1) / size);
    }

    int rowsOf(int block) {
      return Math.min(size, rows - block * size);
    }

    /**
     * Visits the last block first: what was written last is still in the cache, and what this pass
     * reads last is where the next one begins.
     */
    void runBackwards(Workers workers, IntConsumer task) {
      workers.run(count, (int i) -> task.accept(count - 1 - i));
    }

    /** Floats for two numbers of each channel in each block. */
    int partials() {
      return Math.multiplyExact(count, 2 * channels);
    }
  }

  static Kernel given(BatchNorm op, Signature signature, Workers workers) {
    Blocks blocks = Blocks.of(signature.output().shape());
    Activations loops = Activations.of(op.activation());
    return HostKernel.of(
        "vector scale and shift",
        3 * blocks.channels,
        (in, out, scratch, at) -> {
          for (int c = 0; c < blocks.channels; c++) {
            double deviation = Math.sqrt(number(in[4], c) + op.epsilon());
            scratch[at + c] = number(in[3], c);
            scratch[at + blocks.channels + c] = (float) (number(in[1], c) / deviation);
            scratch[at + 2 * blocks.channels + c] = number(in[2], c);
          }
          normalize(loops, workers, blocks, in[0], out[0], scratch, at);
        });
  }

  private static float number(HostBuffer buffer, int index) {
    return buffer.floats()[buffer.offset() + index];
  }

  private static void normalize(
      Activations loops,
      Workers workers,
      Blocks blocks,
      HostBuffer x,
      HostBuffer y,
      float[] numbers,
      int at) {
    workers.run(
        blocks.count,
        block ->
            loops.normalize(
                Rows.of(x, block * blocks.size),
                Rows.of(y, block * blocks.size),
                blocks.rowsOf(block),
                numbers,
                at,
                blocks.channels));
  }

  static Kernel train(BatchNormTrain op, Signature signature, Workers workers) {
    Blocks blocks = Blocks.of(signature.output().shape());
    Activations loops = Activations.of(op.activation());
    int channels = blocks.channels;
    return HostKernel.of(
        "moments of blocks, combined in order",
        Math.addExact(3 * channels, blocks.partials()),
        (in, out, scratch, at) -> {
          int partials = at + 3 * channels;
          HostBuffer x = in[0];
          blocks.runBackwards(
              workers,
              block ->
                  ChannelSums.moments(
                      x.floats(),
                      x.offset() + block * blocks.size * x.stride(),
                      x.stride(),
                      blocks.rowsOf(block),
                      scratch,
                      partials + block * 2 * channels,
                      channels));
          float[] means = out[1].floats();
          float[] variances = out[2].floats();
          workers.ranges(
              channels,
              channelsPerTask(blocks),
              (from, to) -> {
                for (int c = from; c < to; c++) {
                  double mean = mean(blocks, scratch, partials + c);
                  double variance = variance(blocks, scratch, partials + c, mean);
                  double scale = number(in[1], c) / Math.sqrt(variance + op.epsilon());
                  means[out[1].offset() + c] = (float) mean;
                  variances[out[2].offset() + c] = (float) variance;
                  scratch[at + c] = (float) mean;
                  scratch[at + channels + c] = (float) scale;
                  scratch[at + 2 * channels + c] = number(in[2], c);
                }
              });
          normalize(loops, workers, blocks, x, out[0], scratch, at);
        });
  }

  private static int channelsPerTask(Blocks blocks) {
    return Math.max(1, Walk.CHUNK / 4 / Math.max(1, blocks.count));
  }

  /** Combines the means of the blocks for one channel. */
  private static double mean(Blocks blocks, float[] partials, int at) {
    double sum = 0;
    for (int block = 0; block < blocks.count; block++) {
      sum += (double) blocks.rowsOf(block) * partials[at + block * 2 * blocks.channels];
    }
    return sum / blocks.rows;
  }

  /** Combines the squared differences of the blocks for one channel (Chan and others 1979). */
  private static double variance(Blocks blocks, float[] partials, int at, double mean) {
    double sum = 0;
    for (int block = 0; block < blocks.count; block++) {
      int first = at + block * 2 * blocks.channels;
      double away = partials[first] - mean;
      sum += partials[first + blocks.channels] + blocks.rowsOf(block) * away * away;
    }
    return sum / blocks.rows;
  }

  static Kernel gradient(BatchNormGrad op, Signature signature, Workers workers) {
    Blocks blocks = Blocks.of(signature.output().shape());
    Activations loops = Activations.of(op.activation());
    Activations second = loops.storesSlopes() ? Activations.of(null) : loops;
    int channels = blocks.channels;
    return HostKernel.of(
        "sums of blocks, combined in order",
        Math.addExact(5 * channels, blocks.partials()),
        (in, out, scratch, at) -> {
          HostBuffer x = in[0];
          HostBuffer dy = in[5];
          int partials = at + 5 * channels;
          for (int c = 0; c < channels; c++) {
            double deviation = Math.sqrt(number(in[4], c) + op.epsilon());
            scratch[at + c] = number(in[3], c);
            scratch[at + channels + c] = (float) (number(in[1], c) / deviation);
            scratch[at + 2 * channels + c] = number(in[2], c);
          }
          blocks.runBackwards(
              workers,
              block ->
                  loops.normalizeSums(
                      Rows.of(x, block * blocks.size),
                      Rows.of(dy, block * blocks.size),
                      Rows.of(out[0], block * blocks.size),
                      blocks.rowsOf(block),
                      scratch,
                      at,
                      scratch,
                      partials + block * 2 * channels,
                      channels));
          float[] dgamma = out[1].floats();
          float[] dbeta = out[2].floats();
          workers.ranges(
              channels,
              channelsPerTask(blocks),
              (from, to) -> {
                for (int c = from; c < to; c++) {
                  double deviation = Math.sqrt(number(in[4], c) + op.epsilon());
                  double scale = number(in[1], c) / deviation;
                  double sum = sum(blocks, scratch, partials + c);
                  double product = sum(blocks, scratch, partials + channels + c) / deviation;
                  dbeta[out[2].offset() + c] = (float) sum;
                  dgamma[out[1].offset() + c] = (float) product;
                  scratch[at + 3 * channels + c] =
                      (float) (scale * product / deviation / blocks.rows);
                  scratch[at + 4 * channels + c] = (float) (scale * sum / blocks.rows);
                }
              });
          workers.run(
              blocks.count,
              block ->
                  second.normalizeGradient(
                      Rows.of(x, block * blocks.size),
                      Rows.of(loops.storesSlopes() ? out[0] : dy, block * blocks.size),
                      Rows.of(out[0], block * blocks.size),
                      blocks.rowsOf(block),
                      scratch,
                      at,
                      channels));
        });
  }

  private static double sum(Blocks blocks, float[] partials, int at) {
    double sum = 0;
    for (int block = 0; block < blocks.count; block++) {
      sum += partials[at + block * 2 * blocks.channels];
    }
    return sum;
  }
}
