package dev.peregrine.tensor.cpu.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The register tiles of the convolution's gradient by its filters: some input channels by two
 * vectors of output channels, kept in registers while pixels are added up.
 *
 * <p>Pixels are given by their offsets, so a list may hold any part of a picture. The offsets are
 * not affine and need range checks in the loop, but the channels of a pixel share them.
 */
final class ConvWeightTile {
  private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
  private static final int LANES = SPECIES.length();

  private ConvWeightTile() {}

  /** Returns the width of the tile to use where so many input channels are left. */
  static int width(int left) {
    return left >= ConvTile.MAIN ? ConvTile.MAIN : ConvTile.SMALL;
  }

  /** Returns the number of rows of sums that so many input channels take. */
  static int rows(int channels) {
    int rows = 0;
    while (rows < channels) {
      rows += width(channels - rows);
    }
    return rows;
  }

  /**
   * Returns the first input channel of a tile. A tile that would reach beyond the last channel
   * begins earlier, with rows of sums of its own.
   *
   * @param row the tile's first row of sums
   * @param channels input channels of the group
   */
  static int channel(int row, int channels) {
    return Math.clamp(channels - width(channels - row), 0, row);
  }

  /**
   * Returns the row of sums of an input channel.
   *
   * @param channel the channel
   * @param channels input channels of the group
   */
  static int row(int channel, int channels) {
    int rows = rows(channels);
    int last = rows - ConvTile.SMALL;
    boolean reaches = rows > channels && channels >= ConvTile.SMALL && channel >= last;
    return reaches ? channel + rows - channels : channel;
  }

  /**
   * Adds pixels to a tile of sums.
   *
   * @param width {@link ConvTile#SMALL} or {@link ConvTile#LARGE} input channels
   * @param x the input
   * @param channel the first input channel
   * @param last the last input channel of the group
   * @param xs offsets of the pixels in it
   * @param y the gradient of the output
   * @param ys offsets of the pixels in it, the panel's first channel included
   * @param from the first pixel
   * @param to after the last pixel
   * @param sums the sums, {@code [in][CHANNELS]}
   * @param at where the tile begins there
   */
  static void run(
      int width,
      float[] x,
      int channel,
      int last,
      int[] xs,
      float[] y,
      int[] ys,
      int from,
      int to,
      float[] sums,
      int at) {
    if (width == ConvTile.LARGE) {
      tile13(x, channel, xs, y, ys, from, to, sums, at);
    } else if (ConvTile.MAIN == ConvTile.LARGE && channel + ConvTile.SMALL <= last + 1) {
      tile6(x, channel, xs, y, ys, from, to, sums, at);
    } else {
      narrow(x, channel, last, xs, y, ys, from, to, sums, at);
    }
  }

