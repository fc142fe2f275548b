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

  /** Pixels of a chunk; a panel of them takes 16 KiB. */
  private static final int CHUNK_PIXELS = 128;

  /** Tasks to aim at. */
  private static final int TASKS = 32;

  /** At most so many sums in all parts together, 16 MiB, unless one part alone has more. */
  private static final int MOST_SUMS = 4 << 20;

  private final int batch;
  private final ConvGroups groups;
  private final ConvAxis rows;
  private final ConvAxis columns;
  private final int panelSums;
  private final int chunkRows;
  private final int parts;

  /**
   * Prepares.
   *
   * @param batch pictures
   * @param groups groups of channels
   * @param rows the rows of the forward convolution
   * @param columns its columns
   */
  ConvWeightPass(int batch, ConvGroups groups, ConvAxis rows, ConvAxis columns) {
    this.batch = batch;
    this.groups = groups;
    this.rows = rows;
    this.columns = columns;
    this.panelSums = taps() * sumRows() * CHANNELS;
    this.chunkRows = Math.clamp(CHUNK_PIXELS / columns.out(), 1, Math.max(1, batch * rows.out()));
    int chunks = Math.ceilDiv(batch * rows.out(), chunkRows);
    int wanted = Math.ceilDiv(TASKS, groups.allPanels());
    int fitting = Math.max(1, MOST_SUMS / (groups.allPanels() * panelSums));
    this.parts = Math.max(1, Math.min(chunks, Math.min(wanted, fitting)));
  }

  private int taps() {
    return rows.taps() * columns.taps();
  }

  private int sumRows() {
    return groups.depthwise() ? 1 : ConvWeightTile.rows(groups.ins());
  }

  private int sumRow(int in) {
    return groups.depthwise() ? 0 : ConvWeightTile.row(in, groups.ins());
  }

  /** Returns how many numbers of workspace a run needs. */
  int workspace() {
    return parts * groups.allPanels() * panelSums;
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
    int all = groups.allPanels();
    workers.run(
        parts * all,
        task ->
            new Task(x, dy, task % all, sums.floats(), sums.offset() + task * panelSums)
                .run(task / all));
    workers.run(all * taps(), task -> reduce(sums, task / taps(), task % taps(), dw));
  }

  /** Adds the sums of all parts for one panel and tap. */
  private void reduce(HostBuffer sums, int panel, int tap, HostBuffer dw) {
    int ins = groups.ins() / groups.merged();
    int outs = groups.merged() > 1 ? groups.outs() / groups.merged() : groups.channels(panel);
    for (int member = 0; member < groups.merged(); member++) {
      for (int in = 0; in < ins; in++) {
        int row = tap * sumRows() + sumRow(member * ins + in);
        int from = sums.offset() + panel * panelSums + row * CHANNELS + member * outs;
        int to =
            dw.offset() + (tap * ins + in) * dw.stride() + groups.channelOut(panel) + member * outs;
        reduce(sums.floats(), from, dw.floats(), to, outs);
      }
    }
  }

  private void reduce(float[] sums, int from, float[] dw, int to, int channels) {
    int step = groups.allPanels() * panelSums;
    for (int i = 0; i < channels; i += LANES) {
      VectorMask<Float> mask = SPECIES.indexInRange(i, channels);
      FloatVector sum = FloatVector.fromArray(SPECIES, sums, from + i, mask);
      for (int part = 1; part < parts; part++) {
        sum = sum.add(FloatVector.fromArray(SPECIES, sums, from + part * step + i, mask));
      }
      sum.intoArray(dw, to + i, mask);
    }
  }

  /** One part and panel of one run. */
  private final class Task {
    private final HostBuffer x;
    private final HostBuffer dy;
    private final int channelIn;
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
      this.channelIn = groups.channelIn(panel);
      this.channelOut = groups.channelOut(panel);
      this.channels = groups.channels(panel);
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
      int ins = groups.ins();
      int width;
      for (int row = 0; row < sumRows(); row += width) {
        width = groups.depthwise() ? 1 : ConvWeightTile.width(ins - row);
        int channel = channelIn + (groups.depthwise() ? 0 : ConvWeightTile.channel(row, ins));
        for (int tap = 0; tap < taps(); tap++) {
          int from = starts[tap];
          int to = starts[tap + 1];
          int at = sumsAt + (tap * sumRows() + row) * CHANNELS;
          if (groups.depthwise()) {
            ConvDepthwise.addFilters(
                channels, x.floats(), channel, xs, gradient, ys, from, to, sums, at);
          } else if (from < to) {
            int last = channelIn + ins - 1;
            ConvWeightTile.run(
                width, x.floats(), channel, last, xs, gradient, ys, from, to, sums, at);
          }
        }
      }
    }
  }
}
