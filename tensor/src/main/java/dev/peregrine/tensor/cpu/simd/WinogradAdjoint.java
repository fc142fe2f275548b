package dev.peregrine.tensor.cpu.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The adjoints of two transforms of {@link WinogradTransform}: of the output's, which takes the
 * gradient of an output tile to that of its 36 products, and of the filters', which takes the
 * gradient of 36 transformed filters to that of 3x3 taps.
 */
final class WinogradAdjoint {
  private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
  private static final int LANES = SPECIES.length();
  private static final int IN = WinogradTransform.IN;
  private static final int TAPS = 3;
  private static final float[] FACTORS = WinogradTransform.FACTORS;

  /** The factors of the filters' transform as vectors, see {@link WinogradFilters}. */
  private static final float[] FILTER_FACTORS =
      WinogradTransform.vectors(
          WinogradFilters.ZERO,
          WinogradFilters.NEAR,
          WinogradFilters.FAR,
          WinogradTransform.A * WinogradFilters.NEAR,
          WinogradTransform.B * WinogradFilters.FAR,
          WinogradTransform.A * WinogradTransform.A * WinogradFilters.NEAR,
          WinogradTransform.B * WinogradTransform.B * WinogradFilters.FAR);

  private WinogradAdjoint() {}

  /**
   * Transforms the gradient of an output tile.
   *
   * @param y the gradient
   * @param at the tile's first pixel
   * @param row from a row of pixels to the next
   * @param pixel from a pixel to the next
   * @param m the gradient of the products
   * @param to its first number
   * @param point from one of the products to the next
   * @param channels how many, rounded up to whole vectors
   */
  static void output(
      float[] y, int at, int row, int pixel, float[] m, int to, int point, int channels) {
    outputUpper(y, at, row, pixel, m, to, point, channels);
    outputLower(y, at, row, pixel, m, to, point, channels);
  }