  /** Adds to 13 input channels. */
  private static void tile13(
      float[] x,
      int channel,
      int[] xs,
      float[] y,
      int[] ys,
      int from,
      int to,
      float[] sums,
      int at) {
    FloatVector a0 = FloatVector.zero(SPECIES);
    FloatVector b0 = FloatVector.zero(SPECIES);
    FloatVector a1 = FloatVector.zero(SPECIES);
    FloatVector b1 = FloatVector.zero(SPECIES);
    FloatVector a2 = FloatVector.zero(SPECIES);
    FloatVector b2 = FloatVector.zero(SPECIES);
    FloatVector a3 = FloatVector.zero(SPECIES);
    FloatVector b3 = FloatVector.zero(SPECIES);
    FloatVector a4 = FloatVector.zero(SPECIES);
    FloatVector b4 = FloatVector.zero(SPECIES);
    FloatVector a5 = FloatVector.zero(SPECIES);
    FloatVector b5 = FloatVector.zero(SPECIES);
    FloatVector a6 = FloatVector.zero(SPECIES);
    FloatVector b6 = FloatVector.zero(SPECIES);
    FloatVector a7 = FloatVector.zero(SPECIES);
    FloatVector b7 = FloatVector.zero(SPECIES);
    FloatVector a8 = FloatVector.zero(SPECIES);
    FloatVector b8 = FloatVector.zero(SPECIES);
    FloatVector a9 = FloatVector.zero(SPECIES);
    FloatVector b9 = FloatVector.zero(SPECIES);
    FloatVector a10 = FloatVector.zero(SPECIES);
    FloatVector b10 = FloatVector.zero(SPECIES);
    FloatVector a11 = FloatVector.zero(SPECIES);
    FloatVector b11 = FloatVector.zero(SPECIES);
    FloatVector a12 = FloatVector.zero(SPECIES);
    FloatVector b12 = FloatVector.zero(SPECIES);
    for (int i = from; i < to; i++) {
      int out = ys[i];
      FloatVector u = FloatVector.fromArray(SPECIES, y, out);
      FloatVector v = FloatVector.fromArray(SPECIES, y, out + LANES);
      int in = xs[i] + channel;
      FloatVector s = FloatVector.broadcast(SPECIES, x[in + 0]);
      a0 = s.fma(u, a0);
      b0 = s.fma(v, b0);
      s = FloatVector.broadcast(SPECIES, x[in + 1]);
      a1 = s.fma(u, a1);
      b1 = s.fma(v, b1);
      s = FloatVector.broadcast(SPECIES, x[in + 2]);
      a2 = s.fma(u, a2);
      b2 = s.fma(v, b2);
      s = FloatVector.broadcast(SPECIES, x[in + 3]);
      a3 = s.fma(u, a3);
      b3 = s.fma(v, b3);
      s = FloatVector.broadcast(SPECIES, x[in + 4]);
      a4 = s.fma(u, a4);
      b4 = s.fma(v, b4);
      s = FloatVector.broadcast(SPECIES, x[in + 5]);
      a5 = s.fma(u, a5);
      b5 = s.fma(v, b5);
      s = FloatVector.broadcast(SPECIES, x[in + 6]);
      a6 = s.fma(u, a6);
      b6 = s.fma(v, b6);
      s = FloatVector.broadcast(SPECIES, x[in + 7]);
      a7 = s.fma(u, a7);
      b7 = s.fma(v, b7);
      s = FloatVector.broadcast(SPECIES, x[in + 8]);
      a8 = s.fma(u, a8);
      b8 = s.fma(v, b8);
      s = FloatVector.broadcast(SPECIES, x[in + 9]);
      a9 = s.fma(u, a9);
      b9 = s.fma(v, b9);
      s = FloatVector.broadcast(SPECIES, x[in + 10]);
      a10 = s.fma(u, a10);
      b10 = s.fma(v, b10);
      s = FloatVector.broadcast(SPECIES, x[in + 11]);
      a11 = s.fma(u, a11);
      b11 = s.fma(v, b11);
      s = FloatVector.broadcast(SPECIES, x[in + 12]);
      a12 = s.fma(u, a12);
      b12 = s.fma(v, b12);
    }
    a0.add(FloatVector.fromArray(SPECIES, sums, at)).intoArray(sums, at);
    b0.add(FloatVector.fromArray(SPECIES, sums, at + 1 * LANES)).intoArray(sums, at + 1 * LANES);
    a1.add(FloatVector.fromArray(SPECIES, sums, at + 2 * LANES)).intoArray(sums, at + 2 * LANES);
    b1.add(FloatVector.fromArray(SPECIES, sums, at + 3 * LANES)).intoArray(sums, at + 3 * LANES);
    a2.add(FloatVector.fromArray(SPECIES, sums, at + 4 * LANES)).intoArray(sums, at + 4 * LANES);
    b2.add(FloatVector.fromArray(SPECIES, sums, at + 5 * LANES)).intoArray(sums, at + 5 * LANES);
    a3.add(FloatVector.fromArray(SPECIES, sums, at + 6 * LANES)).intoArray(sums, at + 6 * LANES);
    b3.add(FloatVector.fromArray(SPECIES, sums, at + 7 * LANES)).intoArray(sums, at + 7 * LANES);
    a4.add(FloatVector.fromArray(SPECIES, sums, at + 8 * LANES)).intoArray(sums, at + 8 * LANES);
    b4.add(FloatVector.fromArray(SPECIES, sums, at + 9 * LANES)).intoArray(sums, at + 9 * LANES);
    a5.add(FloatVector.fromArray(SPECIES, sums, at + 10 * LANES)).intoArray(sums, at + 10 * LANES);
    b5.add(FloatVector.fromArray(SPECIES, sums, at + 11 * LANES)).intoArray(sums, at + 11 * LANES);
    a6.add(FloatVector.fromArray(SPECIES, sums, at + 12 * LANES)).intoArray(sums, at + 12 * LANES);
    b6.add(FloatVector.fromArray(SPECIES, sums, at + 13 * LANES)).intoArray(sums, at + 13 * LANES);
    a7.add(FloatVector.fromArray(SPECIES, sums, at + 14 * LANES)).intoArray(sums, at + 14 * LANES);
    b7.add(FloatVector.fromArray(SPECIES, sums, at + 15 * LANES)).intoArray(sums, at + 15 * LANES);
    a8.add(FloatVector.fromArray(SPECIES, sums, at + 16 * LANES)).intoArray(sums, at + 16 * LANES);
    b8.add(FloatVector.fromArray(SPECIES, sums, at + 17 * LANES)).intoArray(sums, at + 17 * LANES);
    a9.add(FloatVector.fromArray(SPECIES, sums, at + 18 * LANES)).intoArray(sums, at + 18 * LANES);
    b9.add(FloatVector.fromArray(SPECIES, sums, at + 19 * LANES)).intoArray(sums, at + 19 * LANES);
    a10.add(FloatVector.fromArray(SPECIES, sums, at + 20 * LANES)).intoArray(sums, at + 20 * LANES);
    b10.add(FloatVector.fromArray(SPECIES, sums, at + 21 * LANES)).intoArray(sums, at + 21 * LANES);
    a11.add(FloatVector.fromArray(SPECIES, sums, at + 22 * LANES)).intoArray(sums, at + 22 * LANES);
    b11.add(FloatVector.fromArray(SPECIES, sums, at + 23 * LANES)).intoArray(sums, at + 23 * LANES);
    a12.add(FloatVector.fromArray(SPECIES, sums, at + 24 * LANES)).intoArray(sums, at + 24 * LANES);
    b12.add(FloatVector.fromArray(SPECIES, sums, at + 25 * LANES)).intoArray(sums, at + 25 * LANES);
  }

