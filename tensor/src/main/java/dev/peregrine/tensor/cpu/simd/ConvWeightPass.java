package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * The gradient of a convolution by its filters, prepared.
 *
 * <p>The outputs are cut into patches whose gradients stay in the nearest cache, and patches into
 * parts; input channels are cut into blocks and output channels into panels. A task adds up one
 * part for one block and some panels. Where there are several parts, their sums are added
 * afterwards, in their order. All of that depends on the shapes alone, so the gradient has the same
 * bits on any number of threads.
 *
 * <p>A patch's input is copied with zeros around it. That costs as much as a few multiplications
 * per number, and makes borders, strides and channel slices alike.
 */
final class ConvWeightPass implements WeightPass {
  private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
  private static final int LANES = SPECIES.length();
  private static final int CHANNELS = ConvTile.CHANNELS;

  /** Pixels of a patch; with a panel's gradients they take 24 KiB. */
  private static final int PATCH_PIXELS = 192;

  /** Input channels of a block, with several taps or with one. */
  private static final int BLOCK = 64;

  private static final int POINT_BLOCK = 256;

  /** Up to so many input channels the taps of a filter row are taken as one run of channels. */
  private static final int MOST_JOINED = 32;

  /** Tasks to aim at. */
  private static final int TASKS = 32;

  /** Outputs that are worth a part of their own. */
  private static final int PART_PIXELS = 1024;

  /** At most so many sums in all parts together, 16 MiB, unless one part alone has more. */
  private static final int MOST_SUMS = 4 << 20;

  /** At most so many sums in a task, 512 KiB, unless one panel alone has more. */
  private static final int TASK_SUMS = 128 << 10;

  private final ConvGroups groups;
  private final ConvAxis rows;
  private final ConvAxis columns;
  private final Workers workers;
  private final ConvPatches patches;
  private final boolean joined;
  private final int blockChannels;
  private final int sumRows;
  private final int mainTiles;
  private final int panelBlock;
  private final int parts;

  /**
   * Prepares.
   *
   * @param batch pictures
   * @param groups groups of channels
   * @param rows the rows of the forward convolution
   * @param columns its columns
   * @param workers share the work
   */
  ConvWeightPass(int batch, ConvGroups groups, ConvAxis rows, ConvAxis columns, Workers workers) {
    this.groups = groups;
    this.rows = rows;
    this.columns = columns;
    this.workers = workers;
    int taps = rows.taps() * columns.taps();
    int ins = groups.depthwise() ? CHANNELS : groups.ins();
    int blocks = Math.ceilDiv(ins, taps == 1 ? POINT_BLOCK : BLOCK);
    this.blockChannels = Math.ceilDiv(ins, blocks);
    this.joined = ins <= MOST_JOINED && columns.dilation() == 1 && !groups.depthwise();
    this.patches = new ConvPatches(batch, rows, columns, PATCH_PIXELS, blockChannels);
    int run = joined ? columns.taps() * ins : blockChannels;
    this.mainTiles = ConvWeightTile.mainTiles(run);
    this.sumRows = groups.depthwise() ? 1 : ConvWeightTile.covered(run, mainTiles);
    int pixels = batch * rows.out() * columns.out();
    int fitting = Math.max(1, MOST_SUMS / Math.max(1, size()));
    int wanted = Math.min(fitting, pixels / PART_PIXELS);
    this.parts = Math.clamp(wanted, 1, Math.min(TASKS, patches.count()));
    int apart = groups.groups() * (groups.depthwise() ? groups.panels() : blocks);
    int shares = Math.clamp(Math.ceilDiv(TASKS, parts * apart), 1, groups.panels());
    int most = Math.max(1, TASK_SUMS / panelSums());
    this.panelBlock =
        groups.depthwise() ? 1 : Math.min(most, Math.ceilDiv(groups.panels(), shares));
  }

  private int runs() {
    return rows.taps() * (joined ? 1 : columns.taps());
  }

