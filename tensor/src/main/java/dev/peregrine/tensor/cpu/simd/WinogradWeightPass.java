package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import java.util.Arrays;

/**
 * The gradient of a 3x3 convolution of stride 1 by its filters: the adjoint of {@link
 * WinogradPass}, prepared.
 *
 * <p>Input tiles are transformed as in the convolution, and the gradient of the output by the
 * adjoint of the transform back. For each of 36 points the product {@code [ins, tiles] x [tiles,
 * outs]} is then the gradient of the transformed filters, and at the end the adjoint of their
 * transform gives that of the filters.
 *
 * <p>A task takes a block of input channels, a block of output channels and a part of the tiles,
 * which it works through in chunks, so that a chunk and all sums stay in the second-level cache.
 * Where there are several parts, their gradients are added afterwards, in their order. All of that
 * depends on the shapes alone, so the gradient has the same bits on any number of threads.
 *
 * <p>A tile that reaches over a border is copied into a patch whose pixels outside are zero; all
 * others are read in place.
 */
final class WinogradWeightPass implements WeightPass {
  private static final int LANES = Lanes.LENGTH;
  private static final int CHANNELS = ConvTile.CHANNELS;
  private static final int WIDTH = SumTile.WIDTH;
  private static final int POINTS = WinogradTransform.POINTS;
  private static final int OUT = WinogradTransform.OUT;
  private static final int IN = WinogradTransform.IN;
  private static final int TAPS = 3;

  /** Tiles of a chunk. */
  private static final int CHUNK = 32;

  /** More channels than these are cut into blocks of two panels. */
  private static final int MANY = 256;

  /** Tasks to aim at. */
  private static final int TASKS = 16;

  /** Tiles that are worth a part of their own. */
  private static final int PART_TILES = 128;

  /** At most so many numbers in all parts together, 16 MiB. */
  private static final int MOST_SUMS = 4 << 20;

  /** Rows of sums that are transformed at once. */
  private static final int LINES = 4;

  private final Workers workers;
  private final int ins;
  private final int outs;
  private final Side input;
  private final Side output;
  private final int tilesAcross;
  private final int tilesOfImage;
  private final int tiles;
  private final int chunk;
  private final int parts;
  private final int sumPoint;

  /**
   * Prepares.
   *
   * @param batch pictures
   * @param ins input channels
   * @param outs output channels
   * @param rows the rows of the forward convolution
   * @param columns its columns
   * @param workers share the work
   */
  WinogradWeightPass(
      int batch, int ins, int outs, ConvAxis rows, ConvAxis columns, Workers workers) {
    this.workers = workers;
    this.ins = ins;
    this.outs = outs;
    this.tilesAcross = Math.ceilDiv(columns.out(), OUT);
    this.tilesOfImage = Math.ceilDiv(rows.out(), OUT) * tilesAcross;
    this.tiles = batch * tilesOfImage;
    this.chunk = Math.min(tiles, CHUNK);
    this.input = new Side(ins, IN, rows.pad(), columns.pad(), rows.in(), columns.in());
    this.output = new Side(outs, OUT, 0, 0, rows.out(), columns.out());
    this.sumPoint = input.panels() * output.panels() * WIDTH * WIDTH + LANES;
    int fitting = Math.max(1, MOST_SUMS / size());
    int wanted = Math.min(Math.min(fitting, tiles / PART_TILES), Math.ceilDiv(TASKS, blocks()));
    this.parts = Math.max(1, wanted);
  }

  /** The input or the gradient of the output: how it is cut and transformed. */
  private final class Side {
    final int channels;
    final int extent;
    final int padRows;
    final int padColumns;
    final int rows;
    final int columns;
    final int blocks;
    final int blockChannels;

    Side(int channels, int extent, int padRows, int padColumns, int rows, int columns) {
      this.channels = channels;
      this.extent = extent;
      this.padRows = padRows;
      this.padColumns = padColumns;
      this.rows = rows;
      this.columns = columns;
      // Wide blocks transform less often; where channels are few they would leave few tasks.
      this.blocks = Math.ceilDiv(channels, channels > MANY ? 2 * WIDTH : WIDTH);
      this.blockChannels = Math.ceilDiv(Math.ceilDiv(channels, blocks), LANES) * LANES;
    }

    int panels() {
      return Math.ceilDiv(blockChannels, WIDTH);
    }

    int first(int block) {
      return block * blockChannels;
    }

    int count(int block) {
      return Math.min(blockChannels, channels - first(block));
    }

    int point() {
      return panels() * chunk * WIDTH + LANES;
    }

    int patch() {
      return extent * extent * WIDTH;
    }

    /** Transforms the tiles of a chunk for one block of channels. */
    void transform(HostBuffer x, int from, int to, int block, float[] space, int at, int patchAt) {
      for (int tile = from; tile < to; tile++) {
        int image = tile / tilesOfImage;
        int row = tile % tilesOfImage / tilesAcross * OUT - padRows;
        int column = tile % tilesAcross * OUT - padColumns;
        for (int channel = 0; channel < count(block); channel += WIDTH) {
          int size = Math.min(WIDTH, count(block) - channel);
          int target = at + (channel * chunk + (tile - from) * WIDTH);
          transform(x, image, row, column, first(block) + channel, size, space, target, patchAt);
        }
      }
    }

