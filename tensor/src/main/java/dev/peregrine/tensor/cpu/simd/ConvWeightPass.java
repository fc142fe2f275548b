package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * The gradient of any convolution by its filters, prepared: the product of matrices {@code [taps *
 * ins, pixels] x [pixels, outs]}.
 *
 * <p>The lines of the result are cut into panels of {@link SumTile#WIDTH} numbers, output channels
 * too. A task takes some panels of both and a part of the pixels. For a few pixels at a time it
 * gathers what they read in its lines' taps, with zeros outside the input, copies their gradients,
 * and adds to the sums, so that all three stay in the nearest caches. A gathered number serves for
 * all output channels of the task, so that gathering costs a few hundredths of the products, and
 * makes borders, strides and channel slices alike.
 *
 * <p>Where there are several parts, their sums are added afterwards, in their order. All of that
 * depends on the shapes alone, so the gradient has the same bits on any number of threads.
 */
final class ConvWeightPass implements WeightPass {
  private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
  private static final int LANES = SPECIES.length();
  private static final int CHANNELS = ConvTile.CHANNELS;
  private static final int WIDTH = SumTile.WIDTH;

  /** Pixels gathered at once: a panel of them takes 16 KiB. */
  private static final int PIXELS = 64;

  /** The same where a pixel reads few numbers: its sums are soon added up. */
  private static final int MOST_PIXELS = 128;

  /** Pixels at most so far apart are read in place: farther ones share the sets of the cache. */
  private static final int NEAR = 256;

  /** Panels of a task at most: of lines, of output channels. */
  private static final int MOST_LINES = 8;

  private static final int MOST_OUTS = 4;

  /** Panels of sums of a task at most, 256 KiB. */
  private static final int MOST_SUMS = 16;

  /** Tasks to aim at. */
  private static final int TASKS = 32;

  /** Outputs that are worth a part of their own. */
  private static final int PART_PIXELS = 1024;

  /** At most so many numbers in all parts together, 16 MiB, unless one part alone has more. */
  private static final int MOST_PARTS = 4 << 20;

  private final ConvGroups groups;
  private final ConvAxis rows;
  private final ConvAxis columns;
  private final Workers workers;
  private final int pixels;

  /** Whether a pixel reads the same pixel of the input and no other. */
  private final boolean plain;

  /** Groups, or panels of channels that are convolved alone. */
  private final int units;

  /** Input channels of a unit, output channels likewise. */
  private final int ins;

  private final int outs;

  /** Lines of a unit's result, and of a panel of them. */
  private final int lines;

  private final int panelLines;
  private final int linePanels;
  private final int outPanels;
  private final int chunk;
  private final int lineBlock;
  private final int outBlock;
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
    this.pixels = batch * rows.out() * columns.out();

    this.plain = isPlain(rows) && isPlain(columns);
    boolean alone = groups.depthwise();
    this.units = alone ? Math.ceilDiv(groups.outs(), WIDTH) : groups.groups();
    this.ins = alone ? 1 : groups.ins();
    this.outs = alone ? Math.min(WIDTH, groups.outs()) : groups.outs();
    this.lines = rows.taps() * columns.taps() * ins;
    this.panelLines = alone ? 1 : WIDTH;
    this.linePanels = Math.ceilDiv(lines, panelLines);
    this.chunk = linePanels == 1 && lines <= WIDTH / 2 ? MOST_PIXELS : PIXELS;
    this.outPanels = Math.ceilDiv(outs, WIDTH);
    this.outBlock = share(outPanels, MOST_OUTS);
    this.lineBlock = share(linePanels, Math.min(MOST_LINES, MOST_SUMS / outBlock));
    int fitting = Math.max(1, MOST_PARTS / Math.max(1, size()));
    int wanted = Math.min(Math.min(fitting, pixels / PART_PIXELS), Math.ceilDiv(TASKS, tasks()));
    this.parts = Math.max(1, wanted);
  }

  private static boolean isPlain(ConvAxis axis) {
    return axis.taps() == 1 && axis.stride() == 1 && axis.pad() == 0 && axis.in() == axis.out();
  }

  /** Cuts so many into shares of almost the same size, at most the given one. */
  private static int share(int size, int most) {
    return Math.ceilDiv(size, Math.ceilDiv(size, most));
  }

  /** Returns how many numbers the gradient has. */
  private int size() {
    return lines() * width();
  }

  /** Returns how many lines the gradient has. */
  private int lines() {
    return lines / groups.merged();
  }

  private int width() {
    return groups.groups() * groups.outs();
  }

  private int lineBlocks() {
    return Math.ceilDiv(linePanels, lineBlock);
  }

  private int outBlocks() {
    return Math.ceilDiv(outPanels, outBlock);
  }

  private int tasks() {
    return units * lineBlocks() * outBlocks();
  }

  private int scratch() {
    return (lineBlock + outBlock) * chunk * WIDTH + lineBlock * outBlock * WIDTH * WIDTH + LANES;
  }

  @Override
  public int workspace() {
    return workers.threads() * scratch() + (parts > 1 ? parts * size() : 0);
  }

  @Override
  public String algorithm() {
    String window = rows.taps() + "x" + columns.taps();
    return "direct filters " + window + " " + SumTile.ROWS + "x" + CHANNELS;
  }

  @Override
  public Runnable bind(HostBuffer x, HostBuffer dy, HostBuffer dw, HostBuffer space) {
    Run run = new Run(x, dy, dw, space);
    Workers.Task task = run::task;
    if (parts == 1) {
      return () -> workers.run(tasks(), task);
    }
    Workers.Task reduce = (line, _) -> run.reduce(line);
    return () -> {
      workers.run(parts * tasks(), task);
      workers.run(lines(), reduce);
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
    private final ConvGather gather;

    Run(HostBuffer x, HostBuffer dy, HostBuffer dw, HostBuffer space) {
      this.x = x;
      this.dy = dy;
      this.dw = dw;
      this.space = space.floats();
      this.scratchAt = space.offset();
      this.partsAt = scratchAt + workers.threads() * scratch();
      this.gather = new ConvGather(x, rows, columns);
    }

    void task(int task, int worker) {
      int part = task / tasks();
      int unit = task % tasks() / (lineBlocks() * outBlocks());
      int firstLine = task / outBlocks() % lineBlocks() * lineBlock;
      int firstOut = task % outBlocks() * outBlock;
      int lastLine = Math.min(firstLine + lineBlock, linePanels);
      int lastOut = Math.min(firstOut + outBlock, outPanels);
      int inputs = scratchAt + worker * scratch();
      int gradients = inputs + lineBlock * chunk * WIDTH;
      int sums = gradients + outBlock * chunk * WIDTH;
      int spare = sums + lineBlock * outBlock * WIDTH * WIDTH;
      int first = (int) ((long) pixels * part / parts);
      int last = (int) ((long) pixels * (part + 1) / parts);
      for (int pixel = first; pixel < last; pixel += chunk) {
        int count = Math.min(chunk, last - pixel);
        int ahead = Math.min(chunk, last - pixel - count);
        if (plain && ahead > 0 && Math.max(x.stride(), dy.stride()) <= NEAR) {
          touch(x, pixel + count, ahead, spare);
          touch(dy, pixel + count, ahead, spare);
        }
        int at = gradients;
        for (int panel = firstOut; panel < lastOut; panel++) {
          int channel = unit * outs + panel * WIDTH;
          if (!isNear(dy, pixel + count, channel)) {
            int from = dy.offset() + pixel * dy.stride() + channel;
            ConvGather.copy(dy.floats(), from, dy.stride(), space, at, 0, count, outs(unit, panel));
          }
          at += chunk * WIDTH;
        }
        at = sums;
        for (int panel = firstLine; panel < lastLine; panel++) {
          if (!plain || !isNear(x, pixel + count, unit * ins + panel * WIDTH)) {
            gather(unit, panel, pixel, count, inputs);
          }
          for (int out = firstOut; out < lastOut; out++) {
            int source = gradients + (out - firstOut) * chunk * WIDTH;
            add(unit, panel, out, pixel, count, inputs, source, at, pixel > first);
            at += panelLines * WIDTH;
          }
        }
      }
      int at = sums;
      for (int panel = firstLine; panel < lastLine; panel++) {
        for (int out = firstOut; out < lastOut; out++) {
          write(part, unit, panel, out, at);
          at += panelLines * WIDTH;
        }
      }
    }

    /**
     * Reads the pixels that come next from end to end: the tile, which reads them in place, reads
     * columns, and those come from memory far slower.
     */
    private void touch(HostBuffer buffer, int pixel, int count, int spare) {
      int at = buffer.offset() + pixel * buffer.stride();
      int size = Math.min(count * buffer.stride(), buffer.floats().length - at);
      readAll(buffer.floats(), at, size / LANES * LANES, space, spare);
    }

    private int lines(int panel) {
      return Math.min(panelLines, lines - panel * panelLines);
    }

    private int outs(int unit, int panel) {
      int left = groups.depthwise() ? groups.outs() - unit * outs : outs - panel * WIDTH;
      return Math.min(WIDTH, left);
    }

    /** Gathers what pixels read in the taps of a panel of lines. */
    private void gather(int unit, int panel, int pixel, int count, int to) {
      if (groups.depthwise()) {
        gather.tap(panel, unit * outs, outs(unit, 0), pixel, count, space, to);
        return;
      }
      int from = panel * panelLines;
      gather.lines(ins, unit * ins, from, from + lines(panel), pixel, count, space, to);
    }

    /** Tells whether a panel of neighbouring pixels is read where it lies. */
    private boolean isNear(HostBuffer buffer, int lastPixel, int channel) {
      int last = buffer.offset() + (lastPixel - 1) * buffer.stride() + channel;
      return buffer.stride() <= NEAR
          && !groups.depthwise()
          && last + WIDTH <= buffer.floats().length;
    }

    /** Adds some pixels to a panel of sums. */
    private void add(
        int unit,
        int panel,
        int out,
        int pixel,
        int count,
        int inputs,
        int gradients,
        int to,
        boolean adds) {
      if (groups.depthwise()) {
        ConvDepthwise.addFilters(count, outs(unit, out), space, inputs, gradients, to, adds);
        return;
      }
      int channelIn = unit * ins + panel * WIDTH;
      int channelOut = unit * outs + out * WIDTH;
      boolean inPlace = plain && isNear(x, pixel + count, channelIn);
      boolean outPlace = isNear(dy, pixel + count, channelOut);
      SumTile.multiply(
          count,
          inPlace ? x.floats() : space,
          inPlace ? x.offset() + pixel * x.stride() + channelIn : inputs,
          inPlace ? x.stride() : WIDTH,
          Math.ceilDiv(lines(panel), SumTile.ROWS) * SumTile.ROWS,
          outPlace ? dy.floats() : space,
          outPlace ? dy.offset() + pixel * dy.stride() + channelOut : gradients,
          outPlace ? dy.stride() : WIDTH,
          Math.ceilDiv(outs(unit, out), CHANNELS) * CHANNELS,
          space,
          to,
          adds);
    }

    /** Writes a panel's sums where they belong in the gradient or in the gradient of a part. */
    private void write(int part, int unit, int panel, int out, int from) {
      float[] to = parts == 1 ? dw.floats() : space;
      int stride = parts == 1 ? dw.stride() : width();
      int at = (parts == 1 ? dw.offset() : partsAt + part * size()) + unit * outs + out * WIDTH;
      int single = ins / groups.merged();
      int count = groups.merged() > 1 ? outs / groups.merged() : outs(unit, out);
      for (int i = 0; i < lines(panel); i++) {
        int line = panel * panelLines + i;
        int member = line % ins / single * (outs / groups.merged());
        int target = (line / ins * single + line % single) * stride;
        System.arraycopy(space, from + i * WIDTH + member, to, at + target + member, count);
      }
    }

    /** Adds the sums of all parts for one line. */
    void reduce(int line) {
      int to = dw.offset() + line * dw.stride();
      addParts(space, partsAt + line * width(), size(), parts, width(), dw.floats(), to);
    }
  }

  /** Reads whole vectors; what comes of them is stored so that they are read. */
  private static void readAll(float[] from, int at, int size, float[] to, int toAt) {
    IntVector all = FloatVector.zero(SPECIES).reinterpretAsInts();
    for (int i = 0; i < size; i += LANES) {
      all = all.or(FloatVector.fromArray(SPECIES, from, at + i).reinterpretAsInts());
    }
    all.reinterpretAsFloats().intoArray(to, toAt);
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