  private int panelSums() {
    return runs() * sumRows * CHANNELS;
  }

  /** Returns how many numbers the gradient has. */
  private int size() {
    int ins = groups.ins() / groups.merged();
    return rows.taps() * columns.taps() * ins * groups.groups() * groups.outs();
  }

  private int blocks() {
    return groups.depthwise() ? groups.panels() : Math.ceilDiv(groups.ins(), blockChannels);
  }

  private int panelBlocks() {
    return groups.depthwise() ? 1 : Math.ceilDiv(groups.panels(), panelBlock);
  }

  private int units() {
    return groups.groups() * blocks() * panelBlocks();
  }

  /** Returns how much scratch memory a task needs: input, gradients and sums. */
  private int scratch() {
    return gradientsAt() + patches.most() * CHANNELS + panelBlock * panelSums();
  }

  private int gradientsAt() {
    // The last tile may read a few numbers beyond the last pixel.
    return Math.ceilDiv(patches.size() + ConvWeightTile.MAIN, CHANNELS) * CHANNELS;
  }

  @Override
  public int workspace() {
    return workers.threads() * scratch() + (parts > 1 ? parts * size() : 0);
  }

  @Override
  public String algorithm() {
    return "direct filters "
        + rows.taps()
        + "x"
        + columns.taps()
        + " "
        + ConvWeightTile.MAIN
        + "x"
        + CHANNELS;
  }

  @Override
  public Runnable bind(HostBuffer x, HostBuffer dy, HostBuffer dw, HostBuffer space) {
    Run run = new Run(x, dy, dw, space);
    Workers.Task task = run::task;
    if (parts == 1) {
      return () -> workers.run(units(), task);
    }
    int lines = rows.taps() * columns.taps() * groups.ins() / groups.merged();
    Workers.Task reduce = (line, _) -> run.reduce(line);
    return () -> {
      workers.run(parts * units(), task);
      workers.run(lines, reduce);
    };
  }

  /** One run on given buffers; keeps nothing between repetitions. */
  private final class Run {
    private final HostBuffer x;
    private final HostBuffer dy;
    private final HostBuffer dw;
    private final float[] space;
    private final int scratchAt;
    private final int partsAt;

    Run(HostBuffer x, HostBuffer dy, HostBuffer dw, HostBuffer space) {
      this.x = x;
      this.dy = dy;
      this.dw = dw;
      this.space = space.floats();
      this.scratchAt = space.offset();
      this.partsAt = scratchAt + workers.threads() * scratch();
    }

    void task(int task, int worker) {
      int unit = task % units();
      int group = unit / (blocks() * panelBlocks());
      int block = unit / panelBlocks() % blocks();
      int share = unit % panelBlocks() * panelBlock;
      int first = group * groups.panels() + (groups.depthwise() ? block : share);
      int last = Math.min(first + panelBlock, (group + 1) * groups.panels());
      sum(task / units(), block, first, last, scratchAt + worker * scratch());
    }

    /** Sums the patches of a part for some panels and writes the sums out. */
    private void sum(int part, int block, int firstPanel, int lastPanel, int at) {
      int channel = groups.channelIn(firstPanel);
      int channels = groups.channels(firstPanel);
      if (!groups.depthwise()) {
        channel += block * blockChannels;
        channels = Math.min(blockChannels, groups.ins() - block * blockChannels);
      }
      int sumsAt = at + scratch() - panelBlock * panelSums();
      Arrays.fill(space, sumsAt, sumsAt + (lastPanel - firstPanel) * panelSums(), 0);
      int lastPatch = (int) (patches.count() * (part + 1L) / parts);
      for (int patch = (int) ((long) patches.count() * part / parts); patch < lastPatch; patch++) {
        patches.copy(patch, x, channel, channels, space, at);
        for (int panel = firstPanel; panel < lastPanel; panel++) {
          add(patch, panel, channels, at, sumsAt + (panel - firstPanel) * panelSums());
        }
      }
      for (int panel = firstPanel; panel < lastPanel; panel++) {
        int from = sumsAt + (panel - firstPanel) * panelSums();
        if (parts == 1) {
          write(panel, block, channels, from, dw.floats(), dw.offset(), dw.stride());
        } else {
          int width = groups.groups() * groups.outs();
          write(panel, block, channels, from, space, partsAt + part * size(), width);
        }
      }
    }