  /** Adds to 6 input channels. */
  private static void tile6(
      float[] x,
      int channel,
      int[] xs,
      float[] y,
      int[] ys,
      int from,
      int to,
      float[] sums,
      int at) {
    FloatVector a0 = FloatVector.zero(SPECIES);
    FloatVector b0 = FloatVector.zero(SPECIES);
    FloatVector a1 = FloatVector.zero(SPECIES);
    FloatVector b1 = FloatVector.zero(SPECIES);
    FloatVector a2 = FloatVector.zero(SPECIES);
    FloatVector b2 = FloatVector.zero(SPECIES);
    FloatVector a3 = FloatVector.zero(SPECIES);
    FloatVector b3 = FloatVector.zero(SPECIES);
    FloatVector a4 = FloatVector.zero(SPECIES);
    FloatVector b4 = FloatVector.zero(SPECIES);
    FloatVector a5 = FloatVector.zero(SPECIES);
    FloatVector b5 = FloatVector.zero(SPECIES);
    for (int i = from; i < to; i++) {
      int out = ys[i];
      FloatVector u = FloatVector.fromArray(SPECIES, y, out);
      FloatVector v = FloatVector.fromArray(SPECIES, y, out + LANES);
      int in = xs[i] + channel;
      FloatVector s = FloatVector.broadcast(SPECIES, x[in + 0]);
      a0 = s.fma(u, a0);
      b0 = s.fma(v, b0);
      s = FloatVector.broadcast(SPECIES, x[in + 1]);
      a1 = s.fma(u, a1);
      b1 = s.fma(v, b1);
      s = FloatVector.broadcast(SPECIES, x[in + 2]);
      a2 = s.fma(u, a2);
      b2 = s.fma(v, b2);
      s = FloatVector.broadcast(SPECIES, x[in + 3]);
      a3 = s.fma(u, a3);
      b3 = s.fma(v, b3);
      s = FloatVector.broadcast(SPECIES, x[in + 4]);
      a4 = s.fma(u, a4);
      b4 = s.fma(v, b4);
      s = FloatVector.broadcast(SPECIES, x[in + 5]);
      a5 = s.fma(u, a5);
      b5 = s.fma(v, b5);
    }
    a0.add(FloatVector.fromArray(SPECIES, sums, at)).intoArray(sums, at);
    b0.add(FloatVector.fromArray(SPECIES, sums, at + 1 * LANES)).intoArray(sums, at + 1 * LANES);
    a1.add(FloatVector.fromArray(SPECIES, sums, at + 2 * LANES)).intoArray(sums, at + 2 * LANES);
    b1.add(FloatVector.fromArray(SPECIES, sums, at + 3 * LANES)).intoArray(sums, at + 3 * LANES);
    a2.add(FloatVector.fromArray(SPECIES, sums, at + 4 * LANES)).intoArray(sums, at + 4 * LANES);
    b2.add(FloatVector.fromArray(SPECIES, sums, at + 5 * LANES)).intoArray(sums, at + 5 * LANES);
    a3.add(FloatVector.fromArray(SPECIES, sums, at + 6 * LANES)).intoArray(sums, at + 6 * LANES);
    b3.add(FloatVector.fromArray(SPECIES, sums, at + 7 * LANES)).intoArray(sums, at + 7 * LANES);
    a4.add(FloatVector.fromArray(SPECIES, sums, at + 8 * LANES)).intoArray(sums, at + 8 * LANES);
    b4.add(FloatVector.fromArray(SPECIES, sums, at + 9 * LANES)).intoArray(sums, at + 9 * LANES);
    a5.add(FloatVector.fromArray(SPECIES, sums, at + 10 * LANES)).intoArray(sums, at + 10 * LANES);
    b5.add(FloatVector.fromArray(SPECIES, sums, at + 11 * LANES)).intoArray(sums, at + 11 * LANES);
  }

