package dev.peregrine.tensor.cpu.simd;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The register tiles of the direct convolution: some pixels by two vectors of output channels, kept
 * in registers while a run of neighbouring inputs is added up.
 *
 * <p>Each pixel has an offset of its own, so a tile may run over the end of a row, go down a column
 * or skip pixels. The innermost loop runs over neighbouring input channels; its indices are affine,
 * which lets the compiler move all range checks out of it. There is but one loop in a tile: around
 * nested loops the compiler keeps the sums in memory, which halves the speed. For the same reason
 * sums go to a small array of their own rather than straight to the output, where each pixel would
 * need a range check.
 */
final class ConvTile {
  private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
  private static final int LANES = SPECIES.length();

  /** Pixels of the small tile, 12 accumulators: fits 16 vector registers. */
  static final int SMALL = 6;

  /** Pixels of the large tile, 26 accumulators: fits 32 vector registers. */
  static final int LARGE = 13;

  /** Pixels of the tile that most of the work is done in. */
  static final int MAIN = hasManyRegisters() ? LARGE : SMALL;

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

  /** Tells whether there are 32 vector registers: with AVX-512 and on Arm. */
  private static boolean hasManyRegisters() {
    return SPECIES.vectorBitSize() == 512 || System.getProperty("os.arch").equals("aarch64");
  }

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
   * @param at index of the first pixel
   * @param w the packed filters, {@code [tap][in][CHANNELS]}
   * @param walk which taps and channels to add
   * @param tile the sums, {@code [pixel][CHANNELS]}
   * @param first whether to begin at zero rather than at what the tile holds
   */
  static void run(
      int width, float[] x, int[] xs, int at, float[] w, Walk walk, float[] tile, boolean first) {
    boolean start = first;
    if (walk.rows() == 0 && first) {
      Arrays.fill(tile, 0);
    }
    for (int row = 0; row < walk.rows(); row++) {
      for (int step = 0; step < walk.steps(); step++) {
        int tap = walk.xFrom() + row * walk.xRow() + step * walk.xStep();
        int wTap = walk.wFrom() + row * walk.wRow() + step * walk.wStep();
        if (width == LARGE) {
          tile13(x, xs, at, tap, w, wTap, walk.run(), tile, start);
        } else {
          tile6(x, xs, at, tap, w, wTap, walk.run(), tile, start);
        }
        start = false;
      }
    }
  }

