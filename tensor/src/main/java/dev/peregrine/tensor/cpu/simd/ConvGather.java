package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Gathers what the pixels of a convolution's output read, one pixel after another, {@link
 * SumTile#WIDTH} numbers apart; zeros stand for what lies outside the input.
 *
 * <p>A line is a number that each pixel reads: a channel of a tap. Copies may write beyond their
 * lines, up to the end of the panel: lines are gathered in their order.
 *
 * @param x the input
 * @param rows the rows of the convolution
 * @param columns its columns
 */
record ConvGather(HostBuffer x, ConvAxis rows, ConvAxis columns) {
  private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
  private static final int LANES = SPECIES.length();
  private static final int WIDTH = SumTile.WIDTH;

  /**
   * Gathers neighbouring lines.
   *
   * @param ins input channels of each tap
   * @param channel the first of them
   * @param from the first line
   * @param end after the last line
   * @param pixel the first pixel, counted through the outputs of the batch
   * @param count pixels
   * @param to where to
   * @param at where pixels begin there
   */
  void lines(int ins, int channel, int from, int end, int pixel, int count, float[] to, int at) {
    // Taps of a filter row lie side by side where nothing is between two pixels.
    boolean joined = x.stride() == ins && columns.dilation() == 1;
    int run = joined ? ins * columns.taps() : ins;
    int size;
    for (int line = from; line < end; line += size) {
      size = Math.min(end - line, run - line % run);
      int tap = line / ins;
      int spanned = (line + size - 1) / ins - tap;
      gather(tap, spanned, ins, channel + line % ins, size, pixel, count, to, at, line - from);
    }
  }

  /**
   * Gathers channels of one tap.
   *
   * @param tap which
   * @param channel the first channel
   * @param channels how many
   * @param pixel the first pixel, counted through the outputs of the batch
   * @param count pixels
   * @param to where to
   * @param at where pixels begin there
   */
  void tap(int tap, int channel, int channels, int pixel, int count, float[] to, int at) {
    gather(tap, 0, channels, channel, channels, pixel, count, to, at, 0);
  }

  /** Gathers lines of one tap, or of neighbouring taps of one filter row. */
  private void gather(
      int tap,
      int spanned,
      int ins,
      int channel,
      int size,
      int pixel,
      int count,
      float[] to,
      int at,
      int place) {
    int wide;
    for (int i = 0; i < count; i += wide) {
      int line = (pixel + i) / columns.out();
      int column = (pixel + i) % columns.out();
      wide = Math.min(count - i, columns.out() - column);
      int target = at + i * WIDTH;
      int row = rows.position(line % rows.out()) + tap / columns.taps() * rows.dilation();
      if (row < 0 || row >= rows.in()) {
        clear(to, target + place, wide, size);
        continue;
      }
      int inLine = line / rows.out() * rows.in() + row;
      row(
          inLine,
          column,
          wide,
          tap % columns.taps(),
          spanned,
          ins,
          channel,
          size,
          to,
          target,
          place);
    }
  }

  /** Gathers for neighbouring pixels of a row. */
  private void row(
      int inLine,
      int column,
      int wide,
      int tap,
      int spanned,
      int ins,
      int channel,
      int size,
      float[] to,
      int at,
      int place) {
    int step = columns.stride();
    int first = columns.position(column) + tap * columns.dilation();
    int before = Math.clamp(Math.ceilDiv(-first, step), 0, wide);
    int inside = Math.clamp(Math.ceilDiv(columns.in() - spanned - first, step), before, wide);
    if (inside > before) {
      int from =
          x.offset() + (inLine * columns.in() + first + before * step) * x.stride() + channel;
      copy(
          x.floats(),
          from,
          step * x.stride(),
          to,
          at + before * WIDTH,
          place,
          inside - before,
          size);
    }
    if (spanned == 0) {
      clear(to, at + place, before, size);
      clear(to, at + inside * WIDTH + place, wide - inside, size);
      return;
    }
    int done = 0;
    while (done < size) {
      // At the borders tap by tap, of which some lie outside.
      int skipped = channel + done;
      int left = Math.min(size - done, ins - skipped % ins);
      int next = tap + skipped / ins;
      int lane = skipped % ins;
      row(inLine, column, before, next, 0, ins, lane, left, to, at, place + done);
      row(
          inLine,
          column + inside,
          wide - inside,
          next,
          0,
          ins,
          lane,
          left,
          to,
          at + inside * WIDTH,
          place + done);
      done += left;
    }
  }

  private static void clear(float[] to, int at, int pixels, int size) {
    for (int i = 0; i < pixels; i++) {
      Arrays.fill(to, at + i * WIDTH, at + i * WIDTH + size, 0);
    }
  }

  /**
   * Copies some numbers of some pixels; what follows them in a pixel's place may be overwritten.
   *
   * @param from where from
   * @param at the first index there
   * @param step from a pixel to the next there
   * @param to where to
   * @param toAt where the first pixel begins there
   * @param place where a pixel's numbers begin in its place
   * @param pixels how many pixels
   * @param size how many numbers of each
   */
  static void copy(
      float[] from, int at, int step, float[] to, int toAt, int place, int pixels, int size) {
    int whole = Math.ceilDiv(size, LANES) * LANES;
    if (place + whole > WIDTH || at + (pixels - 1) * step + whole > from.length) {
      ConvPatches.copy(from, at, step, to, toAt + place, WIDTH, pixels, size);
      return;
    }
    if (whole == 4 * LANES) {
      for (int i = 0; i < pixels; i++) {
        int source = at + i * step;
        int target = toAt + place + i * WIDTH;
        FloatVector a = FloatVector.fromArray(SPECIES, from, source);
        FloatVector b = FloatVector.fromArray(SPECIES, from, source + LANES);
        FloatVector c = FloatVector.fromArray(SPECIES, from, source + 2 * LANES);
        FloatVector d = FloatVector.fromArray(SPECIES, from, source + 3 * LANES);
        a.intoArray(to, target);
        b.intoArray(to, target + LANES);
        c.intoArray(to, target + 2 * LANES);
        d.intoArray(to, target + 3 * LANES);
      }
      return;
    }
    for (int c = 0; c < whole; c += LANES) {
      copyVector(from, at + c, step, to, toAt + place + c, pixels);
    }
  }

  private static void copyVector(float[] from, int at, int step, float[] to, int toAt, int pixels) {
    for (int i = 0; i < pixels; i++) {
      FloatVector.fromArray(SPECIES, from, at + i * step).intoArray(to, toAt + i * WIDTH);
    }
  }
}