  /** Makes rows 0, 1 and 2. */
  private static void outputUpper(
      float[] y, int at, int row, int pixel, float[] m, int to, int point, int channels) {
    FloatVector a = FloatVector.fromArray(SPECIES, FACTORS, 0 * LANES);
    FloatVector b = FloatVector.fromArray(SPECIES, FACTORS, 1 * LANES);
    FloatVector aa = FloatVector.fromArray(SPECIES, FACTORS, 2 * LANES);
    FloatVector bb = FloatVector.fromArray(SPECIES, FACTORS, 3 * LANES);
    for (int c = 0; c < channels; c += LANES) {
      FloatVector y00 = FloatVector.fromArray(SPECIES, y, at + 0 * row + 0 * pixel + c);
      FloatVector y10 = FloatVector.fromArray(SPECIES, y, at + 1 * row + 0 * pixel + c);
      FloatVector y20 = FloatVector.fromArray(SPECIES, y, at + 2 * row + 0 * pixel + c);
      FloatVector y30 = FloatVector.fromArray(SPECIES, y, at + 3 * row + 0 * pixel + c);
      FloatVector e0 = y20.fma(aa, y00);
      FloatVector o0 = y30.fma(aa, y10).mul(a);
      FloatVector p0 = e0.add(o0);
      FloatVector q0 = e0.sub(o0);
      FloatVector y01 = FloatVector.fromArray(SPECIES, y, at + 0 * row + 1 * pixel + c);
      FloatVector y11 = FloatVector.fromArray(SPECIES, y, at + 1 * row + 1 * pixel + c);
      FloatVector y21 = FloatVector.fromArray(SPECIES, y, at + 2 * row + 1 * pixel + c);
      FloatVector y31 = FloatVector.fromArray(SPECIES, y, at + 3 * row + 1 * pixel + c);
      FloatVector e1 = y21.fma(aa, y01);
      FloatVector o1 = y31.fma(aa, y11).mul(a);
      FloatVector p1 = e1.add(o1);
      FloatVector q1 = e1.sub(o1);
      FloatVector y02 = FloatVector.fromArray(SPECIES, y, at + 0 * row + 2 * pixel + c);
      FloatVector y12 = FloatVector.fromArray(SPECIES, y, at + 1 * row + 2 * pixel + c);
      FloatVector y22 = FloatVector.fromArray(SPECIES, y, at + 2 * row + 2 * pixel + c);
      FloatVector y32 = FloatVector.fromArray(SPECIES, y, at + 3 * row + 2 * pixel + c);
      FloatVector e2 = y22.fma(aa, y02);
      FloatVector o2 = y32.fma(aa, y12).mul(a);
      FloatVector p2 = e2.add(o2);
      FloatVector q2 = e2.sub(o2);
      FloatVector y03 = FloatVector.fromArray(SPECIES, y, at + 0 * row + 3 * pixel + c);
      FloatVector y13 = FloatVector.fromArray(SPECIES, y, at + 1 * row + 3 * pixel + c);
      FloatVector y23 = FloatVector.fromArray(SPECIES, y, at + 2 * row + 3 * pixel + c);
      FloatVector y33 = FloatVector.fromArray(SPECIES, y, at + 3 * row + 3 * pixel + c);
      FloatVector e3 = y23.fma(aa, y03);
      FloatVector o3 = y33.fma(aa, y13).mul(a);
      FloatVector p3 = e3.add(o3);
      FloatVector q3 = e3.sub(o3);
      FloatVector m0e = y02.fma(aa, y00);
      FloatVector m0o = y03.fma(aa, y01).mul(a);
      FloatVector m0f = y02.fma(bb, y00);
      FloatVector m0u = y03.fma(bb, y01).mul(b);
      y00.intoArray(m, to + 0 * point + c);
      m0e.add(m0o).intoArray(m, to + 1 * point + c);
      m0e.sub(m0o).intoArray(m, to + 2 * point + c);
      m0f.add(m0u).intoArray(m, to + 3 * point + c);
      m0f.sub(m0u).intoArray(m, to + 4 * point + c);
      y03.intoArray(m, to + 5 * point + c);
      FloatVector m1e = p2.fma(aa, p0);
      FloatVector m1o = p3.fma(aa, p1).mul(a);
      FloatVector m1f = p2.fma(bb, p0);
      FloatVector m1u = p3.fma(bb, p1).mul(b);
      p0.intoArray(m, to + 6 * point + c);
      m1e.add(m1o).intoArray(m, to + 7 * point + c);
      m1e.sub(m1o).intoArray(m, to + 8 * point + c);
      m1f.add(m1u).intoArray(m, to + 9 * point + c);
      m1f.sub(m1u).intoArray(m, to + 10 * point + c);
      p3.intoArray(m, to + 11 * point + c);
      FloatVector m2e = q2.fma(aa, q0);
      FloatVector m2o = q3.fma(aa, q1).mul(a);
      FloatVector m2f = q2.fma(bb, q0);
      FloatVector m2u = q3.fma(bb, q1).mul(b);
      q0.intoArray(m, to + 12 * point + c);
      m2e.add(m2o).intoArray(m, to + 13 * point + c);
      m2e.sub(m2o).intoArray(m, to + 14 * point + c);
      m2f.add(m2u).intoArray(m, to + 15 * point + c);
      m2f.sub(m2u).intoArray(m, to + 16 * point + c);
      q3.intoArray(m, to + 17 * point + c);
    }
  }

