package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * The gradient of a convolution by its filters, prepared.
 *
 * <p>The output's rows, through all pictures, are cut into chunks that fit the nearest caches, and
 * chunks into parts. A task adds up one part for one panel of output channels; then the sums of the
 * parts are added in their order. Parts depend on the shapes alone, so the gradient has the same
 * bits on any number of threads.
 */
final class ConvWeightPass {
  private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
  private static final int LANES = SPECIES.length();
  private static final int CHANNELS = ConvTile.CHANNELS;

  /** Pixels of a chunk; a panel of them takes 24 KiB. */
  private static final int CHUNK_PIXELS = 192;

  /** Tasks to aim at. */
  private static final int TASKS = 32;

  /** At most so many sums in all parts together, 16 MiB, unless one part alone has more. */
  private static final int MOST_SUMS = 4 << 20;

  private final int batch;
  private final int groups;
  private final int ins;
  private final int outs;
  private final ConvAxis rows;
  private final ConvAxis columns;
  private final int panels;
  private final int panelSums;
  private final int chunkRows;
  private final int parts;

  /**
   * Prepares.
   *
   * @param batch pictures
   * @param groups groups of channels
   * @param ins input channels of a group
   * @param outs output channels of a group
   * @param rows the rows of the forward convolution
   * @param columns its columns
   */
  ConvWeightPass(int batch, int groups, int ins, int outs, ConvAxis rows, ConvAxis columns) {
    this.batch = batch;
    this.groups = groups;
    this.ins = ins;
    this.outs = outs;
    this.rows = rows;
    this.columns = columns;
    this.panels = Math.ceilDiv(outs, CHANNELS);
    this.panelSums = taps() * ConvWeightTile.rows(ins) * CHANNELS;
    this.chunkRows = Math.clamp(CHUNK_PIXELS / columns.out(), 1, Math.max(1, batch * rows.out()));
    int chunks = Math.ceilDiv(batch * rows.out(), chunkRows);
    int wanted = Math.ceilDiv(TASKS, groups * panels);
    int fitting = Math.max(1, MOST_SUMS / (groups * panels * panelSums));
    this.parts = Math.max(1, Math.min(chunks, Math.min(wanted, fitting)));
  }

  private int taps() {
    return rows.taps() * columns.taps();
  }

  /** Returns how many numbers of workspace a run needs. */
  int workspace() {
    return parts * groups * panels * panelSums;
  }

  /**
   * Runs.
   *
   * @param x the input, {@code [N, H, W, groups * ins]}
   * @param dy the gradient of the output, {@code [N, OH, OW, groups * outs]}
   * @param dw the result, {@code [KH, KW, ins, groups * outs]}
   * @param sums the workspace
   * @param workers share the work
   */
  void run(HostBuffer x, HostBuffer dy, HostBuffer dw, HostBuffer sums, Workers workers) {
    int all = groups * panels;
    workers.run(
        parts * all,
        task ->
            new Task(x, dy, task % all, sums.floats(), sums.offset() + task * panelSums)
                .run(task / all));
    workers.run(all * taps(), task -> reduce(sums, task / taps(), task % taps(), dw));
  }

  /** Adds the sums of all parts for one panel and tap. */
  private void reduce(HostBuffer sums, int panel, int tap, HostBuffer dw) {
    int channel = panel / panels * outs + panel % panels * CHANNELS;
    int channels = Math.min(CHANNELS, outs - panel % panels * CHANNELS);
    int step = groups * panels * panelSums;
    for (int in = 0; in < ins; in++) {
      int from =
          sums.offset() + panel * panelSums + (tap * ConvWeightTile.rows(ins) + in) * CHANNELS;
      int to = dw.offset() + (tap * ins + in) * dw.stride() + channel;
      for (int i = 0; i < channels; i += LANES) {
        FloatVector sum = FloatVector.fromArray(SPECIES, sums.floats(), from + i);
        for (int part = 1; part < parts; part++) {
          sum = sum.add(FloatVector.fromArray(SPECIES, sums.floats(), from + part * step + i));
        }
        if (i + LANES <= channels) {
          sum.intoArray(dw.floats(), to + i);
        } else {
          VectorMask<Float> mask = SPECIES.indexInRange(i, channels);
          sum.intoArray(dw.floats(), to + i, mask);
        }
      }
    }
  }

