package dev.peregrine.bench.ladder;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The three transforms of Winograd's F(4, 3), each along one direction and for one vector of
 * channels.
 *
 * <p>Four neighbouring outputs of a three-tap filter need twelve products. Seen as polynomials,
 * they are coefficients of a product of degree five, which its values at six points determine: 0,
 * 1, -1, 2, -2 and infinity. So the filter and the input are evaluated at the points, the six
 * values multiplied, and the four outputs read off. In two directions 36 products do the work of
 * 144.
 *
 * <p><b>Source</b> Lavin and Gray 2016, "Fast Algorithms for Convolutional Neural Networks".
 */
final class Transforms {
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;

  private Transforms() {}

  private static FloatVector load(float[] array, int at) {
    return FloatVector.fromArray(S, array, at);
  }

  /** Six numbers of the input, {@code stride} apart, to six values. */
  static void input(float[] x, int at, int stride, float[] v, int to, int step) {
    FloatVector d0 = load(x, at);
    FloatVector d1 = load(x, at + stride);
    FloatVector d2 = load(x, at + 2 * stride);
    FloatVector d3 = load(x, at + 3 * stride);
    FloatVector d4 = load(x, at + 4 * stride);
    FloatVector d5 = load(x, at + 5 * stride);
    d0.mul(4).sub(d2.mul(5)).add(d4).intoArray(v, to);
    FloatVector even = d4.sub(d2.mul(4));
    FloatVector odd = d3.sub(d1.mul(4));
    even.add(odd).intoArray(v, to + step);
    even.sub(odd).intoArray(v, to + 2 * step);
    even = d4.sub(d2);
    odd = d3.sub(d1).mul(2);
    even.add(odd).intoArray(v, to + 3 * step);
    even.sub(odd).intoArray(v, to + 4 * step);
    d1.mul(4).sub(d3.mul(5)).add(d5).intoArray(v, to + 5 * step);
  }

  /** Six products, {@code stride} apart, to four outputs. */
  static void output(float[] m, int at, int stride, float[] y, int to, int step) {
    FloatVector m1 = load(m, at + stride);
    FloatVector m2 = load(m, at + 2 * stride);
    FloatVector m3 = load(m, at + 3 * stride);
    FloatVector m4 = load(m, at + 4 * stride);
    FloatVector even = m1.add(m2);
    FloatVector odd = m1.sub(m2);
    FloatVector evenTwo = m3.add(m4);
    FloatVector oddTwo = m3.sub(m4);
    load(m, at).add(even).add(evenTwo).intoArray(y, to);
    odd.add(oddTwo.mul(2)).intoArray(y, to + step);
    even.add(evenTwo.mul(4)).intoArray(y, to + 2 * step);
    odd.add(oddTwo.mul(8)).add(load(m, at + 5 * stride)).intoArray(y, to + 3 * step);
  }

  /** Three taps, {@code stride} apart, to six values. */
  private static void filter(double[] w, int at, int stride, double[] u, int to, int step) {
    double even = w[at] + w[at + 2 * stride];
    double odd = w[at + stride];
    double evenTwo = w[at] + 4 * w[at + 2 * stride];
    double oddTwo = 2 * w[at + stride];
    u[to] = w[at] / 4;
    u[to + step] = -(even + odd) / 6;
    u[to + 2 * step] = -(even - odd) / 6;
    u[to + 3 * step] = (evenTwo + oddTwo) / 24;
    u[to + 4 * step] = (evenTwo - oddTwo) / 24;
    u[to + 5 * step] = w[at + 2 * stride];
  }

  /** Transforms all filters, once for each network; packed, one matrix for each of 36 places. */
  static float[][] filters(Problem p) {
    int size = p.in() * p.out();
    float[][] u = new float[36][size];
    double[] taps = new double[9];
    double[] half = new double[18];
    double[] full = new double[36];
    for (int k = 0; k < size; k++) {
      for (int tap = 0; tap < 9; tap++) {
        taps[tap] = p.filters()[tap * size + k];
      }
      for (int column = 0; column < 3; column++) {
        filter(taps, column, 3, half, column, 3);
      }
      for (int row = 0; row < 6; row++) {
        filter(half, 3 * row, 1, full, 6 * row, 1);
      }
      for (int place = 0; place < 36; place++) {
        u[place][k] = (float) full[place];
      }
    }
    for (int place = 0; place < 36; place++) {
      u[place] = Packed.pack(u[place], p.in(), p.out());
    }
    return u;
  }
}