  /** Makes rows 3, 4 and 5. */
  private static void outputLower(
      float[] y, int at, int row, int pixel, float[] m, int to, int point, int channels) {
    FloatVector a = FloatVector.fromArray(SPECIES, FACTORS, 0 * LANES);
    FloatVector b = FloatVector.fromArray(SPECIES, FACTORS, 1 * LANES);
    FloatVector aa = FloatVector.fromArray(SPECIES, FACTORS, 2 * LANES);
    FloatVector bb = FloatVector.fromArray(SPECIES, FACTORS, 3 * LANES);
    for (int c = 0; c < channels; c += LANES) {
      FloatVector y00 = FloatVector.fromArray(SPECIES, y, at + 0 * row + 0 * pixel + c);
      FloatVector y10 = FloatVector.fromArray(SPECIES, y, at + 1 * row + 0 * pixel + c);
      FloatVector y20 = FloatVector.fromArray(SPECIES, y, at + 2 * row + 0 * pixel + c);
      FloatVector y30 = FloatVector.fromArray(SPECIES, y, at + 3 * row + 0 * pixel + c);
      FloatVector e0 = y20.fma(bb, y00);
      FloatVector o0 = y30.fma(bb, y10).mul(b);
      FloatVector p0 = e0.add(o0);
      FloatVector q0 = e0.sub(o0);
      FloatVector y01 = FloatVector.fromArray(SPECIES, y, at + 0 * row + 1 * pixel + c);
      FloatVector y11 = FloatVector.fromArray(SPECIES, y, at + 1 * row + 1 * pixel + c);
      FloatVector y21 = FloatVector.fromArray(SPECIES, y, at + 2 * row + 1 * pixel + c);
      FloatVector y31 = FloatVector.fromArray(SPECIES, y, at + 3 * row + 1 * pixel + c);
      FloatVector e1 = y21.fma(bb, y01);
      FloatVector o1 = y31.fma(bb, y11).mul(b);
      FloatVector p1 = e1.add(o1);
      FloatVector q1 = e1.sub(o1);
      FloatVector y02 = FloatVector.fromArray(SPECIES, y, at + 0 * row + 2 * pixel + c);
      FloatVector y12 = FloatVector.fromArray(SPECIES, y, at + 1 * row + 2 * pixel + c);
      FloatVector y22 = FloatVector.fromArray(SPECIES, y, at + 2 * row + 2 * pixel + c);
      FloatVector y32 = FloatVector.fromArray(SPECIES, y, at + 3 * row + 2 * pixel + c);
      FloatVector e2 = y22.fma(bb, y02);
      FloatVector o2 = y32.fma(bb, y12).mul(b);
      FloatVector p2 = e2.add(o2);
      FloatVector q2 = e2.sub(o2);
      FloatVector y03 = FloatVector.fromArray(SPECIES, y, at + 0 * row + 3 * pixel + c);
      FloatVector y13 = FloatVector.fromArray(SPECIES, y, at + 1 * row + 3 * pixel + c);
      FloatVector y23 = FloatVector.fromArray(SPECIES, y, at + 2 * row + 3 * pixel + c);
      FloatVector y33 = FloatVector.fromArray(SPECIES, y, at + 3 * row + 3 * pixel + c);
      FloatVector e3 = y23.fma(bb, y03);
      FloatVector o3 = y33.fma(bb, y13).mul(b);
      FloatVector p3 = e3.add(o3);
      FloatVector q3 = e3.sub(o3);
      FloatVector m3e = p2.fma(aa, p0);
      FloatVector m3o = p3.fma(aa, p1).mul(a);
      FloatVector m3f = p2.fma(bb, p0);
      FloatVector m3u = p3.fma(bb, p1).mul(b);
      p0.intoArray(m, to + 18 * point + c);
      m3e.add(m3o).intoArray(m, to + 19 * point + c);
      m3e.sub(m3o).intoArray(m, to + 20 * point + c);
      m3f.add(m3u).intoArray(m, to + 21 * point + c);
      m3f.sub(m3u).intoArray(m, to + 22 * point + c);
      p3.intoArray(m, to + 23 * point + c);
      FloatVector m4e = q2.fma(aa, q0);
      FloatVector m4o = q3.fma(aa, q1).mul(a);
      FloatVector m4f = q2.fma(bb, q0);
      FloatVector m4u = q3.fma(bb, q1).mul(b);
      q0.intoArray(m, to + 24 * point + c);
      m4e.add(m4o).intoArray(m, to + 25 * point + c);
      m4e.sub(m4o).intoArray(m, to + 26 * point + c);
      m4f.add(m4u).intoArray(m, to + 27 * point + c);
      m4f.sub(m4u).intoArray(m, to + 28 * point + c);
      q3.intoArray(m, to + 29 * point + c);
      FloatVector m5e = y32.fma(aa, y30);
      FloatVector m5o = y33.fma(aa, y31).mul(a);
      FloatVector m5f = y32.fma(bb, y30);
      FloatVector m5u = y33.fma(bb, y31).mul(b);
      y30.intoArray(m, to + 30 * point + c);
      m5e.add(m5o).intoArray(m, to + 31 * point + c);
      m5e.sub(m5o).intoArray(m, to + 32 * point + c);
      m5f.add(m5u).intoArray(m, to + 33 * point + c);
      m5f.sub(m5u).intoArray(m, to + 34 * point + c);
      y33.intoArray(m, to + 35 * point + c);
    }
  }

