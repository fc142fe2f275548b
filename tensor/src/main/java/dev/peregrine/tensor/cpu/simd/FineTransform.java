package dev.peregrine.tensor.cpu.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The transforms of F(2x2, 3x3), {@link WinogradForm#FINE}: vectors run over channels.
 *
 * <p>Along one axis two outputs of three taps come from four inputs by the points 0, 1, -1 and
 * infinity: four multiplications for six, and in two dimensions 16 for 36. That is less than {@link
 * WinogradTransform} saves, but the transformed filters are 16/9 of the filters instead of four
 * times as large, and on a small map fewer outputs are computed beyond its border.
 *
 * <p>Source: A. Lavin, S. Gray, Fast Algorithms for Convolutional Neural Networks, CVPR 2016.
 */
final class FineTransform {
  private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
  private static final int LANES = SPECIES.length();

  private FineTransform() {}

  /** Transforms a tile of the input, see {@link WinogradForm#input}. */
  static void input(
      float[] x, int at, int row, int pixel, float[] v, int to, int value, int channels) {
    for (int c = 0; c < channels; c += LANES) {
      FloatVector x00 = FloatVector.fromArray(SPECIES, x, at + 0 * row + 0 * pixel + c);
      FloatVector x10 = FloatVector.fromArray(SPECIES, x, at + 1 * row + 0 * pixel + c);
      FloatVector x20 = FloatVector.fromArray(SPECIES, x, at + 2 * row + 0 * pixel + c);
      FloatVector x30 = FloatVector.fromArray(SPECIES, x, at + 3 * row + 0 * pixel + c);
      FloatVector t00 = x00.sub(x20);
      FloatVector t10 = x10.add(x20);
      FloatVector t20 = x20.sub(x10);
      FloatVector t30 = x10.sub(x30);
      FloatVector x01 = FloatVector.fromArray(SPECIES, x, at + 0 * row + 1 * pixel + c);
      FloatVector x11 = FloatVector.fromArray(SPECIES, x, at + 1 * row + 1 * pixel + c);
      FloatVector x21 = FloatVector.fromArray(SPECIES, x, at + 2 * row + 1 * pixel + c);
      FloatVector x31 = FloatVector.fromArray(SPECIES, x, at + 3 * row + 1 * pixel + c);
      FloatVector t01 = x01.sub(x21);
      FloatVector t11 = x11.add(x21);
      FloatVector t21 = x21.sub(x11);
      FloatVector t31 = x11.sub(x31);
      FloatVector x02 = FloatVector.fromArray(SPECIES, x, at + 0 * row + 2 * pixel + c);
      FloatVector x12 = FloatVector.fromArray(SPECIES, x, at + 1 * row + 2 * pixel + c);
      FloatVector x22 = FloatVector.fromArray(SPECIES, x, at + 2 * row + 2 * pixel + c);
      FloatVector x32 = FloatVector.fromArray(SPECIES, x, at + 3 * row + 2 * pixel + c);
      FloatVector t02 = x02.sub(x22);
      FloatVector t12 = x12.add(x22);
      FloatVector t22 = x22.sub(x12);
      FloatVector t32 = x12.sub(x32);
      FloatVector x03 = FloatVector.fromArray(SPECIES, x, at + 0 * row + 3 * pixel + c);
      FloatVector x13 = FloatVector.fromArray(SPECIES, x, at + 1 * row + 3 * pixel + c);
      FloatVector x23 = FloatVector.fromArray(SPECIES, x, at + 2 * row + 3 * pixel + c);
      FloatVector x33 = FloatVector.fromArray(SPECIES, x, at + 3 * row + 3 * pixel + c);
      FloatVector t03 = x03.sub(x23);
      FloatVector t13 = x13.add(x23);
      FloatVector t23 = x23.sub(x13);
      FloatVector t33 = x13.sub(x33);
      t00.sub(t02).intoArray(v, to + 0 * value + c);
      t01.add(t02).intoArray(v, to + 1 * value + c);
      t02.sub(t01).intoArray(v, to + 2 * value + c);
      t01.sub(t03).intoArray(v, to + 3 * value + c);
      t10.sub(t12).intoArray(v, to + 4 * value + c);
      t11.add(t12).intoArray(v, to + 5 * value + c);
      t12.sub(t11).intoArray(v, to + 6 * value + c);
      t11.sub(t13).intoArray(v, to + 7 * value + c);
      t20.sub(t22).intoArray(v, to + 8 * value + c);
      t21.add(t22).intoArray(v, to + 9 * value + c);
      t22.sub(t21).intoArray(v, to + 10 * value + c);
      t21.sub(t23).intoArray(v, to + 11 * value + c);
      t30.sub(t32).intoArray(v, to + 12 * value + c);
      t31.add(t32).intoArray(v, to + 13 * value + c);
      t32.sub(t31).intoArray(v, to + 14 * value + c);
      t31.sub(t33).intoArray(v, to + 15 * value + c);
    }
  }

  /** Transforms products into outputs, see {@link WinogradForm#output}. */
  static void output(float[] m, int at, int product, float[] y, int size) {
    for (int c = 0; c < size; c += LANES) {
      FloatVector m00 = FloatVector.fromArray(SPECIES, m, at + 0 * product + c);
      FloatVector m10 = FloatVector.fromArray(SPECIES, m, at + 4 * product + c);
      FloatVector m20 = FloatVector.fromArray(SPECIES, m, at + 8 * product + c);
      FloatVector m30 = FloatVector.fromArray(SPECIES, m, at + 12 * product + c);
      FloatVector r00 = m00.add(m10).add(m20);
      FloatVector r10 = m10.sub(m20).sub(m30);
      FloatVector m01 = FloatVector.fromArray(SPECIES, m, at + 1 * product + c);
      FloatVector m11 = FloatVector.fromArray(SPECIES, m, at + 5 * product + c);
      FloatVector m21 = FloatVector.fromArray(SPECIES, m, at + 9 * product + c);
      FloatVector m31 = FloatVector.fromArray(SPECIES, m, at + 13 * product + c);
      FloatVector r01 = m01.add(m11).add(m21);
      FloatVector r11 = m11.sub(m21).sub(m31);
      FloatVector m02 = FloatVector.fromArray(SPECIES, m, at + 2 * product + c);
      FloatVector m12 = FloatVector.fromArray(SPECIES, m, at + 6 * product + c);
      FloatVector m22 = FloatVector.fromArray(SPECIES, m, at + 10 * product + c);
      FloatVector m32 = FloatVector.fromArray(SPECIES, m, at + 14 * product + c);
      FloatVector r02 = m02.add(m12).add(m22);
      FloatVector r12 = m12.sub(m22).sub(m32);
      FloatVector m03 = FloatVector.fromArray(SPECIES, m, at + 3 * product + c);
      FloatVector m13 = FloatVector.fromArray(SPECIES, m, at + 7 * product + c);
      FloatVector m23 = FloatVector.fromArray(SPECIES, m, at + 11 * product + c);
      FloatVector m33 = FloatVector.fromArray(SPECIES, m, at + 15 * product + c);
      FloatVector r03 = m03.add(m13).add(m23);
      FloatVector r13 = m13.sub(m23).sub(m33);
      r00.add(r01).add(r02).intoArray(y, 0 * size + c);
      r01.sub(r02).sub(r03).intoArray(y, 1 * size + c);
      r10.add(r11).add(r12).intoArray(y, 2 * size + c);
      r11.sub(r12).sub(r13).intoArray(y, 3 * size + c);
    }
  }

  /** Transforms filters, see {@link WinogradForm#filters}. */
  static void filters(float[] w, int at, int tap, float[] u, int to, int value, int size) {
    for (int c = 0; c < size; c += LANES) {
      FloatVector w00 = FloatVector.fromArray(SPECIES, w, at + 0 * tap + c);
      FloatVector w10 = FloatVector.fromArray(SPECIES, w, at + 3 * tap + c);
      FloatVector w20 = FloatVector.fromArray(SPECIES, w, at + 6 * tap + c);
      FloatVector s0 = w00.add(w20).mul(0.5f);
      FloatVector h0 = w10.mul(0.5f);
      FloatVector t00 = w00;
      FloatVector t10 = s0.add(h0);
      FloatVector t20 = s0.sub(h0);
      FloatVector t30 = w20;
      FloatVector w01 = FloatVector.fromArray(SPECIES, w, at + 1 * tap + c);
      FloatVector w11 = FloatVector.fromArray(SPECIES, w, at + 4 * tap + c);
      FloatVector w21 = FloatVector.fromArray(SPECIES, w, at + 7 * tap + c);
      FloatVector s1 = w01.add(w21).mul(0.5f);
      FloatVector h1 = w11.mul(0.5f);
      FloatVector t01 = w01;
      FloatVector t11 = s1.add(h1);
      FloatVector t21 = s1.sub(h1);
      FloatVector t31 = w21;
      FloatVector w02 = FloatVector.fromArray(SPECIES, w, at + 2 * tap + c);
      FloatVector w12 = FloatVector.fromArray(SPECIES, w, at + 5 * tap + c);
      FloatVector w22 = FloatVector.fromArray(SPECIES, w, at + 8 * tap + c);
      FloatVector s2 = w02.add(w22).mul(0.5f);
      FloatVector h2 = w12.mul(0.5f);
      FloatVector t02 = w02;
      FloatVector t12 = s2.add(h2);
      FloatVector t22 = s2.sub(h2);
      FloatVector t32 = w22;
      FloatVector a0 = t00.add(t02).mul(0.5f);
      FloatVector b0 = t01.mul(0.5f);
      t00.intoArray(u, to + 0 * value + c);
      a0.add(b0).intoArray(u, to + 1 * value + c);
      a0.sub(b0).intoArray(u, to + 2 * value + c);
      t02.intoArray(u, to + 3 * value + c);
      FloatVector a1 = t10.add(t12).mul(0.5f);
      FloatVector b1 = t11.mul(0.5f);
      t10.intoArray(u, to + 4 * value + c);
      a1.add(b1).intoArray(u, to + 5 * value + c);
      a1.sub(b1).intoArray(u, to + 6 * value + c);
      t12.intoArray(u, to + 7 * value + c);
      FloatVector a2 = t20.add(t22).mul(0.5f);
      FloatVector b2 = t21.mul(0.5f);
      t20.intoArray(u, to + 8 * value + c);
      a2.add(b2).intoArray(u, to + 9 * value + c);
      a2.sub(b2).intoArray(u, to + 10 * value + c);
      t22.intoArray(u, to + 11 * value + c);
      FloatVector a3 = t30.add(t32).mul(0.5f);
      FloatVector b3 = t31.mul(0.5f);
      t30.intoArray(u, to + 12 * value + c);
      a3.add(b3).intoArray(u, to + 13 * value + c);
      a3.sub(b3).intoArray(u, to + 14 * value + c);
      t32.intoArray(u, to + 15 * value + c);
    }
  }
}
