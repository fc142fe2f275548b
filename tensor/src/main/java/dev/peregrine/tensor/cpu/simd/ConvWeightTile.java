package dev.peregrine.tensor.cpu.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The register tiles of the convolution's gradient by its filters: some rows of filter numbers by
 * two vectors of output channels, kept in registers while pixels are added up.
 *
 * <p>The gradient of the output is read straight through. With offsets for it too, its range checks
 * stay in the loop, which then reaches 65 to 80 % of the peak instead of 85 to 94.
 */
final class ConvWeightTile {
  private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
  private static final int LANES = SPECIES.length();
  private static final int CHANNELS = 2 * LANES;

  /** Rows of the tile that most of the work is done in. */
  static final int MAIN = ConvTile.MAIN == ConvTile.LARGE ? 13 : 6;

  /** Rows of the tile that fills up what the main one leaves. */
  static final int REST = ConvTile.MAIN == ConvTile.LARGE ? 6 : 4;

  private ConvWeightTile() {}

  /**
   * Chooses tiles that cover some rows with as little left over as possible: main tiles first, then
   * rest tiles.
   *
   * @param rows how many rows
   * @return how many of the tiles are main tiles
   */
  static int mainTiles(int rows) {
    int best = 0;
    for (int main = 1; main <= Math.ceilDiv(rows, MAIN); main++) {
      // Of two equal covers the one with more main tiles, which need fewer loads.
      if (covered(rows, main) <= covered(rows, best)) {
        best = main;
      }
    }
    return best;
  }

  /** Returns how many rows so many main tiles and the rest tiles after them have together. */
  static int covered(int rows, int mainTiles) {
    int left = Math.max(0, rows - mainTiles * MAIN);
    return mainTiles * MAIN + Math.ceilDiv(left, REST) * REST;
  }

  /**
   * Adds pixels to a tile of sums.
   *
   * @param width {@link #MAIN} or {@link #REST} rows
   * @param x the input
   * @param from the first number of the tile's first pixel, less its offset
   * @param xs offsets of the pixels
   * @param y the gradient of the output, {@code [pixel][CHANNELS]}
   * @param yFrom where it begins
   * @param pixels how many
   * @param sums the sums, {@code [row][CHANNELS]}
   * @param at where the tile begins there
   */
  static void run(
      int width,
      float[] x,
      int from,
      int[] xs,
      float[] y,
      int yFrom,
      int pixels,
      float[] sums,
      int at) {
    switch (width) {
      case 13 -> tile13(x, from, xs, y, yFrom, pixels, sums, at);
      case 6 -> tile6(x, from, xs, y, yFrom, pixels, sums, at);
      default -> tile4(x, from, xs, y, yFrom, pixels, sums, at);
    }
  }

  private static void tile13(
      float[] x, int from, int[] xs, float[] y, int yFrom, int pixels, float[] sums, int at) {
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
    for (int i = 0; i < pixels; i++) {
      FloatVector u = FloatVector.fromArray(SPECIES, y, yFrom + i * CHANNELS);
      FloatVector v = FloatVector.fromArray(SPECIES, y, yFrom + i * CHANNELS + LANES);
      int in = xs[i] + from;
      FloatVector s = FloatVector.broadcast(SPECIES, x[in]);
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
    a0.add(FloatVector.fromArray(SPECIES, sums, at + 0 * LANES)).intoArray(sums, at + 0 * LANES);
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

  private static void tile6(
      float[] x, int from, int[] xs, float[] y, int yFrom, int pixels, float[] sums, int at) {
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
    for (int i = 0; i < pixels; i++) {
      FloatVector u = FloatVector.fromArray(SPECIES, y, yFrom + i * CHANNELS);
      FloatVector v = FloatVector.fromArray(SPECIES, y, yFrom + i * CHANNELS + LANES);
      int in = xs[i] + from;
      FloatVector s = FloatVector.broadcast(SPECIES, x[in]);
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
    a0.add(FloatVector.fromArray(SPECIES, sums, at + 0 * LANES)).intoArray(sums, at + 0 * LANES);
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

  private static void tile4(
      float[] x, int from, int[] xs, float[] y, int yFrom, int pixels, float[] sums, int at) {
    FloatVector a0 = FloatVector.zero(SPECIES);
    FloatVector b0 = FloatVector.zero(SPECIES);
    FloatVector a1 = FloatVector.zero(SPECIES);
    FloatVector b1 = FloatVector.zero(SPECIES);
    FloatVector a2 = FloatVector.zero(SPECIES);
    FloatVector b2 = FloatVector.zero(SPECIES);
    FloatVector a3 = FloatVector.zero(SPECIES);
    FloatVector b3 = FloatVector.zero(SPECIES);
    for (int i = 0; i < pixels; i++) {
      FloatVector u = FloatVector.fromArray(SPECIES, y, yFrom + i * CHANNELS);
      FloatVector v = FloatVector.fromArray(SPECIES, y, yFrom + i * CHANNELS + LANES);
      int in = xs[i] + from;
      FloatVector s = FloatVector.broadcast(SPECIES, x[in]);
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
    }
    a0.add(FloatVector.fromArray(SPECIES, sums, at + 0 * LANES)).intoArray(sums, at + 0 * LANES);
    b0.add(FloatVector.fromArray(SPECIES, sums, at + 1 * LANES)).intoArray(sums, at + 1 * LANES);
    a1.add(FloatVector.fromArray(SPECIES, sums, at + 2 * LANES)).intoArray(sums, at + 2 * LANES);
    b1.add(FloatVector.fromArray(SPECIES, sums, at + 3 * LANES)).intoArray(sums, at + 3 * LANES);
    a2.add(FloatVector.fromArray(SPECIES, sums, at + 4 * LANES)).intoArray(sums, at + 4 * LANES);
    b2.add(FloatVector.fromArray(SPECIES, sums, at + 5 * LANES)).intoArray(sums, at + 5 * LANES);
    a3.add(FloatVector.fromArray(SPECIES, sums, at + 6 * LANES)).intoArray(sums, at + 6 * LANES);
    b3.add(FloatVector.fromArray(SPECIES, sums, at + 7 * LANES)).intoArray(sums, at + 7 * LANES);
  }
}