  /** Adds to 13 pixels. */
  private static void tile13(
      float[] x,
      int[] xs,
      int at,
      int tap,
      float[] w,
      int wTap,
      int run,
      float[] tile,
      boolean first) {
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
    if (!first) {
      a0 = a0.add(FloatVector.fromArray(SPECIES, tile, 0 * LANES));
      b0 = b0.add(FloatVector.fromArray(SPECIES, tile, 1 * LANES));
      a1 = a1.add(FloatVector.fromArray(SPECIES, tile, 2 * LANES));
      b1 = b1.add(FloatVector.fromArray(SPECIES, tile, 3 * LANES));
      a2 = a2.add(FloatVector.fromArray(SPECIES, tile, 4 * LANES));
      b2 = b2.add(FloatVector.fromArray(SPECIES, tile, 5 * LANES));
      a3 = a3.add(FloatVector.fromArray(SPECIES, tile, 6 * LANES));
      b3 = b3.add(FloatVector.fromArray(SPECIES, tile, 7 * LANES));
      a4 = a4.add(FloatVector.fromArray(SPECIES, tile, 8 * LANES));
      b4 = b4.add(FloatVector.fromArray(SPECIES, tile, 9 * LANES));
      a5 = a5.add(FloatVector.fromArray(SPECIES, tile, 10 * LANES));
      b5 = b5.add(FloatVector.fromArray(SPECIES, tile, 11 * LANES));
      a6 = a6.add(FloatVector.fromArray(SPECIES, tile, 12 * LANES));
      b6 = b6.add(FloatVector.fromArray(SPECIES, tile, 13 * LANES));
      a7 = a7.add(FloatVector.fromArray(SPECIES, tile, 14 * LANES));
      b7 = b7.add(FloatVector.fromArray(SPECIES, tile, 15 * LANES));
      a8 = a8.add(FloatVector.fromArray(SPECIES, tile, 16 * LANES));
      b8 = b8.add(FloatVector.fromArray(SPECIES, tile, 17 * LANES));
      a9 = a9.add(FloatVector.fromArray(SPECIES, tile, 18 * LANES));
      b9 = b9.add(FloatVector.fromArray(SPECIES, tile, 19 * LANES));
      a10 = a10.add(FloatVector.fromArray(SPECIES, tile, 20 * LANES));
      b10 = b10.add(FloatVector.fromArray(SPECIES, tile, 21 * LANES));
      a11 = a11.add(FloatVector.fromArray(SPECIES, tile, 22 * LANES));
      b11 = b11.add(FloatVector.fromArray(SPECIES, tile, 23 * LANES));
      a12 = a12.add(FloatVector.fromArray(SPECIES, tile, 24 * LANES));
      b12 = b12.add(FloatVector.fromArray(SPECIES, tile, 25 * LANES));
    }
    a0.intoArray(tile, 0 * LANES);
    b0.intoArray(tile, 1 * LANES);
    a1.intoArray(tile, 2 * LANES);
    b1.intoArray(tile, 3 * LANES);
    a2.intoArray(tile, 4 * LANES);
    b2.intoArray(tile, 5 * LANES);
    a3.intoArray(tile, 6 * LANES);
    b3.intoArray(tile, 7 * LANES);
    a4.intoArray(tile, 8 * LANES);
    b4.intoArray(tile, 9 * LANES);
    a5.intoArray(tile, 10 * LANES);
    b5.intoArray(tile, 11 * LANES);
    a6.intoArray(tile, 12 * LANES);
    b6.intoArray(tile, 13 * LANES);
    a7.intoArray(tile, 14 * LANES);
    b7.intoArray(tile, 15 * LANES);
    a8.intoArray(tile, 16 * LANES);
    b8.intoArray(tile, 17 * LANES);
    a9.intoArray(tile, 18 * LANES);
    b9.intoArray(tile, 19 * LANES);
    a10.intoArray(tile, 20 * LANES);
    b10.intoArray(tile, 21 * LANES);
    a11.intoArray(tile, 22 * LANES);
    b11.intoArray(tile, 23 * LANES);
    a12.intoArray(tile, 24 * LANES);
    b12.intoArray(tile, 25 * LANES);
  }

  /** Adds to 6 pixels. */
  private static void tile6(
      float[] x,
      int[] xs,
      int at,
      int tap,
      float[] w,
      int wTap,
      int run,
      float[] tile,
      boolean first) {
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
    if (!first) {
      a0 = a0.add(FloatVector.fromArray(SPECIES, tile, 0 * LANES));
      b0 = b0.add(FloatVector.fromArray(SPECIES, tile, 1 * LANES));
      a1 = a1.add(FloatVector.fromArray(SPECIES, tile, 2 * LANES));
      b1 = b1.add(FloatVector.fromArray(SPECIES, tile, 3 * LANES));
      a2 = a2.add(FloatVector.fromArray(SPECIES, tile, 4 * LANES));
      b2 = b2.add(FloatVector.fromArray(SPECIES, tile, 5 * LANES));
      a3 = a3.add(FloatVector.fromArray(SPECIES, tile, 6 * LANES));
      b3 = b3.add(FloatVector.fromArray(SPECIES, tile, 7 * LANES));
      a4 = a4.add(FloatVector.fromArray(SPECIES, tile, 8 * LANES));
      b4 = b4.add(FloatVector.fromArray(SPECIES, tile, 9 * LANES));
      a5 = a5.add(FloatVector.fromArray(SPECIES, tile, 10 * LANES));
      b5 = b5.add(FloatVector.fromArray(SPECIES, tile, 11 * LANES));
    }
    a0.intoArray(tile, 0 * LANES);
    b0.intoArray(tile, 1 * LANES);
    a1.intoArray(tile, 2 * LANES);
    b1.intoArray(tile, 3 * LANES);
    a2.intoArray(tile, 4 * LANES);
    b2.intoArray(tile, 5 * LANES);
    a3.intoArray(tile, 6 * LANES);
    b3.intoArray(tile, 7 * LANES);
    a4.intoArray(tile, 8 * LANES);
    b4.intoArray(tile, 9 * LANES);
    a5.intoArray(tile, 10 * LANES);
    b5.intoArray(tile, 11 * LANES);
  }
}