    /** Adds a patch to the sums of a panel; a tile's input stays in the cache for all taps. */
    private void add(int patch, int panel, int channels, int at, int sumsAt) {
      int[] offsets = patches.offsets();
      int pixels = patches.pixels(patch);
      float[] gradients = dy.floats();
      int gradientsAt = dy.offset() + patches.pixel(patch) * dy.stride();
      if (groups.outs() < CHANNELS || dy.stride() > CHANNELS || !patches.isWhole()) {
        gradients = space;
        gradientsAt = at + gradientsAt();
        copyGradients(patch, panel, gradientsAt);
      }
      int width;
      for (int row = 0; row < sumRows; row += width) {
        width = row < mainTiles * ConvWeightTile.MAIN ? ConvWeightTile.MAIN : ConvWeightTile.REST;
        for (int run = 0; run < runs(); run++) {
          int from = at + tap(run) + row;
          int to = sumsAt + (run * sumRows + row) * CHANNELS;
          if (groups.depthwise()) {
            ConvDepthwise.addFilters(
                channels, space, from, offsets, gradients, gradientsAt, pixels, space, to);
          } else {
            ConvWeightTile.run(
                width, space, from, offsets, gradients, gradientsAt, pixels, space, to);
          }
        }
      }
    }

    private int tap(int run) {
      return joined ? patches.tap(run, 0) : patches.tap(run / columns.taps(), run % columns.taps());
    }

    /** Copies a panel's channels of a patch's gradients. */
    private void copyGradients(int patch, int panel, int to) {
      int from = dy.offset() + groups.channelOut(panel);
      int channels = groups.channels(panel);
      patches.copyOut(patch, dy.floats(), from, dy.stride(), space, to, CHANNELS, channels);
    }

    /** Writes a panel's sums where they belong in the gradient or in the gradient of a part. */
    private void write(
        int panel, int block, int channels, int from, float[] to, int toAt, int stride) {
      int ins = groups.ins() / groups.merged();
      int outs = groups.merged() > 1 ? groups.outs() / groups.merged() : groups.channels(panel);
      int first = groups.depthwise() ? 0 : block * blockChannels;
      int count = groups.depthwise() ? 1 : channels;
      for (int tap = 0; tap < rows.taps() * columns.taps(); tap++) {
        int row =
            joined
                ? tap / columns.taps() * sumRows + tap % columns.taps() * channels
                : tap * sumRows;
        for (int i = 0; i < count; i++) {
          int member = (first + i) / ins;
          int line = toAt + (tap * ins + (first + i) % ins) * stride + groups.channelOut(panel);
          int sums = from + (row + i) * CHANNELS;
          System.arraycopy(space, sums + member * outs, to, line + member * outs, outs);
        }
      }
    }

    /** Adds the sums of all parts for one input channel and tap. */
    void reduce(int line) {
      int width = groups.groups() * groups.outs();
      int to = dw.offset() + line * dw.stride();
      addParts(space, partsAt + line * width, size(), parts, width, dw.floats(), to);
    }
  }

  /** Adds numbers of several parts, always in the same order. */
  static void addParts(float[] from, int at, int step, int parts, int size, float[] to, int toAt) {
    for (int i = 0; i < size; i += LANES) {
      VectorMask<Float> mask = SPECIES.indexInRange(i, size);
      FloatVector sum = FloatVector.fromArray(SPECIES, from, at + i, mask);
      for (int part = 1; part < parts; part++) {
        sum = sum.add(FloatVector.fromArray(SPECIES, from, at + part * step + i, mask));
      }
      sum.intoArray(to, toAt + i, mask);
    }
  }
}
