package dev.peregrine.tensor.cpu.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The register tiles of a product {@code C = A' B} whose sum runs over the rows of A and B: some
 * columns of A by two vectors of columns of B, kept in registers while rows are added up.
 *
 * <p>Rows of A and B may lie any distance apart. The compiler then leaves range checks in the loop;
 * but those of neighbouring columns become one, and beside 16 multiply-adds they cost nothing that
 * can be measured, unlike in tiles that fill all registers.
 */
final class SumTile {
  private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
  private static final int LANES = SPECIES.length();

  /** Columns of a panel: from a row to the next in C. */
  static final int WIDTH = 64;

  /** Columns of A in a tile; 8 by two vectors fill 32 registers well enough, 4 fit 16. */
  static final int ROWS = ConvTile.MAIN == ConvTile.LARGE ? 8 : 4;

  private SumTile() {}

  /**
   * Multiplies a panel of A by a panel of B.
   *
   * @param count rows of A and B
   * @param a A
   * @param at where the panel begins
   * @param aStep from a row of A to the next
   * @param rows columns of A, which are rows of C; a multiple of {@link #ROWS}
   * @param b B
   * @param bAt where the panel begins
   * @param bStep from a row of B to the next
   * @param columns columns of B, a multiple of {@link ConvTile#CHANNELS}
   * @param c C
   * @param to where the panel begins
   * @param adds whether the product is added to what is there
   */
  static void multiply(
      int count,
      float[] a,
      int at,
      int aStep,
      int rows,
      float[] b,
      int bAt,
      int bStep,
      int columns,
      float[] c,
      int to,
      boolean adds) {
    for (int column = 0; column < columns; column += 2 * LANES) {
      for (int row = 0; row < rows; row += ROWS) {
        int target = to + row * WIDTH + column;
        if (ROWS == 8) {
          rows8(count, a, at + row, aStep, b, bAt + column, bStep, c, target, adds);
        } else {
          rows4(count, a, at + row, aStep, b, bAt + column, bStep, c, target, adds);
        }
      }
    }
  }

  /** Computes 8 rows of C. */
  private static void rows8(
      int count,
      float[] a,
      int at,
      int aStep,
      float[] b,
      int bAt,
      int bStep,
      float[] c,
      int to,
      boolean adds) {
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
    for (int k = 0; k < count; k++) {
      FloatVector f = FloatVector.fromArray(SPECIES, b, bAt + k * bStep);
      FloatVector g = FloatVector.fromArray(SPECIES, b, bAt + k * bStep + LANES);
      FloatVector s = FloatVector.broadcast(SPECIES, a[at + k * aStep + 0]);
      u0 = s.fma(f, u0);
      v0 = s.fma(g, v0);
      s = FloatVector.broadcast(SPECIES, a[at + k * aStep + 1]);
      u1 = s.fma(f, u1);
      v1 = s.fma(g, v1);
      s = FloatVector.broadcast(SPECIES, a[at + k * aStep + 2]);
      u2 = s.fma(f, u2);
      v2 = s.fma(g, v2);
      s = FloatVector.broadcast(SPECIES, a[at + k * aStep + 3]);
      u3 = s.fma(f, u3);
      v3 = s.fma(g, v3);
      s = FloatVector.broadcast(SPECIES, a[at + k * aStep + 4]);
      u4 = s.fma(f, u4);
      v4 = s.fma(g, v4);
      s = FloatVector.broadcast(SPECIES, a[at + k * aStep + 5]);
      u5 = s.fma(f, u5);
      v5 = s.fma(g, v5);
      s = FloatVector.broadcast(SPECIES, a[at + k * aStep + 6]);
      u6 = s.fma(f, u6);
      v6 = s.fma(g, v6);
      s = FloatVector.broadcast(SPECIES, a[at + k * aStep + 7]);
      u7 = s.fma(f, u7);
      v7 = s.fma(g, v7);
    }
    if (adds) {
      u0 = u0.add(FloatVector.fromArray(SPECIES, c, to + 0 * WIDTH));
      v0 = v0.add(FloatVector.fromArray(SPECIES, c, to + 0 * WIDTH + LANES));
      u1 = u1.add(FloatVector.fromArray(SPECIES, c, to + 1 * WIDTH));
      v1 = v1.add(FloatVector.fromArray(SPECIES, c, to + 1 * WIDTH + LANES));
      u2 = u2.add(FloatVector.fromArray(SPECIES, c, to + 2 * WIDTH));
      v2 = v2.add(FloatVector.fromArray(SPECIES, c, to + 2 * WIDTH + LANES));
      u3 = u3.add(FloatVector.fromArray(SPECIES, c, to + 3 * WIDTH));
      v3 = v3.add(FloatVector.fromArray(SPECIES, c, to + 3 * WIDTH + LANES));
      u4 = u4.add(FloatVector.fromArray(SPECIES, c, to + 4 * WIDTH));
      v4 = v4.add(FloatVector.fromArray(SPECIES, c, to + 4 * WIDTH + LANES));
      u5 = u5.add(FloatVector.fromArray(SPECIES, c, to + 5 * WIDTH));
      v5 = v5.add(FloatVector.fromArray(SPECIES, c, to + 5 * WIDTH + LANES));
      u6 = u6.add(FloatVector.fromArray(SPECIES, c, to + 6 * WIDTH));
      v6 = v6.add(FloatVector.fromArray(SPECIES, c, to + 6 * WIDTH + LANES));
      u7 = u7.add(FloatVector.fromArray(SPECIES, c, to + 7 * WIDTH));
      v7 = v7.add(FloatVector.fromArray(SPECIES, c, to + 7 * WIDTH + LANES));
    }
    u0.intoArray(c, to + 0 * WIDTH);
    v0.intoArray(c, to + 0 * WIDTH + LANES);
    u1.intoArray(c, to + 1 * WIDTH);
    v1.intoArray(c, to + 1 * WIDTH + LANES);
    u2.intoArray(c, to + 2 * WIDTH);
    v2.intoArray(c, to + 2 * WIDTH + LANES);
    u3.intoArray(c, to + 3 * WIDTH);
    v3.intoArray(c, to + 3 * WIDTH + LANES);
    u4.intoArray(c, to + 4 * WIDTH);
    v4.intoArray(c, to + 4 * WIDTH + LANES);
    u5.intoArray(c, to + 5 * WIDTH);
    v5.intoArray(c, to + 5 * WIDTH + LANES);
    u6.intoArray(c, to + 6 * WIDTH);
    v6.intoArray(c, to + 6 * WIDTH + LANES);
    u7.intoArray(c, to + 7 * WIDTH);
    v7.intoArray(c, to + 7 * WIDTH + LANES);
  }

  /** Computes 4 rows of C. */
  private static void rows4(
      int count,
      float[] a,
      int at,
      int aStep,
      float[] b,
      int bAt,
      int bStep,
      float[] c,
      int to,
      boolean adds) {
    FloatVector u0 = FloatVector.zero(SPECIES);
    FloatVector v0 = FloatVector.zero(SPECIES);
    FloatVector u1 = FloatVector.zero(SPECIES);
    FloatVector v1 = FloatVector.zero(SPECIES);
    FloatVector u2 = FloatVector.zero(SPECIES);
    FloatVector v2 = FloatVector.zero(SPECIES);
    FloatVector u3 = FloatVector.zero(SPECIES);
    FloatVector v3 = FloatVector.zero(SPECIES);
    for (int k = 0; k < count; k++) {
      FloatVector f = FloatVector.fromArray(SPECIES, b, bAt + k * bStep);
      FloatVector g = FloatVector.fromArray(SPECIES, b, bAt + k * bStep + LANES);
      FloatVector s = FloatVector.broadcast(SPECIES, a[at + k * aStep + 0]);
      u0 = s.fma(f, u0);
      v0 = s.fma(g, v0);
      s = FloatVector.broadcast(SPECIES, a[at + k * aStep + 1]);
      u1 = s.fma(f, u1);
      v1 = s.fma(g, v1);
      s = FloatVector.broadcast(SPECIES, a[at + k * aStep + 2]);
      u2 = s.fma(f, u2);
      v2 = s.fma(g, v2);
      s = FloatVector.broadcast(SPECIES, a[at + k * aStep + 3]);
      u3 = s.fma(f, u3);
      v3 = s.fma(g, v3);
    }
    if (adds) {
      u0 = u0.add(FloatVector.fromArray(SPECIES, c, to + 0 * WIDTH));
      v0 = v0.add(FloatVector.fromArray(SPECIES, c, to + 0 * WIDTH + LANES));
      u1 = u1.add(FloatVector.fromArray(SPECIES, c, to + 1 * WIDTH));
      v1 = v1.add(FloatVector.fromArray(SPECIES, c, to + 1 * WIDTH + LANES));
      u2 = u2.add(FloatVector.fromArray(SPECIES, c, to + 2 * WIDTH));
      v2 = v2.add(FloatVector.fromArray(SPECIES, c, to + 2 * WIDTH + LANES));
      u3 = u3.add(FloatVector.fromArray(SPECIES, c, to + 3 * WIDTH));
      v3 = v3.add(FloatVector.fromArray(SPECIES, c, to + 3 * WIDTH + LANES));
    }
    u0.intoArray(c, to + 0 * WIDTH);
    v0.intoArray(c, to + 0 * WIDTH + LANES);
    u1.intoArray(c, to + 1 * WIDTH);
    v1.intoArray(c, to + 1 * WIDTH + LANES);
    u2.intoArray(c, to + 2 * WIDTH);
    v2.intoArray(c, to + 2 * WIDTH + LANES);
    u3.intoArray(c, to + 3 * WIDTH);
    v3.intoArray(c, to + 3 * WIDTH + LANES);
  }
}
