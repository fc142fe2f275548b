package dev.peregrine.tensor.cpu.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The register tiles of the direct convolution: some pixels by two vectors of output channels, kept
 * in registers while all taps and input channels are added up.
 *
 * <p>Each pixel has an offset of its own, so a tile may run over the end of a row, go down a column
 * or skip pixels. The innermost loop runs over neighbouring input channels; its indices are affine,
 * which lets the compiler move all range checks out of it.
 */
final class ConvTile {
  private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
  private static final int LANES = SPECIES.length();

  /** Pixels of the small tile, 12 accumulators: fits 16 vector registers. */
  static final int SMALL = 6;

  /** Pixels of the large tile, 26 accumulators: fits 32 vector registers. */
  static final int LARGE = 13;

  /** Pixels of the tile that most of the work is done in. */
  static final int MAIN = Lanes.SPECIES.vectorBitSize() == 512 ? LARGE : SMALL;

  /** Output channels of a tile. */
  static final int CHANNELS = 2 * LANES;

  private ConvTile() {}

  /**
   * How a tile walks over taps and input channels.
   *
   * @param rows filter rows
   * @param steps runs in a filter row
   * @param run neighbouring inputs in a run
   * @param xFrom from a pixel's offset to its first input
   * @param xRow from a filter row to the next, in the input
   * @param xStep from a run to the next, in the input
   * @param wFrom the first filter number
   * @param wRow from a filter row to the next, in the packed filters
   * @param wStep from a run to the next, in the packed filters
   */
  record Walk(
      int rows,
      int steps,
      int run,
      int xFrom,
      int xRow,
      int xStep,
      int wFrom,
      int wRow,
      int wStep) {}

  /** Returns the width of the tile to use where so many pixels are left. */
  static int width(int left) {
    return left > SMALL ? MAIN : SMALL;
  }

  /**
   * Computes a tile.
   *
   * @param width {@link #SMALL} or {@link #LARGE} pixels
   * @param x the input
   * @param xs offsets of the pixels in it, from index {@code at}
   * @param w the packed filters, {@code [tap][in][CHANNELS]}
   * @param walk which taps and channels to add
   * @param y the output
   * @param ys offsets of the pixels in it, from index {@code at}
   * @param yFrom added to them
   * @param first whether to begin at zero rather than at what the output holds
   */
  static void run(
      int width,
      float[] x,
      int[] xs,
      int at,
      float[] w,
      Walk walk,
      float[] y,
      int[] ys,
      int yFrom,
      boolean first) {
    if (width == LARGE) {
      tile13(x, xs, at, w, walk, y, ys, yFrom, first);
    } else {
      tile6(x, xs, at, w, walk, y, ys, yFrom, first);
    }
  }

