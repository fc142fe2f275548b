package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * A direct convolution, prepared: any window, stride, dilation and groups.
 *
 * <p>A task takes some neighbouring pixels of the output and copies all that they read, zeros
 * beyond the borders included, one pixel after another, as much as half a second-level cache holds.
 * The rest is a product of matrices. A copied number is multiplied once for each output channel, so
 * the copy costs little; and reading ahead, without waiting for sums, it takes the input out of far
 * caches faster than tiles that read it in place.
 */
final class ConvPass implements DirectPass {
  private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
  private static final int LANES = SPECIES.length();
  private static final int CHANNELS = ConvTile.CHANNELS;

  /** Numbers copied at once, 128 KiB. */
  private static final int COPIED = 32 << 10;

  /** Pixels of a task, in tiles. */
  private static final int LEAST_TILES = 2;

  private static final int MOST_TILES = 8;

  /** Below so many numbers a pixel, tiles are stored one by one while the next is computed. */
  private static final int SHORT = 128;

  private final PackedFilters filters;
  private final ConvGroups groups;
  private final ConvAxis rows;
  private final ConvAxis columns;
  private final Workers workers;
  private final int pixels;
  private final int lines;
  private final int step;
  private final int blocks;
  private final int chunks;

  /**
   * Prepares.
   *
   * @param batch pictures
   * @param filters the filters, and the axes
   * @param workers share the work
   */
  ConvPass(int batch, PackedFilters filters, Workers workers) {
    this.filters = filters;
    this.groups = filters.groups();
    this.rows = filters.rows();
    this.columns = filters.columns();
    this.workers = workers;
    this.pixels = batch * rows.out() * columns.out();
    int tiles = COPIED / (ConvTile.MAIN * Math.max(1, depth(0)));
    this.lines = ConvTile.MAIN * Math.clamp(tiles, LEAST_TILES, MOST_TILES);
    this.step = depth(0) < SHORT ? ConvTile.MAIN : lines;
    this.blocks = Math.ceilDiv(pixels, lines);
    int wanted = Math.ceilDiv(4 * workers.threads(), Math.max(1, blocks));
    this.chunks = Math.clamp(wanted, 1, groups.allPanels());
  }

  /** Returns how many numbers a pixel reads of a block of input channels; the first is largest. */
  private int depth(int block) {
    return filters.taps() * filters.blockSize(block);
  }

  /**
   * Returns from a copied pixel to the next: whole vectors, and no power of two, lest the pixels of
   * a tile share one set of the cache.
   */
  private int pitch(int block) {
    int vectors = Math.ceilDiv(depth(block), LANES);
    return (vectors > 1 ? vectors | 1 : vectors) * LANES;
  }

  private int copySize() {
    return (lines + MatTile.LEAST_ROWS) * pitch(0);
  }

  private int panelSums() {
    return (lines + MatTile.LEAST_ROWS) * CHANNELS;
  }

  private int panelsAtOnce() {
    return filters.blocks() == 1
        ? 1
        : Math.min(groups.panels(), Math.ceilDiv(groups.allPanels(), chunks));
  }

  private int scratch() {
    return copySize() + (panelsAtOnce() + 2) * panelSums();
  }

  @Override
  public int workspace() {
    return workers.threads() * scratch();
  }

  @Override
  public Runnable bind(Operands operands) {
    Run run = new Run(operands);
    return () -> workers.run(blocks * chunks, run);
  }

  /** One run on given buffers. */
  private final class Run implements Workers.Task {
    private final HostBuffer x;
    private final float[] packed;
    private final int packedAt;
    private final HostBuffer y;
    private final ConvEpilogue epilogue;
    private final float[] space;
    private final int spaceAt;
    private final int outHeight;
    private final int outWidth;
    private final ConvEpilogue.Places[] places = new ConvEpilogue.Places[workers.threads()];

    Run(Operands operands) {
      this.x = operands.x();
      this.packed = operands.packed();
      this.packedAt = operands.packedAt();
      this.y = operands.y();
      this.epilogue = operands.epilogue();
      this.space = operands.space();
      this.spaceAt = operands.spaceAt();
      this.outHeight = y.spec().shape().dim(1);
      this.outWidth = y.spec().shape().dim(2);
      Arrays.setAll(places, _ -> new ConvEpilogue.Places(lines));
    }

    @Override
    public void run(int task, int worker) {
      int first = task / chunks * lines;
      int count = Math.min(lines, pixels - first);
      int all = groups.allPanels();
      int panel = all * (task % chunks) / chunks;
      int end = all * (task % chunks + 1) / chunks;
      ConvEpilogue.Places local = places[worker];
      locate(first, count, local);
      while (panel < end) {
        int last = Math.min(end, (panel / groups.panels() + 1) * groups.panels());
        compute(first, count, panel, last, spaceAt + worker * scratch(), local);
        panel = last;
      }
    }

    /** Finds where the pixels are stored. */
    private void locate(int first, int count, ConvEpilogue.Places local) {
      int column = first % columns.out();
      int row = first / columns.out() % rows.out();
      int image = first / columns.out() / rows.out();
      for (int i = 0; i < count; i++) {
        int line = (image * outHeight + rows.stored(row)) * outWidth + columns.stored(column);
        local.set(i, line, y);
        if (++column == columns.out()) {
          column = 0;
          if (++row == rows.out()) {
            row = 0;
            image++;
          }
        }
      }
    }