    private void transform(
        HostBuffer x,
        int image,
        int row,
        int column,
        int channel,
        int size,
        float[] space,
        int to,
        int patchAt) {
      int pixel = x.stride();
      int line = columns * pixel;
      int first = x.offset() + ((image * rows + row) * columns + column) * pixel + channel;
      int whole = Math.ceilDiv(size, LANES) * LANES;
      float[] from = x.floats();
      boolean inside =
          row >= 0
              && column >= 0
              && row + extent <= rows
              && column + extent <= columns
              && first + (extent - 1) * (line + pixel) + whole <= from.length;
      if (!inside) {
        cut(x, first, row, column, size, space, patchAt);
        from = space;
        first = patchAt;
        pixel = WIDTH;
        line = extent * WIDTH;
      }
      if (extent == IN) {
        WinogradTransform.input(from, first, line, pixel, space, to, point(), whole);
      } else {
        WinogradAdjoint.output(from, first, line, pixel, space, to, point(), whole);
      }
    }

    /** Copies a tile with zeros for the pixels outside. */
    private void cut(
        HostBuffer x, int first, int row, int column, int size, float[] patch, int patchAt) {
      int line = columns * x.stride();
      for (int i = 0; i < extent; i++) {
        boolean rowInside = row + i >= 0 && row + i < rows;
        for (int j = 0; j < extent; j++) {
          int to = patchAt + (i * extent + j) * WIDTH;
          if (rowInside && column + j >= 0 && column + j < columns) {
            System.arraycopy(x.floats(), first + i * line + j * x.stride(), patch, to, size);
          } else {
            Arrays.fill(patch, to, to + size, 0);
          }
        }
      }
    }
  }

  private int blocks() {
    return input.blocks * output.blocks;
  }

  /** Returns how many numbers the gradient has. */
  private int size() {
    return TAPS * TAPS * ins * outs;
  }

  private int scratch() {
    return POINTS * (input.point() + output.point() + sumPoint) + input.patch();
  }

  @Override
  public int workspace() {
    return workers.threads() * scratch() + (parts > 1 ? parts * size() : 0);
  }

  @Override
  public String algorithm() {
    return "winograd filters 4x4 " + SumTile.ROWS + "x" + CHANNELS;
  }

  @Override
  public Runnable bind(HostBuffer x, HostBuffer dy, HostBuffer dw, HostBuffer space) {
    Run run = new Run(x, dy, dw, space);
    Workers.Task task = run::task;
    if (parts == 1) {
      return () -> workers.run(blocks(), task);
    }
    Workers.Task reduce = (line, _) -> run.reduce(line);
    return () -> {
      workers.run(parts * blocks(), task);
      workers.run(TAPS * TAPS * ins, reduce);
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
      int part = task / blocks();
      int inBlock = task % blocks() / output.blocks;
      int outBlock = task % output.blocks;
      int v = scratchAt + worker * scratch();
      int m = v + POINTS * input.point();
      int u = m + POINTS * output.point();
      int patchAt = u + POINTS * sumPoint;
      int first = (int) ((long) tiles * part / parts);
      int last = (int) ((long) tiles * (part + 1) / parts);
      for (int from = first; from < last; from += chunk) {
        int to = Math.min(last, from + chunk);
        input.transform(x, from, to, inBlock, space, v, patchAt);
        output.transform(dy, from, to, outBlock, space, m, patchAt);
        for (int point = 0; point < POINTS; point++) {
          multiply(point, to - from, inBlock, outBlock, v, m, u, from > first);
        }
      }
      if (parts == 1) {
        write(inBlock, outBlock, u, dw.floats(), dw.offset(), dw.stride());
      } else {
        write(inBlock, outBlock, u, space, partsAt + part * size(), outs);
      }
    }

    private void multiply(
        int point, int count, int inBlock, int outBlock, int v, int m, int u, boolean adds) {
      int inputs = input.count(inBlock);
      int outputs = output.count(outBlock);
      int to = u + point * sumPoint;
      for (int out = 0; out < outputs; out += WIDTH) {
        int columns = Math.ceilDiv(Math.min(WIDTH, outputs - out), CHANNELS) * CHANNELS;
        for (int in = 0; in < inputs; in += WIDTH) {
          SumTile.multiply(
              count,
              space,
              v + point * input.point() + in * chunk,
              WIDTH,
              Math.ceilDiv(Math.min(WIDTH, inputs - in), SumTile.ROWS) * SumTile.ROWS,
              space,
              m + point * output.point() + out * chunk,
              WIDTH,
              columns,
              space,
              to,
              adds);
          to += WIDTH * WIDTH;
        }
      }
    }

    /** Transforms the sums and writes them where they belong. */
    private void write(int inBlock, int outBlock, int u, float[] to, int toAt, int stride) {
      int inputs = input.count(inBlock);
      int outputs = output.count(outBlock);
      int from = u;
      for (int out = 0; out < outputs; out += WIDTH) {
        int columns = Math.min(WIDTH, outputs - out);
        for (int in = 0; in < inputs; in += WIDTH) {
          int target = toAt + (input.first(inBlock) + in) * stride + output.first(outBlock) + out;
          writePanel(from, Math.min(WIDTH, inputs - in), columns, to, target, stride);
          from += WIDTH * WIDTH;
        }
      }
    }

    private void writePanel(int from, int lines, int columns, float[] to, int toAt, int stride) {
      for (int first = 0; first < lines; first += LINES) {
        WinogradAdjoint.filters(space, from + first * WIDTH, sumPoint, LINES * WIDTH);
        for (int line = first; line < Math.min(lines, first + LINES); line++) {
          for (int tap = 0; tap < TAPS * TAPS; tap++) {
            int point = tap / TAPS * IN + tap % TAPS;
            System.arraycopy(
                space,
                from + point * sumPoint + line * WIDTH,
                to,
                toAt + (tap * ins + line) * stride,
                columns);
          }
        }
      }
    }

    /** Adds the gradients of all parts for one input channel and tap. */
    void reduce(int line) {
      ConvWeightPass.addParts(
          space,
          partsAt + line * outs,
          size(),
          parts,
          outs,
          dw.floats(),
          dw.offset() + line * dw.stride());
    }
  }
}