  /** Adds to 13 pixels. */
  private static void tile13(
      float[] x,
      int[] xs,
      int at,
      float[] w,
      Walk walk,
      float[] y,
      int[] ys,
      int yFrom,
      boolean first) {
    int rows = walk.rows();
    int steps = walk.steps();
    int run = walk.run();
    int panel = 2 * LANES;
    FloatVector a0;
    FloatVector b0;
    FloatVector a1;
    FloatVector b1;
    FloatVector a2;
    FloatVector b2;
    FloatVector a3;
    FloatVector b3;
    FloatVector a4;
    FloatVector b4;
    FloatVector a5;
    FloatVector b5;
    FloatVector a6;
    FloatVector b6;
    FloatVector a7;
    FloatVector b7;
    FloatVector a8;
    FloatVector b8;
    FloatVector a9;
    FloatVector b9;
    FloatVector a10;
    FloatVector b10;
    FloatVector a11;
    FloatVector b11;
    FloatVector a12;
    FloatVector b12;
    if (first) {
      a0 = FloatVector.zero(SPECIES);
      b0 = FloatVector.zero(SPECIES);
      a1 = FloatVector.zero(SPECIES);
      b1 = FloatVector.zero(SPECIES);
      a2 = FloatVector.zero(SPECIES);
      b2 = FloatVector.zero(SPECIES);
      a3 = FloatVector.zero(SPECIES);
      b3 = FloatVector.zero(SPECIES);
      a4 = FloatVector.zero(SPECIES);
      b4 = FloatVector.zero(SPECIES);
      a5 = FloatVector.zero(SPECIES);
      b5 = FloatVector.zero(SPECIES);
      a6 = FloatVector.zero(SPECIES);
      b6 = FloatVector.zero(SPECIES);
      a7 = FloatVector.zero(SPECIES);
      b7 = FloatVector.zero(SPECIES);
      a8 = FloatVector.zero(SPECIES);
      b8 = FloatVector.zero(SPECIES);
      a9 = FloatVector.zero(SPECIES);
      b9 = FloatVector.zero(SPECIES);
      a10 = FloatVector.zero(SPECIES);
      b10 = FloatVector.zero(SPECIES);
      a11 = FloatVector.zero(SPECIES);
      b11 = FloatVector.zero(SPECIES);
      a12 = FloatVector.zero(SPECIES);
      b12 = FloatVector.zero(SPECIES);
    } else {
      a0 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 0]);
      b0 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 0] + LANES);
      a1 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 1]);
      b1 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 1] + LANES);
      a2 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 2]);
      b2 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 2] + LANES);
      a3 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 3]);
      b3 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 3] + LANES);
      a4 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 4]);
      b4 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 4] + LANES);
      a5 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 5]);
      b5 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 5] + LANES);
      a6 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 6]);
      b6 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 6] + LANES);
      a7 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 7]);
      b7 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 7] + LANES);
      a8 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 8]);
      b8 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 8] + LANES);
      a9 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 9]);
      b9 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 9] + LANES);
      a10 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 10]);
      b10 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 10] + LANES);
      a11 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 11]);
      b11 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 11] + LANES);
      a12 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 12]);
      b12 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 12] + LANES);
    }
    for (int row = 0; row < rows; row++) {
      for (int step = 0; step < steps; step++) {
        int tap = walk.xFrom() + row * walk.xRow() + step * walk.xStep();
        int wTap = walk.wFrom() + row * walk.wRow() + step * walk.wStep();
        int x0 = xs[at + 0] + tap;
        int x1 = xs[at + 1] + tap;
        int x2 = xs[at + 2] + tap;
        int x3 = xs[at + 3] + tap;
        int x4 = xs[at + 4] + tap;
        int x5 = xs[at + 5] + tap;
        int x6 = xs[at + 6] + tap;
        int x7 = xs[at + 7] + tap;
        int x8 = xs[at + 8] + tap;
        int x9 = xs[at + 9] + tap;
        int x10 = xs[at + 10] + tap;
        int x11 = xs[at + 11] + tap;
        int x12 = xs[at + 12] + tap;
        for (int i = 0; i < run; i++) {
          FloatVector u = FloatVector.fromArray(SPECIES, w, wTap + i * panel);
          FloatVector v = FloatVector.fromArray(SPECIES, w, wTap + i * panel + LANES);
          FloatVector s = FloatVector.broadcast(SPECIES, x[x0 + i]);
          a0 = s.fma(u, a0);
          b0 = s.fma(v, b0);
          s = FloatVector.broadcast(SPECIES, x[x1 + i]);
          a1 = s.fma(u, a1);
          b1 = s.fma(v, b1);
          s = FloatVector.broadcast(SPECIES, x[x2 + i]);
          a2 = s.fma(u, a2);
          b2 = s.fma(v, b2);
          s = FloatVector.broadcast(SPECIES, x[x3 + i]);
          a3 = s.fma(u, a3);
          b3 = s.fma(v, b3);
          s = FloatVector.broadcast(SPECIES, x[x4 + i]);
          a4 = s.fma(u, a4);
          b4 = s.fma(v, b4);
          s = FloatVector.broadcast(SPECIES, x[x5 + i]);
          a5 = s.fma(u, a5);
          b5 = s.fma(v, b5);
          s = FloatVector.broadcast(SPECIES, x[x6 + i]);
          a6 = s.fma(u, a6);
          b6 = s.fma(v, b6);
          s = FloatVector.broadcast(SPECIES, x[x7 + i]);
          a7 = s.fma(u, a7);
          b7 = s.fma(v, b7);
          s = FloatVector.broadcast(SPECIES, x[x8 + i]);
          a8 = s.fma(u, a8);
          b8 = s.fma(v, b8);
          s = FloatVector.broadcast(SPECIES, x[x9 + i]);
          a9 = s.fma(u, a9);
          b9 = s.fma(v, b9);
          s = FloatVector.broadcast(SPECIES, x[x10 + i]);
          a10 = s.fma(u, a10);
          b10 = s.fma(v, b10);
          s = FloatVector.broadcast(SPECIES, x[x11 + i]);
          a11 = s.fma(u, a11);
          b11 = s.fma(v, b11);
          s = FloatVector.broadcast(SPECIES, x[x12 + i]);
          a12 = s.fma(u, a12);
          b12 = s.fma(v, b12);
        }
      }
    }
    a0.intoArray(y, yFrom + ys[at + 0]);
    b0.intoArray(y, yFrom + ys[at + 0] + LANES);
    a1.intoArray(y, yFrom + ys[at + 1]);
    b1.intoArray(y, yFrom + ys[at + 1] + LANES);
    a2.intoArray(y, yFrom + ys[at + 2]);
    b2.intoArray(y, yFrom + ys[at + 2] + LANES);
    a3.intoArray(y, yFrom + ys[at + 3]);
    b3.intoArray(y, yFrom + ys[at + 3] + LANES);
    a4.intoArray(y, yFrom + ys[at + 4]);
    b4.intoArray(y, yFrom + ys[at + 4] + LANES);
    a5.intoArray(y, yFrom + ys[at + 5]);
    b5.intoArray(y, yFrom + ys[at + 5] + LANES);
    a6.intoArray(y, yFrom + ys[at + 6]);
    b6.intoArray(y, yFrom + ys[at + 6] + LANES);
    a7.intoArray(y, yFrom + ys[at + 7]);
    b7.intoArray(y, yFrom + ys[at + 7] + LANES);
    a8.intoArray(y, yFrom + ys[at + 8]);
    b8.intoArray(y, yFrom + ys[at + 8] + LANES);
    a9.intoArray(y, yFrom + ys[at + 9]);
    b9.intoArray(y, yFrom + ys[at + 9] + LANES);
    a10.intoArray(y, yFrom + ys[at + 10]);
    b10.intoArray(y, yFrom + ys[at + 10] + LANES);
    a11.intoArray(y, yFrom + ys[at + 11]);
    b11.intoArray(y, yFrom + ys[at + 11] + LANES);
    a12.intoArray(y, yFrom + ys[at + 12]);
    b12.intoArray(y, yFrom + ys[at + 12] + LANES);
  }

  /** Adds to 6 pixels. */
  private static void tile6(
      float[] x,
      int[] xs,
      int at,
      float[] w,
      Walk walk,
      float[] y,
      int[] ys,
      int yFrom,
      boolean first) {
    int rows = walk.rows();
    int steps = walk.steps();
    int run = walk.run();
    int panel = 2 * LANES;
    FloatVector a0;
    FloatVector b0;
    FloatVector a1;
    FloatVector b1;
    FloatVector a2;
    FloatVector b2;
    FloatVector a3;
    FloatVector b3;
    FloatVector a4;
    FloatVector b4;
    FloatVector a5;
    FloatVector b5;
    if (first) {
      a0 = FloatVector.zero(SPECIES);
      b0 = FloatVector.zero(SPECIES);
      a1 = FloatVector.zero(SPECIES);
      b1 = FloatVector.zero(SPECIES);
      a2 = FloatVector.zero(SPECIES);
      b2 = FloatVector.zero(SPECIES);
      a3 = FloatVector.zero(SPECIES);
      b3 = FloatVector.zero(SPECIES);
      a4 = FloatVector.zero(SPECIES);
      b4 = FloatVector.zero(SPECIES);
      a5 = FloatVector.zero(SPECIES);
      b5 = FloatVector.zero(SPECIES);
    } else {
      a0 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 0]);
      b0 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 0] + LANES);
      a1 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 1]);
      b1 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 1] + LANES);
      a2 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 2]);
      b2 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 2] + LANES);
      a3 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 3]);
      b3 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 3] + LANES);
      a4 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 4]);
      b4 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 4] + LANES);
      a5 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 5]);
      b5 = FloatVector.fromArray(SPECIES, y, yFrom + ys[at + 5] + LANES);
    }
    for (int row = 0; row < rows; row++) {
      for (int step = 0; step < steps; step++) {
        int tap = walk.xFrom() + row * walk.xRow() + step * walk.xStep();
        int wTap = walk.wFrom() + row * walk.wRow() + step * walk.wStep();
        int x0 = xs[at + 0] + tap;
        int x1 = xs[at + 1] + tap;
        int x2 = xs[at + 2] + tap;
        int x3 = xs[at + 3] + tap;
        int x4 = xs[at + 4] + tap;
        int x5 = xs[at + 5] + tap;
        for (int i = 0; i < run; i++) {
          FloatVector u = FloatVector.fromArray(SPECIES, w, wTap + i * panel);
          FloatVector v = FloatVector.fromArray(SPECIES, w, wTap + i * panel + LANES);
          FloatVector s = FloatVector.broadcast(SPECIES, x[x0 + i]);
          a0 = s.fma(u, a0);
          b0 = s.fma(v, b0);
          s = FloatVector.broadcast(SPECIES, x[x1 + i]);
          a1 = s.fma(u, a1);
          b1 = s.fma(v, b1);
          s = FloatVector.broadcast(SPECIES, x[x2 + i]);
          a2 = s.fma(u, a2);
          b2 = s.fma(v, b2);
          s = FloatVector.broadcast(SPECIES, x[x3 + i]);
          a3 = s.fma(u, a3);
          b3 = s.fma(v, b3);
          s = FloatVector.broadcast(SPECIES, x[x4 + i]);
          a4 = s.fma(u, a4);
          b4 = s.fma(v, b4);
          s = FloatVector.broadcast(SPECIES, x[x5 + i]);
          a5 = s.fma(u, a5);
          b5 = s.fma(v, b5);
        }
      }
    }
    a0.intoArray(y, yFrom + ys[at + 0]);
    b0.intoArray(y, yFrom + ys[at + 0] + LANES);
    a1.intoArray(y, yFrom + ys[at + 1]);
    b1.intoArray(y, yFrom + ys[at + 1] + LANES);
    a2.intoArray(y, yFrom + ys[at + 2]);
    b2.intoArray(y, yFrom + ys[at + 2] + LANES);
    a3.intoArray(y, yFrom + ys[at + 3]);
    b3.intoArray(y, yFrom + ys[at + 3] + LANES);
    a4.intoArray(y, yFrom + ys[at + 4]);
    b4.intoArray(y, yFrom + ys[at + 4] + LANES);
    a5.intoArray(y, yFrom + ys[at + 5]);
    b5.intoArray(y, yFrom + ys[at + 5] + LANES);
  }
}
