package dev.peregrine.tensor.cpu.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The register tiles of a product of matrices: some rows by two vectors of columns, kept in
 * registers while the whole sum is added up.
 *
 * <p>Every index is affine in the row and in the step of the sum, so the compiler moves all range
 * checks out of the loop; that is what these tiles have before those of {@link ConvTile}, whose
 * pixels lie anywhere. The right matrix is packed into panels of {@link ConvTile#CHANNELS} columns.
 *
 * <p>A step of the sum loads two vectors and broadcasts one number a row for two multiply-adds a
 * row: 13 rows by 2 vectors take 15 loads for 26 multiply-adds and 29 of 32 registers; 8 rows are
 * nearly as good and fill up what is left; 6 rows by 2 fit 16 registers.
 */
final class MatTile {
  private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
  private static final int LANES = SPECIES.length();
  private static final int CHANNELS = ConvTile.CHANNELS;

  /** Rows of the smallest tile: no product may have fewer. */
  static final int LEAST_ROWS = ConvTile.MAIN == ConvTile.LARGE ? 8 : 6;

  private MatTile() {}

  /**
   * Multiplies {@code C = A B} for one panel. The last tile begins early enough to end with the
   * last row, and computes some rows twice with the same result.
   *
   * @param rows rows of A and C, at least {@link #LEAST_ROWS}
   * @param a A
   * @param at where it begins
   * @param step from a row of A to the next
   * @param b the panel of B, {@code [depth][CHANNELS]}
   * @param bAt where it begins
   * @param c C, {@link ConvTile#CHANNELS} numbers of each row are written
   * @param to where it begins
   * @param next from a row of C to the next
   * @param depth columns of A
   */
  static void multiply(
      int rows,
      float[] a,
      int at,
      int step,
      float[] b,
      int bAt,
      float[] c,
      int to,
      int next,
      int depth) {
    int row = 0;
    while (row < rows) {
      int height = height(rows, rows - row);
      int first = Math.min(row, rows - height);
      int source = at + first * step;
      int target = to + first * next;
      switch (height) {
        case 13 -> rows13(a, source, step, b, bAt, c, target, next, depth);
        case 8 -> rows8(a, source, step, b, bAt, c, target, next, depth);
        default -> rows6(a, source, step, b, bAt, c, target, next, depth);
      }
      row = first + height;
    }
  }

  /**
   * Returns how many rows are computed where so many are wanted.
   *
   * @param rows rows of a product, at least {@link #LEAST_ROWS}
   * @return the rows, those counted twice that two tiles compute
   */
  static int computed(int rows) {
    int computed = 0;
    int row = 0;
    while (row < rows) {
      int height = height(rows, rows - row);
      row = Math.min(row, rows - height) + height;
      computed += height;
    }
    return computed;
  }

  /** Chooses the tile that wastes least where so many of all rows are left. */
  private static int height(int rows, int left) {
    if (LEAST_ROWS == 6) {
      return 6;
    }
    boolean twoOfEight = left > 13 && left <= 16;
    return left <= 8 || twoOfEight || rows < 13 ? 8 : 13;
  }

  /** Computes 13 rows. */
  private static void rows13(
      float[] a, int at, int step, float[] b, int bAt, float[] c, int to, int next, int depth) {
    int r0 = at + 0 * step;
    int r1 = at + 1 * step;
    int r2 = at + 2 * step;
    int r3 = at + 3 * step;
    int r4 = at + 4 * step;
    int r5 = at + 5 * step;
    int r6 = at + 6 * step;
    int r7 = at + 7 * step;
    int r8 = at + 8 * step;
    int r9 = at + 9 * step;
    int r10 = at + 10 * step;
    int r11 = at + 11 * step;
    int r12 = at + 12 * step;
    FloatVector u0 = FloatVector.zero(SPECIES);
    FloatVector v0 = FloatVector.zero(SPECIES);
    FloatVector u1 = FloatVector.zero(SPECIES);
    FloatVector v1 = FloatVector.zero(SPECIES);
    FloatVector u2 = FloatVector.zero(SPECIES);
    FloatVector v2 = FloatVector.zero(SPECIES);
    FloatVector u3 = FloatVector.zero(SPECIES);
    FloatVector v3 = FloatVector.zero(SPECIES);
    FloatVector u4 = FloatVector.zero(SPECIES);
    FloatVector v4 = FloatVector.zero(SPECIES);
    FloatVector u5 = FloatVector.zero(SPECIES);
    FloatVector v5 = FloatVector.zero(SPECIES);
    FloatVector u6 = FloatVector.zero(SPECIES);
    FloatVector v6 = FloatVector.zero(SPECIES);
    FloatVector u7 = FloatVector.zero(SPECIES);
    FloatVector v7 = FloatVector.zero(SPECIES);
    FloatVector u8 = FloatVector.zero(SPECIES);
    FloatVector v8 = FloatVector.zero(SPECIES);
    FloatVector u9 = FloatVector.zero(SPECIES);
    FloatVector v9 = FloatVector.zero(SPECIES);
    FloatVector u10 = FloatVector.zero(SPECIES);
    FloatVector v10 = FloatVector.zero(SPECIES);
    FloatVector u11 = FloatVector.zero(SPECIES);
    FloatVector v11 = FloatVector.zero(SPECIES);
    FloatVector u12 = FloatVector.zero(SPECIES);
    FloatVector v12 = FloatVector.zero(SPECIES);
    for (int k = 0; k < depth; k++) {
      FloatVector f = FloatVector.fromArray(SPECIES, b, bAt + k * CHANNELS);
      FloatVector g = FloatVector.fromArray(SPECIES, b, bAt + k * CHANNELS + LANES);
      FloatVector s = FloatVector.broadcast(SPECIES, a[r0 + k]);
      u0 = s.fma(f, u0);
      v0 = s.fma(g, v0);
      s = FloatVector.broadcast(SPECIES, a[r1 + k]);
      u1 = s.fma(f, u1);
      v1 = s.fma(g, v1);
      s = FloatVector.broadcast(SPECIES, a[r2 + k]);
      u2 = s.fma(f, u2);
      v2 = s.fma(g, v2);
      s = FloatVector.broadcast(SPECIES, a[r3 + k]);
      u3 = s.fma(f, u3);
      v3 = s.fma(g, v3);
      s = FloatVector.broadcast(SPECIES, a[r4 + k]);
      u4 = s.fma(f, u4);
      v4 = s.fma(g, v4);
      s = FloatVector.broadcast(SPECIES, a[r5 + k]);
      u5 = s.fma(f, u5);
      v5 = s.fma(g, v5);
      s = FloatVector.broadcast(SPECIES, a[r6 + k]);
      u6 = s.fma(f, u6);
      v6 = s.fma(g, v6);
      s = FloatVector.broadcast(SPECIES, a[r7 + k]);
      u7 = s.fma(f, u7);
      v7 = s.fma(g, v7);
      s = FloatVector.broadcast(SPECIES, a[r8 + k]);
      u8 = s.fma(f, u8);
      v8 = s.fma(g, v8);
      s = FloatVector.broadcast(SPECIES, a[r9 + k]);
      u9 = s.fma(f, u9);
      v9 = s.fma(g, v9);
      s = FloatVector.broadcast(SPECIES, a[r10 + k]);
      u10 = s.fma(f, u10);
      v10 = s.fma(g, v10);
      s = FloatVector.broadcast(SPECIES, a[r11 + k]);
      u11 = s.fma(f, u11);
      v11 = s.fma(g, v11);
      s = FloatVector.broadcast(SPECIES, a[r12 + k]);
      u12 = s.fma(f, u12);
      v12 = s.fma(g, v12);
    }
    u0.intoArray(c, to + 0 * next);
    v0.intoArray(c, to + 0 * next + LANES);
    u1.intoArray(c, to + 1 * next);
    v1.intoArray(c, to + 1 * next + LANES);
    u2.intoArray(c, to + 2 * next);
    v2.intoArray(c, to + 2 * next + LANES);
    u3.intoArray(c, to + 3 * next);
    v3.intoArray(c, to + 3 * next + LANES);
    u4.intoArray(c, to + 4 * next);
    v4.intoArray(c, to + 4 * next + LANES);
    u5.intoArray(c, to + 5 * next);
    v5.intoArray(c, to + 5 * next + LANES);
    u6.intoArray(c, to + 6 * next);
    v6.intoArray(c, to + 6 * next + LANES);
    u7.intoArray(c, to + 7 * next);
    v7.intoArray(c, to + 7 * next + LANES);
    u8.intoArray(c, to + 8 * next);
    v8.intoArray(c, to + 8 * next + LANES);
    u9.intoArray(c, to + 9 * next);
    v9.intoArray(c, to + 9 * next + LANES);
    u10.intoArray(c, to + 10 * next);
    v10.intoArray(c, to + 10 * next + LANES);
    u11.intoArray(c, to + 11 * next);
    v11.intoArray(c, to + 11 * next + LANES);
    u12.intoArray(c, to + 12 * next);
    v12.intoArray(c, to + 12 * next + LANES);
  }

  /** Computes 8 rows. */
  private static void rows8(
      float[] a, int at, int step, float[] b, int bAt, float[] c, int to, int next, int depth) {
    int r0 = at + 0 * step;
    int r1 = at + 1 * step;
    int r2 = at + 2 * step;
    int r3 = at + 3 * step;
    int r4 = at + 4 * step;
    int r5 = at + 5 * step;
    int r6 = at + 6 * step;
    int r7 = at + 7 * step;
    FloatVector u0 = FloatVector.zero(SPECIES);
    FloatVector v0 = FloatVector.zero(SPECIES);
    FloatVector u1 = FloatVector.zero(SPECIES);
    FloatVector v1 = FloatVector.zero(SPECIES);
    FloatVector u2 = FloatVector.zero(SPECIES);
    FloatVector v2 = FloatVector.zero(SPECIES);
    FloatVector u3 = FloatVector.zero(SPECIES);
    FloatVector v3 = FloatVector.zero(SPECIES);
    FloatVector u4 = FloatVector.zero(SPECIES);
    FloatVector v4 = FloatVector.zero(SPECIES);
    FloatVector u5 = FloatVector.zero(SPECIES);
    FloatVector v5 = FloatVector.zero(SPECIES);
    FloatVector u6 = FloatVector.zero(SPECIES);
    FloatVector v6 = FloatVector.zero(SPECIES);
    FloatVector u7 = FloatVector.zero(SPECIES);
    FloatVector v7 = FloatVector.zero(SPECIES);
    for (int k = 0; k < depth; k++) {
      FloatVector f = FloatVector.fromArray(SPECIES, b, bAt + k * CHANNELS);
      FloatVector g = FloatVector.fromArray(SPECIES, b, bAt + k * CHANNELS + LANES);
      FloatVector s = FloatVector.broadcast(SPECIES, a[r0 + k]);
      u0 = s.fma(f, u0);
      v0 = s.fma(g, v0);
      s = FloatVector.broadcast(SPECIES, a[r1 + k]);
      u1 = s.fma(f, u1);
      v1 = s.fma(g, v1);
      s = FloatVector.broadcast(SPECIES, a[r2 + k]);
      u2 = s.fma(f, u2);
      v2 = s.fma(g, v2);
      s = FloatVector.broadcast(SPECIES, a[r3 + k]);
      u3 = s.fma(f, u3);
      v3 = s.fma(g, v3);
      s = FloatVector.broadcast(SPECIES, a[r4 + k]);
      u4 = s.fma(f, u4);
      v4 = s.fma(g, v4);
      s = FloatVector.broadcast(SPECIES, a[r5 + k]);
      u5 = s.fma(f, u5);
      v5 = s.fma(g, v5);
      s = FloatVector.broadcast(SPECIES, a[r6 + k]);
      u6 = s.fma(f, u6);
      v6 = s.fma(g, v6);
      s = FloatVector.broadcast(SPECIES, a[r7 + k]);
      u7 = s.fma(f, u7);
      v7 = s.fma(g, v7);
    }
    u0.intoArray(c, to + 0 * next);
    v0.intoArray(c, to + 0 * next + LANES);
    u1.intoArray(c, to + 1 * next);
    v1.intoArray(c, to + 1 * next + LANES);
    u2.intoArray(c, to + 2 * next);
    v2.intoArray(c, to + 2 * next + LANES);
    u3.intoArray(c, to + 3 * next);
    v3.intoArray(c, to + 3 * next + LANES);
    u4.intoArray(c, to + 4 * next);
    v4.intoArray(c, to + 4 * next + LANES);
    u5.intoArray(c, to + 5 * next);
    v5.intoArray(c, to + 5 * next + LANES);
    u6.intoArray(c, to + 6 * next);
    v6.intoArray(c, to + 6 * next + LANES);
    u7.intoArray(c, to + 7 * next);
    v7.intoArray(c, to + 7 * next + LANES);
  }

  /** Computes 6 rows. */
  private static void rows6(
      float[] a, int at, int step, float[] b, int bAt, float[] c, int to, int next, int depth) {
    int r0 = at + 0 * step;
    int r1 = at + 1 * step;
    int r2 = at + 2 * step;
    int r3 = at + 3 * step;
    int r4 = at + 4 * step;
    int r5 = at + 5 * step;
    FloatVector u0 = FloatVector.zero(SPECIES);
    FloatVector v0 = FloatVector.zero(SPECIES);
    FloatVector u1 = FloatVector.zero(SPECIES);
    FloatVector v1 = FloatVector.zero(SPECIES);
    FloatVector u2 = FloatVector.zero(SPECIES);
    FloatVector v2 = FloatVector.zero(SPECIES);
    FloatVector u3 = FloatVector.zero(SPECIES);
    FloatVector v3 = FloatVector.zero(SPECIES);
    FloatVector u4 = FloatVector.zero(SPECIES);
    FloatVector v4 = FloatVector.zero(SPECIES);
    FloatVector u5 = FloatVector.zero(SPECIES);
    FloatVector v5 = FloatVector.zero(SPECIES);
    for (int k = 0; k < depth; k++) {
      FloatVector f = FloatVector.fromArray(SPECIES, b, bAt + k * CHANNELS);
      FloatVector g = FloatVector.fromArray(SPECIES, b, bAt + k * CHANNELS + LANES);
      FloatVector s = FloatVector.broadcast(SPECIES, a[r0 + k]);
      u0 = s.fma(f, u0);
      v0 = s.fma(g, v0);
      s = FloatVector.broadcast(SPECIES, a[r1 + k]);
      u1 = s.fma(f, u1);
      v1 = s.fma(g, v1);
      s = FloatVector.broadcast(SPECIES, a[r2 + k]);
      u2 = s.fma(f, u2);
      v2 = s.fma(g, v2);
      s = FloatVector.broadcast(SPECIES, a[r3 + k]);
      u3 = s.fma(f, u3);
      v3 = s.fma(g, v3);
      s = FloatVector.broadcast(SPECIES, a[r4 + k]);
      u4 = s.fma(f, u4);
      v4 = s.fma(g, v4);
      s = FloatVector.broadcast(SPECIES, a[r5 + k]);
      u5 = s.fma(f, u5);
      v5 = s.fma(g, v5);
    }
    u0.intoArray(c, to + 0 * next);
    v0.intoArray(c, to + 0 * next + LANES);
    u1.intoArray(c, to + 1 * next);
    v1.intoArray(c, to + 1 * next + LANES);
    u2.intoArray(c, to + 2 * next);
    v2.intoArray(c, to + 2 * next + LANES);
    u3.intoArray(c, to + 3 * next);
    v3.intoArray(c, to + 3 * next + LANES);
    u4.intoArray(c, to + 4 * next);
    v4.intoArray(c, to + 4 * next + LANES);
    u5.intoArray(c, to + 5 * next);
    v5.intoArray(c, to + 5 * next + LANES);
  }
}
