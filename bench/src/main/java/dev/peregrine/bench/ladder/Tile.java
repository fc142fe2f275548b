package dev.peregrine.bench.ladder;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The heart of all further rungs: a small product of matrices whose result stays in registers.
 *
 * <p>Six rows of {@code x} times two vectors of columns of {@code w}: twelve independent sums, so
 * that no {@code fma} waits for another, and eight loads for twelve of them, since a loaded filter
 * serves six rows and a loaded input two vectors. With two vectors of filters and one input the
 * tile needs fifteen registers, so it also fits where there are only sixteen. (The library's own
 * tile is 13 x 2, for thirty-two.)
 *
 * <p>The sums are twelve variables and not an array because only variables live in registers.
 */
final class Tile {
  /** Rows of a tile. */
  static final int ROWS = 6;

  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  private static final int L = S.length();

  /** Columns of a tile. */
  static final int COLUMNS = 2 * L;

  private Tile() {}

  /**
   * Computes {@code y[r][k] = sum over s of x[r][s] * w[s][k]}, or adds the sum to {@code y}.
   *
   * @param x the left matrix, row r from {@code xAt + r * xStride} on
   * @param w the right matrix, row s from {@code wAt + s * wStride} on
   * @param steps how many products a sum has
   * @param add whether to add to {@code y} or to overwrite it
   * @param y the result, row r from {@code yAt + r * yStride} on
   */
  static void multiply(
      float[] x,
      int xAt,
      int xStride,
      float[] w,
      int wAt,
      int wStride,
      int steps,
      boolean add,
      float[] y,
      int yAt,
      int yStride) {
    FloatVector a0 = start(add, y, yAt);
    FloatVector b0 = start(add, y, yAt + L);
    FloatVector a1 = start(add, y, yAt + yStride);
    FloatVector b1 = start(add, y, yAt + yStride + L);
    FloatVector a2 = start(add, y, yAt + 2 * yStride);
    FloatVector b2 = start(add, y, yAt + 2 * yStride + L);
    FloatVector a3 = start(add, y, yAt + 3 * yStride);
    FloatVector b3 = start(add, y, yAt + 3 * yStride + L);
    FloatVector a4 = start(add, y, yAt + 4 * yStride);
    FloatVector b4 = start(add, y, yAt + 4 * yStride + L);
    FloatVector a5 = start(add, y, yAt + 5 * yStride);
    FloatVector b5 = start(add, y, yAt + 5 * yStride + L);
    for (int s = 0; s < steps; s++) {
      FloatVector low = FloatVector.fromArray(S, w, wAt + s * wStride);
      FloatVector high = FloatVector.fromArray(S, w, wAt + s * wStride + L);
      FloatVector v = FloatVector.broadcast(S, x[xAt + s]);
      a0 = v.fma(low, a0);
      b0 = v.fma(high, b0);
      v = FloatVector.broadcast(S, x[xAt + xStride + s]);
      a1 = v.fma(low, a1);
      b1 = v.fma(high, b1);
      v = FloatVector.broadcast(S, x[xAt + 2 * xStride + s]);
      a2 = v.fma(low, a2);
      b2 = v.fma(high, b2);
      v = FloatVector.broadcast(S, x[xAt + 3 * xStride + s]);
      a3 = v.fma(low, a3);
      b3 = v.fma(high, b3);
      v = FloatVector.broadcast(S, x[xAt + 4 * xStride + s]);
      a4 = v.fma(low, a4);
      b4 = v.fma(high, b4);
      v = FloatVector.broadcast(S, x[xAt + 5 * xStride + s]);
      a5 = v.fma(low, a5);
      b5 = v.fma(high, b5);
    }
    store(a0, b0, y, yAt);
    store(a1, b1, y, yAt + yStride);
    store(a2, b2, y, yAt + 2 * yStride);
    store(a3, b3, y, yAt + 3 * yStride);
    store(a4, b4, y, yAt + 4 * yStride);
    store(a5, b5, y, yAt + 5 * yStride);
  }

  private static FloatVector start(boolean add, float[] y, int at) {
    return add ? FloatVector.fromArray(S, y, at) : FloatVector.zero(S);
  }

  private static void store(FloatVector low, FloatVector high, float[] y, int at) {
    low.intoArray(y, at);
    high.intoArray(y, at + L);
  }
}
