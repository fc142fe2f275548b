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
    outputHalf(y, at, row, pixel, 0, m, to, point, channels);
    outputHalf(y, at, row, pixel, 1, m, to, point, channels);
  }

  /** Makes the rows of zero and of the near points, or of the far points and infinity. */
  private static void outputHalf(
      float[] y, int at, int row, int pixel, int half, float[] m, int to, int point, int channels) {
    FloatVector a = FloatVector.fromArray(SPECIES, FACTORS, 0 * LANES);
    FloatVector b = FloatVector.fromArray(SPECIES, FACTORS, 1 * LANES);
    FloatVector aa = FloatVector.fromArray(SPECIES, FACTORS, 2 * LANES);
    FloatVector bb = FloatVector.fromArray(SPECIES, FACTORS, 3 * LANES);
    FloatVector r = FloatVector.fromArray(SPECIES, FACTORS, half * LANES);
    FloatVector rr = FloatVector.fromArray(SPECIES, FACTORS, (2 + half) * LANES);
    int edgeAt = at + half * 3 * row;
    int edgeTo = to + half * 5 * IN * point;
    int pairTo = to + (1 + 2 * half) * IN * point;
    for (int c = 0; c < channels; c += LANES) {
      FloatVector y00 = FloatVector.fromArray(SPECIES, y, at + 0 * row + 0 * pixel + c);
      FloatVector y10 = FloatVector.fromArray(SPECIES, y, at + 1 * row + 0 * pixel + c);
      FloatVector y20 = FloatVector.fromArray(SPECIES, y, at + 2 * row + 0 * pixel + c);
      FloatVector y30 = FloatVector.fromArray(SPECIES, y, at + 3 * row + 0 * pixel + c);
      FloatVector e0 = y20.fma(rr, y00);
      FloatVector o0 = y30.fma(rr, y10).mul(r);
      FloatVector p0 = e0.add(o0);
      FloatVector q0 = e0.sub(o0);
      FloatVector z0 = FloatVector.fromArray(SPECIES, y, edgeAt + 0 * pixel + c);
      FloatVector y01 = FloatVector.fromArray(SPECIES, y, at + 0 * row + 1 * pixel + c);
      FloatVector y11 = FloatVector.fromArray(SPECIES, y, at + 1 * row + 1 * pixel + c);
      FloatVector y21 = FloatVector.fromArray(SPECIES, y, at + 2 * row + 1 * pixel + c);
      FloatVector y31 = FloatVector.fromArray(SPECIES, y, at + 3 * row + 1 * pixel + c);
      FloatVector e1 = y21.fma(rr, y01);
      FloatVector o1 = y31.fma(rr, y11).mul(r);
      FloatVector p1 = e1.add(o1);
      FloatVector q1 = e1.sub(o1);
      FloatVector z1 = FloatVector.fromArray(SPECIES, y, edgeAt + 1 * pixel + c);
      FloatVector y02 = FloatVector.fromArray(SPECIES, y, at + 0 * row + 2 * pixel + c);
      FloatVector y12 = FloatVector.fromArray(SPECIES, y, at + 1 * row + 2 * pixel + c);
      FloatVector y22 = FloatVector.fromArray(SPECIES, y, at + 2 * row + 2 * pixel + c);
      FloatVector y32 = FloatVector.fromArray(SPECIES, y, at + 3 * row + 2 * pixel + c);
      FloatVector e2 = y22.fma(rr, y02);
      FloatVector o2 = y32.fma(rr, y12).mul(r);
      FloatVector p2 = e2.add(o2);
      FloatVector q2 = e2.sub(o2);
      FloatVector z2 = FloatVector.fromArray(SPECIES, y, edgeAt + 2 * pixel + c);
      FloatVector y03 = FloatVector.fromArray(SPECIES, y, at + 0 * row + 3 * pixel + c);
      FloatVector y13 = FloatVector.fromArray(SPECIES, y, at + 1 * row + 3 * pixel + c);
      FloatVector y23 = FloatVector.fromArray(SPECIES, y, at + 2 * row + 3 * pixel + c);
      FloatVector y33 = FloatVector.fromArray(SPECIES, y, at + 3 * row + 3 * pixel + c);
      FloatVector e3 = y23.fma(rr, y03);
      FloatVector o3 = y33.fma(rr, y13).mul(r);
      FloatVector p3 = e3.add(o3);
      FloatVector q3 = e3.sub(o3);
      FloatVector z3 = FloatVector.fromArray(SPECIES, y, edgeAt + 3 * pixel + c);
      FloatVector ze = z2.fma(aa, z0);
      FloatVector zo = z3.fma(aa, z1).mul(a);
      FloatVector zf = z2.fma(bb, z0);
      FloatVector zu = z3.fma(bb, z1).mul(b);
      z0.intoArray(m, edgeTo + 0 * point + c);
      ze.add(zo).intoArray(m, edgeTo + 1 * point + c);
      ze.sub(zo).intoArray(m, edgeTo + 2 * point + c);
      zf.add(zu).intoArray(m, edgeTo + 3 * point + c);
      zf.sub(zu).intoArray(m, edgeTo + 4 * point + c);
      z3.intoArray(m, edgeTo + 5 * point + c);
      FloatVector pe = p2.fma(aa, p0);
      FloatVector po = p3.fma(aa, p1).mul(a);
      FloatVector pf = p2.fma(bb, p0);
      FloatVector pu = p3.fma(bb, p1).mul(b);
      p0.intoArray(m, pairTo + 0 * point + c);
      pe.add(po).intoArray(m, pairTo + 1 * point + c);
      pe.sub(po).intoArray(m, pairTo + 2 * point + c);
      pf.add(pu).intoArray(m, pairTo + 3 * point + c);
      pf.sub(pu).intoArray(m, pairTo + 4 * point + c);
      p3.intoArray(m, pairTo + 5 * point + c);
      FloatVector qe = q2.fma(aa, q0);
      FloatVector qo = q3.fma(aa, q1).mul(a);
      FloatVector qf = q2.fma(bb, q0);
      FloatVector qu = q3.fma(bb, q1).mul(b);
      q0.intoArray(m, pairTo + 6 * point + c);
      qe.add(qo).intoArray(m, pairTo + 7 * point + c);
      qe.sub(qo).intoArray(m, pairTo + 8 * point + c);
      qf.add(qu).intoArray(m, pairTo + 9 * point + c);
      qf.sub(qu).intoArray(m, pairTo + 10 * point + c);
      q3.intoArray(m, pairTo + 11 * point + c);
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
