package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * The outputs of a convolution cut into patches, each with a copy of the input that it reads, zeros
 * beyond the borders included.
 *
 * <p>In the copy all taps lie inside and every tap of a pixel is as far from its first one, so one
 * list of offsets serves for all taps and all patches. A patch is a part of a row, some rows, or
 * some whole pictures.
 */
final class ConvPatches {
  private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
  private static final int LANES = SPECIES.length();

  /** Floats between two pixels of a copy are no multiple of this, lest they share cache sets. */
  private static final int SETS = 64;

  private final ConvAxis rows;
  private final ConvAxis columns;
  private final int batch;
  private final int images;
  private final int height;
  private final int width;
  private final int pixelStride;
  private final int[] offsets;

  /**
   * Cuts.
   *
   * @param batch pictures
   * @param rows the rows of the convolution
   * @param columns its columns
   * @param most pixels that a patch has at most
   * @param channels input channels to copy at once
   */
  ConvPatches(int batch, ConvAxis rows, ConvAxis columns, int most, int channels) {
    this.batch = batch;
    this.rows = rows;
    this.columns = columns;
    this.width = share(columns.out(), most);
    this.height = width < columns.out() ? 1 : share(rows.out(), most / width);
    this.images = height < rows.out() || width < columns.out() ? 1 : most / (height * width);
    this.pixelStride = channels % SETS == 0 ? channels + LANES : channels;
    this.offsets = new int[images() * height * width];
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = offset(i / width, i % width);
    }
  }

  /** Cuts so many into parts of almost the same size, at most the given one. */
  private static int share(int size, int most) {
    return Math.ceilDiv(size, Math.ceilDiv(size, Math.max(1, most)));
  }

  private int images() {
    return Math.clamp(images, 1, batch);
  }

  /** Returns from one output to the next, in the copy; skipped positions are not copied. */
  private static int step(ConvAxis axis) {
    return axis.taps() == 1 ? 1 : axis.stride();
  }

  private static int reach(ConvAxis axis, int outs) {
    return (outs - 1) * step(axis) + (axis.taps() - 1) * axis.dilation() + 1;
  }

  private int inHeight() {
    return reach(rows, height);
  }

  private int inWidth() {
    return reach(columns, width);
  }

  /** Returns how many patches there are. */
  int count() {
    return Math.ceilDiv(batch, images())
        * Math.ceilDiv(rows.out(), height)
        * Math.ceilDiv(columns.out(), width);
  }

  /** Returns how many pixels the largest patch has. */
  int most() {
    return offsets.length;
  }

  /** Returns how many numbers a copy has. */
  int size() {
    return images() * inHeight() * inWidth() * pixelStride;
  }

  /** Returns where each pixel of a patch begins in the copy. */
  int[] offsets() {
    return offsets;
  }

  /** Returns how far a tap is from the first one, in the copy. */
  int tap(int row, int column) {
    return (row * rows.dilation() * inWidth() + column * columns.dilation()) * pixelStride;
  }

  /** Tells whether the pixels of each patch are neighbours in the output. */
  boolean isWhole() {
    return width == columns.out();
  }

  private int firstImage(int patch) {
    return patch
        / (Math.ceilDiv(rows.out(), height) * Math.ceilDiv(columns.out(), width))
        * images();
  }

  private int firstRow(int patch) {
    return patch / Math.ceilDiv(columns.out(), width) % Math.ceilDiv(rows.out(), height) * height;
  }

  private int firstColumn(int patch) {
    return patch % Math.ceilDiv(columns.out(), width) * width;
  }

  private int imagesOf(int patch) {
    return Math.min(images(), batch - firstImage(patch));
  }

  private int heightOf(int patch) {
    return Math.min(height, rows.out() - firstRow(patch));
  }

  /** Returns how many columns of outputs a patch has. */
  int widthOf(int patch) {
    return Math.min(width, columns.out() - firstColumn(patch));
  }

  /** Returns the first pixel of a patch, counted through the outputs of the batch. */
  int pixel(int patch) {
    return (firstImage(patch) * rows.out() + firstRow(patch)) * columns.out() + firstColumn(patch);
  }

  /**
   * Returns where a pixel of any patch begins in its copy.
   *
   * @param line which row of its outputs, counted through its pictures
   * @param column which column of its outputs
   */
  int offset(int line, int column) {
    int row = line / height * inHeight() + line % height * step(rows);
    return (row * inWidth() + column * step(columns)) * pixelStride;
  }

  /** Returns the first pixel of a patch's row, counted through the outputs of the batch. */
  int line(int patch, int line) {
    return pixel(patch) + line * columns.out();
  }

  /** Returns how many pixels a patch has; they are the first ones of the offsets. */
  int pixels(int patch) {
    return imagesOf(patch) * heightOf(patch) * widthOf(patch);
  }

  /**
   * Copies the input of a patch.
   *
   * @param patch which
   * @param x the input
   * @param channel the first channel to copy
   * @param channels how many
   * @param to where to
   * @param at the first index there
   */
  void copy(int patch, HostBuffer x, int channel, int channels, float[] to, int at) {
    int rowStep = rows.taps() == 1 ? rows.stride() : 1;
    int high = reach(rows, heightOf(patch));
    int next = at;
    for (int image = 0; image < imagesOf(patch); image++) {
      for (int row = 0; row < high; row++) {
        int inRow = rows.position(firstRow(patch)) + row * rowStep;
        if (inRow < 0 || inRow >= rows.in()) {
          Arrays.fill(to, next, next + inWidth() * pixelStride, 0);
        } else {
          int line = (firstImage(patch) + image) * rows.in() + inRow;
          copyRow(patch, x, line, channel, channels, to, next);
        }
        next += inWidth() * pixelStride;
      }
    }
  }

  private void copyRow(
      int patch, HostBuffer x, int line, int channel, int channels, float[] to, int at) {
    int step = columns.taps() == 1 ? columns.stride() : 1;
    int first = columns.position(firstColumn(patch));
    int wide = reach(columns, widthOf(patch));
    int before = Math.clamp(Math.ceilDiv(-first, step), 0, wide);
    int inside = Math.clamp(Math.ceilDiv(columns.in() - first, step), before, wide);
    Arrays.fill(to, at, at + before * pixelStride, 0);
    Arrays.fill(to, at + inside * pixelStride, at + wide * pixelStride, 0);
    if (inside > before) {
      int pixel = line * columns.in() + first + before * step;
      int from = x.offset() + pixel * x.stride() + channel;
      int next = at + before * pixelStride;
      int count = inside - before;
      copy(x.floats(), from, step * x.stride(), to, next, pixelStride, count, channels);
    }
  }

  /**
   * Copies what the outputs of a patch hold, one pixel after another.
   *
   * @param patch which
   * @param y where from
   * @param from the first index there
   * @param yStride from a pixel to the next there
   * @param to where to
   * @param at the first index there
   * @param step from a pixel to the next there
   * @param channels how many channels
   */
  void copyOut(
      int patch, float[] y, int from, int yStride, float[] to, int at, int step, int channels) {
    int first = from + pixel(patch) * yStride;
    if (isWhole()) {
      copy(y, first, yStride, to, at, step, pixels(patch), channels);
      return;
    }
    int wide = widthOf(patch);
    for (int row = 0; row < heightOf(patch); row++) {
      int source = first + row * columns.out() * yStride;
      copy(y, source, yStride, to, at + row * wide * step, step, wide, channels);
    }
  }

  /**
   * Copies some channels of some pixels.
   *
   * @param x where from
   * @param from the first index there
   * @param xStep from a pixel to the next there
   * @param y where to
   * @param to the first index there
   * @param yStep from a pixel to the next there
   * @param pixels how many pixels
   * @param channels how many channels
   */
  static void copy(
      float[] x, int from, int xStep, float[] y, int to, int yStep, int pixels, int channels) {
    if (xStep == channels && yStep == channels) {
      System.arraycopy(x, from, y, to, pixels * channels);
      return;
    }
    int whole = SPECIES.loopBound(channels);
    for (int pixel = 0; pixel < pixels; pixel++) {
      int source = from + pixel * xStep;
      int target = to + pixel * yStep;
      for (int i = 0; i < whole; i += LANES) {
        FloatVector.fromArray(SPECIES, x, source + i).intoArray(y, target + i);
      }
    }
    if (whole < channels) {
      VectorMask<Float> mask = SPECIES.indexInRange(whole, channels);
      for (int pixel = 0; pixel < pixels; pixel++) {
        FloatVector.fromArray(SPECIES, x, from + pixel * xStep + whole, mask)
            .intoArray(y, to + pixel * yStep + whole, mask);
      }
    }
  }
}