  /**
   * Transforms the gradients of transformed filters that lie side by side, in place: those of the
   * taps are found at the first three points of the first three rows.
   *
   * @param u the gradients
   * @param at the first number
   * @param point from one of the products to the next
   * @param size how many filters lie side by side, whole vectors
   */
  static void filters(float[] u, int at, int point, int size) {
    for (int column = 0; column < IN; column++) {
      taps(u, at + column * point, IN * point, size);
    }
    for (int row = 0; row < TAPS; row++) {
      taps(u, at + row * IN * point, point, size);
    }
  }

  /** Transforms one dimension: six numbers become three. */
  private static void taps(float[] u, int at, int step, int size) {
    FloatVector zero = FloatVector.fromArray(SPECIES, FILTER_FACTORS, 0 * LANES);
    FloatVector near = FloatVector.fromArray(SPECIES, FILTER_FACTORS, 1 * LANES);
    FloatVector far = FloatVector.fromArray(SPECIES, FILTER_FACTORS, 2 * LANES);
    FloatVector nearOdd = FloatVector.fromArray(SPECIES, FILTER_FACTORS, 3 * LANES);
    FloatVector farOdd = FloatVector.fromArray(SPECIES, FILTER_FACTORS, 4 * LANES);
    FloatVector nearTwo = FloatVector.fromArray(SPECIES, FILTER_FACTORS, 5 * LANES);
    FloatVector farTwo = FloatVector.fromArray(SPECIES, FILTER_FACTORS, 6 * LANES);
    for (int i = 0; i < size; i += LANES) {
      FloatVector u0 = FloatVector.fromArray(SPECIES, u, at + i);
      FloatVector u1 = FloatVector.fromArray(SPECIES, u, at + step + i);
      FloatVector u2 = FloatVector.fromArray(SPECIES, u, at + 2 * step + i);
      FloatVector u3 = FloatVector.fromArray(SPECIES, u, at + 3 * step + i);
      FloatVector u4 = FloatVector.fromArray(SPECIES, u, at + 4 * step + i);
      FloatVector u5 = FloatVector.fromArray(SPECIES, u, at + 5 * step + i);
      FloatVector nearSum = u1.add(u2);
      FloatVector nearDifference = u1.sub(u2);
      FloatVector farSum = u3.add(u4);
      FloatVector farDifference = u3.sub(u4);
      u0.fma(zero, nearSum.fma(near, farSum.mul(far))).intoArray(u, at + i);
      nearDifference.fma(nearOdd, farDifference.mul(farOdd)).intoArray(u, at + step + i);
      nearSum.fma(nearTwo, farSum.fma(farTwo, u5)).intoArray(u, at + 2 * step + i);
    }
  }
}