    /** Computes some panels of one group. */
    private void compute(
        int first, int count, int panel, int last, int at, ConvEpilogue.Places local) {
      int channel = groups.channelIn(panel);
      if (filters.blocks() == 1) {
        copy(first, count, channel, 0, at);
        for (int p = panel; p < last; p++) {
          for (int line = 0; line < count; line += step) {
            int height = Math.min(step, count - line);
            multiply(p, 0, line, height, at, at + copySize());
            store(p, at + copySize(), line, height, local);
          }
        }
        return;
      }
      int sumsAt = at + copySize();
      int moreAt = sumsAt + panelsAtOnce() * panelSums();
      for (int block = 0; block < filters.blocks(); block++) {
        copy(first, count, channel + filters.blockStart(block), block, at);
        for (int p = panel; p < last; p++) {
          int to = sumsAt + (p - panel) * panelSums();
          multiply(p, block, 0, count, at, block == 0 ? to : moreAt);
          if (block > 0) {
            add(moreAt, to, count * CHANNELS);
          }
          if (block == filters.blocks() - 1) {
            store(p, to, 0, count, local);
          }
        }
      }
    }

    private void multiply(int panel, int block, int line, int height, int at, int to) {
      MatTile.multiply(
          Math.max(height, MatTile.LEAST_ROWS),
          space,
          at + line * pitch(block),
          pitch(block),
          packed,
          packedAt + filters.start(panel, block),
          space,
          to,
          CHANNELS,
          depth(block));
    }

    private void store(int panel, int from, int line, int height, ConvEpilogue.Places local) {
      epilogue.apply(
          space,
          from,
          local,
          y.floats(),
          line,
          height,
          groups.channelOut(panel),
          groups.channels(panel));
    }

    private void add(int from, int to, int size) {
      for (int i = 0; i < size; i += LANES) {
        FloatVector.fromArray(SPECIES, space, to + i)
            .add(FloatVector.fromArray(SPECIES, space, from + i))
            .intoArray(space, to + i);
      }
    }

    /** Copies what the pixels read of a block of input channels, row by row of the output. */
    private void copy(int first, int count, int channel, int block, int at) {
      int next = first;
      while (next < first + count) {
        int column = next % columns.out();
        int row = next / columns.out() % rows.out();
        int image = next / columns.out() / rows.out();
        int width = Math.min(columns.out() - column, first + count - next);
        int to = at + (next - first) * pitch(block);
        for (int tap = 0; tap < rows.taps(); tap++) {
          int inRow = rows.position(row) + tap * rows.dilation();
          int tapAt = to + tap * columns.taps() * filters.blockSize(block);
          if (inRow < 0 || inRow >= rows.in()) {
            clear(tapAt, width, columns.taps() * filters.blockSize(block), pitch(block));
          } else {
            copyRow(image * rows.in() + inRow, column, width, channel, block, tapAt);
          }
        }
        next += width;
      }
    }

    /** Copies what some neighbouring pixels read of an input row. */
    private void copyRow(int line, int column, int width, int channel, int block, int at) {
      int size = filters.blockSize(block);
      int pitch = pitch(block);
      int from = x.offset() + line * columns.in() * x.stride() + channel;
      int taps = columns.taps();
      // Neighbouring taps of a dense input follow each other, in the input and in the copy alike.
      boolean joined = size == x.stride() && columns.dilation() == 1;
      int step = columns.stride() * x.stride();
      int start = joined ? first(column, 0, 0, width) : width;
      int end = joined ? last(column, (taps - 1) * columns.dilation(), start, width) : width;
      if (end > start) {
        int source = from + columns.position(column + start) * x.stride();
        ConvPatches.copy(
            x.floats(), source, step, space, at + start * pitch, pitch, end - start, taps * size);
      }
      for (int tap = 0; tap < taps; tap++) {
        copyTap(from, tap, column, 0, start, size, pitch, at);
        copyTap(from, tap, column, end, width, size, pitch, at);
      }
    }

    /** Copies what pixels read by one tap. */
    private void copyTap(
        int from, int tap, int column, int start, int end, int size, int pitch, int at) {
      if (start >= end) {
        return;
      }
      int shift = tap * columns.dilation();
      int to = at + tap * size;
      int first = first(column, shift, start, end);
      int last = last(column, shift, first, end);
      clear(to + start * pitch, first - start, size, pitch);
      if (last > first) {
        int source = from + (columns.position(column + first) + shift) * x.stride();
        ConvPatches.copy(
            x.floats(),
            source,
            columns.stride() * x.stride(),
            space,
            to + first * pitch,
            pitch,
            last - first,
            size);
      }
      clear(to + last * pitch, end - last, size, pitch);
    }

    /** Returns the first of some pixels whose tap is not before the input. */
    private int first(int column, int shift, int start, int end) {
      int before = -columns.position(column) - shift;
      return Math.clamp(Math.ceilDiv(before, columns.stride()), start, end);
    }

    /** Returns the first of some pixels whose tap is behind the input. */
    private int last(int column, int shift, int start, int end) {
      int inside = columns.in() - columns.position(column) - shift;
      return Math.clamp(Math.ceilDiv(inside, columns.stride()), start, end);
    }

    private void clear(int at, int count, int size, int step) {
      for (int i = 0; i < count; i++) {
        Arrays.fill(space, at + i * step, at + i * step + size, 0);
      }
    }
  }
}