  /** One part and panel of one run. */
  private final class Task {
    private final HostBuffer x;
    private final HostBuffer dy;
    private final int group;
    private final int channelOut;
    private final int channels;
    private final float[] sums;
    private final int sumsAt;
    private final float[] narrow;
    private final int[] xs;
    private final int[] ys;
    private final int[] starts = new int[taps() + 1];

    Task(HostBuffer x, HostBuffer dy, int panel, float[] sums, int sumsAt) {
      this.x = x;
      this.dy = dy;
      this.group = panel / panels;
      this.channelOut = group * outs + panel % panels * CHANNELS;
      this.channels = Math.min(CHANNELS, outs - panel % panels * CHANNELS);
      this.sums = sums;
      this.sumsAt = sumsAt;
      int pixels = chunkRows * columns.out();
      this.narrow = new float[channels < CHANNELS ? pixels * CHANNELS : 0];
      this.xs = new int[taps() * pixels];
      this.ys = new int[taps() * pixels];
    }

    void run(int part) {
      Arrays.fill(sums, sumsAt, sumsAt + panelSums, 0);
      int chunks = Math.ceilDiv(batch * rows.out(), chunkRows);
      int first = (int) ((long) chunks * part / parts);
      int last = (int) ((long) chunks * (part + 1) / parts);
      for (int chunk = first; chunk < last; chunk++) {
        int from = chunk * chunkRows;
        int to = Math.min(batch * rows.out(), from + chunkRows);
        if (channels < CHANNELS) {
          widen(from, to);
        }
        for (int tap = 0; tap < taps(); tap++) {
          locate(tap, from, to);
        }
        add();
      }
    }

    /** Copies the chunk's last few output channels into whole vectors. */
    private void widen(int from, int to) {
      int row = dy.offset() + from * columns.out() * dy.stride() + channelOut;
      for (int pixel = 0; pixel < (to - from) * columns.out(); pixel++) {
        System.arraycopy(
            dy.floats(), row + pixel * dy.stride(), narrow, pixel * CHANNELS, channels);
      }
    }

    /** Lists the pixels of the chunk for which a tap lies inside the input. */
    private void locate(int tap, int from, int to) {
      int tapRow = tap / columns.taps() * rows.dilation();
      int tapColumn = tap % columns.taps() * columns.dilation();
      int next = starts[tap];
      for (int row = from; row < to; row++) {
        int inRow = rows.position(row % rows.out()) + tapRow;
        if (inRow < 0 || inRow >= rows.in()) {
          continue;
        }
        int in = row / rows.out() * rows.in() + inRow;
        for (int column = 0; column < columns.out(); column++) {
          int inColumn = columns.position(column) + tapColumn;
          if (inColumn >= 0 && inColumn < columns.in()) {
            xs[next] = x.offset() + (in * columns.in() + inColumn) * x.stride();
            ys[next] =
                channels < CHANNELS
                    ? ((row - from) * columns.out() + column) * CHANNELS
                    : dy.offset() + (row * columns.out() + column) * dy.stride() + channelOut;
            next++;
          }
        }
      }
      starts[tap + 1] = next;
    }

    /** Adds the listed pixels to all sums; a tile's input stays in the cache for all taps. */
    private void add() {
      float[] gradient = channels < CHANNELS ? narrow : dy.floats();
      int sumRows = ConvWeightTile.rows(ins);
      int width;
      for (int in = 0; in < ins; in += width) {
        width = ConvWeightTile.width(ins - in);
        for (int tap = 0; tap < taps(); tap++) {
          if (starts[tap] < starts[tap + 1]) {
            ConvWeightTile.run(
                width,
                x.floats(),
                group * ins + in,
                group * ins + ins - 1,
                xs,
                gradient,
                ys,
                starts[tap],
                starts[tap + 1],
                sums,
                sumsAt + (tap * sumRows + in) * CHANNELS);
          }
        }
      }
    }
  }
}
