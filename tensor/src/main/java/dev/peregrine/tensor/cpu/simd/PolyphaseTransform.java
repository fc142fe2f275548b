package dev.peregrine.tensor.cpu.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The transforms of a 3x3 convolution of stride 2, {@link WinogradForm#POLYPHASE}: vectors run over
 * channels.
 *
 * <p>Along one axis, output i is {@code w0 o(i) + w1 e(i) + w2 o(i + 1)}, where the o are every
 * second input and the e those between. The taps w0 and w2 alone are a convolution of stride 1 with
 * two taps, and two of its outputs take three products, F(2, 2): {@code (o0 - o1) w0}, {@code o1
 * (w0 + w2)} and {@code (o2 - o1) w2}; the first output is the sum of the first two, the second
 * that of the last two. The tap between adds {@code e0 w1} to one output and {@code e1 w1} to the
 * other, so these join the sums of the first and the last product and need none of their own.
 *
 * <p>Hence along one axis three products of 2, 1 and 2 values, and in two dimensions nine of 4, 2,
 * 4, 2, 1, 2, 4, 2, 4 values: 25 multiplications for the 36 of 2x2 outputs. An input tile of 5x5 is
 * transformed into 25 values by 20 subtractions, and 9 products into 4 outputs by 10 additions. All
 * factors are 1, so nothing is lost but a rounding of each difference.
 *
 * <p>Source: S. Winograd, Arithmetic Complexity of Computations, 1980, for F(2, 2).
 */
final class PolyphaseTransform {
  private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
  private static final int LANES = SPECIES.length();

  /** Values along one axis. */
  private static final int VALUES = 5;

  /** The value whose filter is a sum. */
  private static final int MIDDLE = 2;

  /** The tap of each value along one axis. */
  private static final int[] FIRST_TAPS = {0, 1, 0, 2, 1};

  /** Where the values lie, counted product by product. */
  private static final int[] PLACES = {
    0, 1, 4, 6, 7, 2, 3, 5, 8, 9, 10, 11, 12, 13, 14, 15, 16, 19, 21, 22, 17, 18, 20, 23, 24
  };

  private PolyphaseTransform() {}

  /** Transforms a tile of the input, see {@link WinogradForm#input}. */
  static void input(
      float[] x, int at, int row, int pixel, float[] v, int to, int value, int channels) {
    for (int c = 0; c < channels; c += LANES) {
      FloatVector x02 = FloatVector.fromArray(SPECIES, x, at + 0 * row + 2 * pixel + c);
      FloatVector x12 = FloatVector.fromArray(SPECIES, x, at + 1 * row + 2 * pixel + c);
      FloatVector x22 = FloatVector.fromArray(SPECIES, x, at + 2 * row + 2 * pixel + c);
      FloatVector x32 = FloatVector.fromArray(SPECIES, x, at + 3 * row + 2 * pixel + c);
      FloatVector x42 = FloatVector.fromArray(SPECIES, x, at + 4 * row + 2 * pixel + c);
      x02.sub(x22).intoArray(v, to + 4 * value + c);
      x12.intoArray(v, to + 5 * value + c);
      x22.intoArray(v, to + 12 * value + c);
      x42.sub(x22).intoArray(v, to + 19 * value + c);
      x32.intoArray(v, to + 20 * value + c);
      FloatVector d00 = FloatVector.fromArray(SPECIES, x, at + 0 * row + 0 * pixel + c).sub(x02);
      FloatVector d10 = FloatVector.fromArray(SPECIES, x, at + 1 * row + 0 * pixel + c).sub(x12);
      FloatVector d20 = FloatVector.fromArray(SPECIES, x, at + 2 * row + 0 * pixel + c).sub(x22);
      FloatVector d30 = FloatVector.fromArray(SPECIES, x, at + 3 * row + 0 * pixel + c).sub(x32);
      FloatVector d40 = FloatVector.fromArray(SPECIES, x, at + 4 * row + 0 * pixel + c).sub(x42);
      d00.sub(d20).intoArray(v, to + 0 * value + c);
      d10.intoArray(v, to + 2 * value + c);
      d20.intoArray(v, to + 10 * value + c);
      d40.sub(d20).intoArray(v, to + 15 * value + c);
      d30.intoArray(v, to + 17 * value + c);
      FloatVector d04 = FloatVector.fromArray(SPECIES, x, at + 0 * row + 4 * pixel + c).sub(x02);
      FloatVector d14 = FloatVector.fromArray(SPECIES, x, at + 1 * row + 4 * pixel + c).sub(x12);
      FloatVector d24 = FloatVector.fromArray(SPECIES, x, at + 2 * row + 4 * pixel + c).sub(x22);
      FloatVector d34 = FloatVector.fromArray(SPECIES, x, at + 3 * row + 4 * pixel + c).sub(x32);
      FloatVector d44 = FloatVector.fromArray(SPECIES, x, at + 4 * row + 4 * pixel + c).sub(x42);
      d04.sub(d24).intoArray(v, to + 6 * value + c);
      d14.intoArray(v, to + 8 * value + c);
      d24.intoArray(v, to + 13 * value + c);
      d44.sub(d24).intoArray(v, to + 21 * value + c);
      d34.intoArray(v, to + 23 * value + c);
      FloatVector x01 = FloatVector.fromArray(SPECIES, x, at + 0 * row + 1 * pixel + c);
      FloatVector x11 = FloatVector.fromArray(SPECIES, x, at + 1 * row + 1 * pixel + c);
      FloatVector x21 = FloatVector.fromArray(SPECIES, x, at + 2 * row + 1 * pixel + c);
      FloatVector x31 = FloatVector.fromArray(SPECIES, x, at + 3 * row + 1 * pixel + c);
      FloatVector x41 = FloatVector.fromArray(SPECIES, x, at + 4 * row + 1 * pixel + c);
      x01.sub(x21).intoArray(v, to + 1 * value + c);
      x11.intoArray(v, to + 3 * value + c);
      x21.intoArray(v, to + 11 * value + c);
      x41.sub(x21).intoArray(v, to + 16 * value + c);
      x31.intoArray(v, to + 18 * value + c);
      FloatVector x03 = FloatVector.fromArray(SPECIES, x, at + 0 * row + 3 * pixel + c);
      FloatVector x13 = FloatVector.fromArray(SPECIES, x, at + 1 * row + 3 * pixel + c);
      FloatVector x23 = FloatVector.fromArray(SPECIES, x, at + 2 * row + 3 * pixel + c);
      FloatVector x33 = FloatVector.fromArray(SPECIES, x, at + 3 * row + 3 * pixel + c);
      FloatVector x43 = FloatVector.fromArray(SPECIES, x, at + 4 * row + 3 * pixel + c);
      x03.sub(x23).intoArray(v, to + 7 * value + c);
      x13.intoArray(v, to + 9 * value + c);
      x23.intoArray(v, to + 14 * value + c);
      x43.sub(x23).intoArray(v, to + 22 * value + c);
      x33.intoArray(v, to + 24 * value + c);
    }
  }

  /** Transforms products into outputs, see {@link WinogradForm#output}. */
  static void output(float[] m, int at, int product, float[] y, int size) {
    for (int c = 0; c < size; c += LANES) {
      FloatVector m00 = FloatVector.fromArray(SPECIES, m, at + 0 * product + c);
      FloatVector m10 = FloatVector.fromArray(SPECIES, m, at + 3 * product + c);
      FloatVector m20 = FloatVector.fromArray(SPECIES, m, at + 6 * product + c);
      FloatVector r00 = m00.add(m10);
      FloatVector r10 = m10.add(m20);
      FloatVector m01 = FloatVector.fromArray(SPECIES, m, at + 1 * product + c);
      FloatVector m11 = FloatVector.fromArray(SPECIES, m, at + 4 * product + c);
      FloatVector m21 = FloatVector.fromArray(SPECIES, m, at + 7 * product + c);
      FloatVector r01 = m01.add(m11);
      FloatVector r11 = m11.add(m21);
      FloatVector m02 = FloatVector.fromArray(SPECIES, m, at + 2 * product + c);
      FloatVector m12 = FloatVector.fromArray(SPECIES, m, at + 5 * product + c);
      FloatVector m22 = FloatVector.fromArray(SPECIES, m, at + 8 * product + c);
      FloatVector r02 = m02.add(m12);
      FloatVector r12 = m12.add(m22);
      r00.add(r01).intoArray(y, 0 * size + c);
      r01.add(r02).intoArray(y, 1 * size + c);
      r10.add(r11).intoArray(y, 2 * size + c);
      r11.add(r12).intoArray(y, 3 * size + c);
    }
  }

  /**
   * Transforms filters, see {@link WinogradForm#filters}: along an axis each value is one tap, but
   * that in the middle is the sum of the outer taps.
   */
  static void filters(float[] w, int at, int tap, float[] u, int to, int value, int size) {
    for (int i = 0; i < PLACES.length; i++) {
      int row = i / VALUES;
      int column = i % VALUES;
      int first = at + (3 * FIRST_TAPS[row] + FIRST_TAPS[column]) * tap;
      int target = to + PLACES[i] * value;
      System.arraycopy(w, first, u, target, size);
      if (row == MIDDLE) {
        add(w, first + 6 * tap, u, target, size);
      }
      if (column == MIDDLE) {
        add(w, first + 2 * tap, u, target, size);
      }
      if (row == MIDDLE && column == MIDDLE) {
        add(w, first + 8 * tap, u, target, size);
      }
    }
  }

  private static void add(float[] w, int at, float[] u, int to, int size) {
    for (int c = 0; c < size; c++) {
      u[to + c] += w[at + c];
    }
  }
}