  /**
   * Adds to up to 6 input channels; the last one again fills the tile. With 16 vector registers it
   * is the better tile for 6, too (61 against 40 % of the peak): its range checks keep the compiler
   * from loading all inputs ahead of their use, for which there are no registers.
   */
  private static void narrow(
      float[] x,
      int channel,
      int last,
      int[] xs,
      float[] y,
      int[] ys,
      int from,
      int to,
      float[] sums,
      int at) {
    FloatVector a0 = FloatVector.zero(SPECIES);
    FloatVector b0 = FloatVector.zero(SPECIES);
    FloatVector a1 = FloatVector.zero(SPECIES);
    FloatVector b1 = FloatVector.zero(SPECIES);
    FloatVector a2 = FloatVector.zero(SPECIES);
    FloatVector b2 = FloatVector.zero(SPECIES);
    FloatVector a3 = FloatVector.zero(SPECIES);
    FloatVector b3 = FloatVector.zero(SPECIES);
    FloatVector a4 = FloatVector.zero(SPECIES);
    FloatVector b4 = FloatVector.zero(SPECIES);
    FloatVector a5 = FloatVector.zero(SPECIES);
    FloatVector b5 = FloatVector.zero(SPECIES);
    int c0 = Math.min(channel + 0, last);
    int c1 = Math.min(channel + 1, last);
    int c2 = Math.min(channel + 2, last);
    int c3 = Math.min(channel + 3, last);
    int c4 = Math.min(channel + 4, last);
    int c5 = Math.min(channel + 5, last);
    for (int i = from; i < to; i++) {
      int out = ys[i];
      FloatVector u = FloatVector.fromArray(SPECIES, y, out);
      FloatVector v = FloatVector.fromArray(SPECIES, y, out + LANES);
      int in = xs[i];
      FloatVector s = FloatVector.broadcast(SPECIES, x[in + c0]);
      a0 = s.fma(u, a0);
      b0 = s.fma(v, b0);
      s = FloatVector.broadcast(SPECIES, x[in + c1]);
      a1 = s.fma(u, a1);
      b1 = s.fma(v, b1);
      s = FloatVector.broadcast(SPECIES, x[in + c2]);
      a2 = s.fma(u, a2);
      b2 = s.fma(v, b2);
      s = FloatVector.broadcast(SPECIES, x[in + c3]);
      a3 = s.fma(u, a3);
      b3 = s.fma(v, b3);
      s = FloatVector.broadcast(SPECIES, x[in + c4]);
      a4 = s.fma(u, a4);
      b4 = s.fma(v, b4);
      s = FloatVector.broadcast(SPECIES, x[in + c5]);
      a5 = s.fma(u, a5);
      b5 = s.fma(v, b5);
    }
    a0.add(FloatVector.fromArray(SPECIES, sums, at)).intoArray(sums, at);
    b0.add(FloatVector.fromArray(SPECIES, sums, at + 1 * LANES)).intoArray(sums, at + 1 * LANES);
    a1.add(FloatVector.fromArray(SPECIES, sums, at + 2 * LANES)).intoArray(sums, at + 2 * LANES);
    b1.add(FloatVector.fromArray(SPECIES, sums, at + 3 * LANES)).intoArray(sums, at + 3 * LANES);
    a2.add(FloatVector.fromArray(SPECIES, sums, at + 4 * LANES)).intoArray(sums, at + 4 * LANES);
    b2.add(FloatVector.fromArray(SPECIES, sums, at + 5 * LANES)).intoArray(sums, at + 5 * LANES);
    a3.add(FloatVector.fromArray(SPECIES, sums, at + 6 * LANES)).intoArray(sums, at + 6 * LANES);
    b3.add(FloatVector.fromArray(SPECIES, sums, at + 7 * LANES)).intoArray(sums, at + 7 * LANES);
    a4.add(FloatVector.fromArray(SPECIES, sums, at + 8 * LANES)).intoArray(sums, at + 8 * LANES);
    b4.add(FloatVector.fromArray(SPECIES, sums, at + 9 * LANES)).intoArray(sums, at + 9 * LANES);
    a5.add(FloatVector.fromArray(SPECIES, sums, at + 10 * LANES)).intoArray(sums, at + 10 * LANES);
    b5.add(FloatVector.fromArray(SPECIES, sums, at + 11 * LANES)).intoArray(sums, at + 11 * LANES);
  }
}
