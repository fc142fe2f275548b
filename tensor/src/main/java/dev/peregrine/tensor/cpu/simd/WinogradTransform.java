package dev.peregrine.tensor.cpu.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The transforms of the input and the output in Winograd's convolution F(4x4, 3x3): vectors run
 * over channels, and everything else is a few additions of whole vectors.
 *
 * <p>An output tile of 4x4 comes from an input tile of 6x6: with the matrices A, B and G of a set
 * of points, a tile is {@code A' [(G g G') * (B' d B)] A}, 36 multiplications for what takes 144
 * otherwise. Both dimensions are transformed one after the other, with 12 operations for six
 * numbers at the input and 12 for four at the output.
 *
 * <p>The points are 0, the near ones +-3/4, the far ones +-3/2, and infinity. They cost no more
 * than the usual 1 and 2 and keep the error to less than half, since the largest factor between the
 * matrices' entries is smaller; all factors but those of the filters are exact in f32.
 *
 * <p>Each body is one straight line without a loop over the tile, so that the numbers between the
 * two dimensions stay in registers. All 36 of them would be too many; each half of the results
 * needs but 18, so a tile is done in two halves that read most of it twice and store nothing in
 * between.
 *
 * <p>Source: A. Lavin, S. Gray, Fast Algorithms for Convolutional Neural Networks, CVPR 2016; the
 * influence of the points: B. Barabasz et al., Error Analysis and Improving the Accuracy of
 * Winograd Convolution for Deep Neural Networks, 2020.
 */
final class WinogradTransform {
  private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
  private static final int LANES = SPECIES.length();

  /** Rows and columns of an output tile. */
  static final int OUT = 4;

  /** Rows and columns of an input tile. */
  static final int IN = 6;

  /** Products of a tile. */
  static final int POINTS = IN * IN;

  /** The near points, one on each side of zero. */
  static final float A = 0.75f;

  /** The far points. */
  static final float B = 1.5f;

  /**
   * The factors as vectors in memory: of a factor that is a constant of the program, the compiler
   * makes a vector at each of its hundred uses.
   */
  static final float[] FACTORS =
      vectors(
          A, B, A * A, B * B, A * A * A, B * B * B, -A * A, -B * B, A * A * B * B, -A * A - B * B);

  private WinogradTransform() {}

  /** Returns a vector in memory for each value. */
  static float[] vectors(float... values) {
    float[] vectors = new float[values.length * LANES];
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] = values[i / LANES];
    }
    return vectors;
  }

  /**
   * Transforms a tile of the input.
   *
   * @param x the input
   * @param at the tile's first pixel
   * @param row from a row of pixels to the next
   * @param pixel from a pixel to the next
   * @param v the transformed tile
   * @param to its first number
   * @param point from one of the {@link #POINTS} to the next
   * @param channels how many, rounded up to whole vectors
   */
  static void input(
      float[] x, int at, int row, int pixel, float[] v, int to, int point, int channels) {
    inputLeft(x, at, row, pixel, v, to, point, channels);
    inputRight(x, at, row, pixel, v, to, point, channels);
  }

  /** Makes columns 0, 1 and 2 of the transformed tile. */
  private static void inputLeft(
      float[] x, int at, int row, int pixel, float[] v, int to, int point, int channels) {
    FloatVector a = FloatVector.fromArray(SPECIES, FACTORS, 0 * LANES);
    FloatVector b = FloatVector.fromArray(SPECIES, FACTORS, 1 * LANES);
    FloatVector minusAA = FloatVector.fromArray(SPECIES, FACTORS, 6 * LANES);
    FloatVector minusBB = FloatVector.fromArray(SPECIES, FACTORS, 7 * LANES);
    FloatVector product = FloatVector.fromArray(SPECIES, FACTORS, 8 * LANES);
    FloatVector minusSum = FloatVector.fromArray(SPECIES, FACTORS, 9 * LANES);
    for (int c = 0; c < channels; c += LANES) {
      FloatVector x00 = FloatVector.fromArray(SPECIES, x, at + 0 * row + 0 * pixel + c);
      FloatVector x01 = FloatVector.fromArray(SPECIES, x, at + 0 * row + 1 * pixel + c);
      FloatVector x02 = FloatVector.fromArray(SPECIES, x, at + 0 * row + 2 * pixel + c);
      FloatVector x03 = FloatVector.fromArray(SPECIES, x, at + 0 * row + 3 * pixel + c);
      FloatVector x04 = FloatVector.fromArray(SPECIES, x, at + 0 * row + 4 * pixel + c);
      FloatVector t00a = x02.fma(minusBB, x04);
      FloatVector t00b = x01.fma(minusBB, x03).mul(a);
      FloatVector t00 = x00.fma(product, x02.fma(minusSum, x04));
      FloatVector t01 = t00a.add(t00b);
      FloatVector t02 = t00a.sub(t00b);
      FloatVector x10 = FloatVector.fromArray(SPECIES, x, at + 1 * row + 0 * pixel + c);
      FloatVector x11 = FloatVector.fromArray(SPECIES, x, at + 1 * row + 1 * pixel + c);
      FloatVector x12 = FloatVector.fromArray(SPECIES, x, at + 1 * row + 2 * pixel + c);
      FloatVector x13 = FloatVector.fromArray(SPECIES, x, at + 1 * row + 3 * pixel + c);
      FloatVector x14 = FloatVector.fromArray(SPECIES, x, at + 1 * row + 4 * pixel + c);
      FloatVector t10a = x12.fma(minusBB, x14);
      FloatVector t10b = x11.fma(minusBB, x13).mul(a);
      FloatVector t10 = x10.fma(product, x12.fma(minusSum, x14));
      FloatVector t11 = t10a.add(t10b);
      FloatVector t12 = t10a.sub(t10b);
      FloatVector x20 = FloatVector.fromArray(SPECIES, x, at + 2 * row + 0 * pixel + c);
      FloatVector x21 = FloatVector.fromArray(SPECIES, x, at + 2 * row + 1 * pixel + c);
      FloatVector x22 = FloatVector.fromArray(SPECIES, x, at + 2 * row + 2 * pixel + c);
      FloatVector x23 = FloatVector.fromArray(SPECIES, x, at + 2 * row + 3 * pixel + c);
      FloatVector x24 = FloatVector.fromArray(SPECIES, x, at + 2 * row + 4 * pixel + c);
      FloatVector t20a = x22.fma(minusBB, x24);
      FloatVector t20b = x21.fma(minusBB, x23).mul(a);
      FloatVector t20 = x20.fma(product, x22.fma(minusSum, x24));
      FloatVector t21 = t20a.add(t20b);
      FloatVector t22 = t20a.sub(t20b);
      FloatVector x30 = FloatVector.fromArray(SPECIES, x, at + 3 * row + 0 * pixel + c);
      FloatVector x31 = FloatVector.fromArray(SPECIES, x, at + 3 * row + 1 * pixel + c);
      FloatVector x32 = FloatVector.fromArray(SPECIES, x, at + 3 * row + 2 * pixel + c);
      FloatVector x33 = FloatVector.fromArray(SPECIES, x, at + 3 * row + 3 * pixel + c);
      FloatVector x34 = FloatVector.fromArray(SPECIES, x, at + 3 * row + 4 * pixel + c);
      FloatVector t30a = x32.fma(minusBB, x34);
      FloatVector t30b = x31.fma(minusBB, x33).mul(a);
      FloatVector t30 = x30.fma(product, x32.fma(minusSum, x34));
      FloatVector t31 = t30a.add(t30b);
      FloatVector t32 = t30a.sub(t30b);
      FloatVector x40 = FloatVector.fromArray(SPECIES, x, at + 4 * row + 0 * pixel + c);
      FloatVector x41 = FloatVector.fromArray(SPECIES, x, at + 4 * row + 1 * pixel + c);
      FloatVector x42 = FloatVector.fromArray(SPECIES, x, at + 4 * row + 2 * pixel + c);
      FloatVector x43 = FloatVector.fromArray(SPECIES, x, at + 4 * row + 3 * pixel + c);
      FloatVector x44 = FloatVector.fromArray(SPECIES, x, at + 4 * row + 4 * pixel + c);
      FloatVector t40a = x42.fma(minusBB, x44);
      FloatVector t40b = x41.fma(minusBB, x43).mul(a);
      FloatVector t40 = x40.fma(product, x42.fma(minusSum, x44));
      FloatVector t41 = t40a.add(t40b);
      FloatVector t42 = t40a.sub(t40b);
      FloatVector x50 = FloatVector.fromArray(SPECIES, x, at + 5 * row + 0 * pixel + c);
      FloatVector x51 = FloatVector.fromArray(SPECIES, x, at + 5 * row + 1 * pixel + c);
      FloatVector x52 = FloatVector.fromArray(SPECIES, x, at + 5 * row + 2 * pixel + c);
      FloatVector x53 = FloatVector.fromArray(SPECIES, x, at + 5 * row + 3 * pixel + c);
      FloatVector x54 = FloatVector.fromArray(SPECIES, x, at + 5 * row + 4 * pixel + c);
      FloatVector t50a = x52.fma(minusBB, x54);
      FloatVector t50b = x51.fma(minusBB, x53).mul(a);
      FloatVector t50 = x50.fma(product, x52.fma(minusSum, x54));
      FloatVector t51 = t50a.add(t50b);
      FloatVector t52 = t50a.sub(t50b);
      FloatVector v00a = t20.fma(minusBB, t40);
      FloatVector v00b = t10.fma(minusBB, t30).mul(a);
      FloatVector v00 = t00.fma(product, t20.fma(minusSum, t40));
      FloatVector v10 = v00a.add(v00b);
      FloatVector v20 = v00a.sub(v00b);
      FloatVector v30c = t20.fma(minusAA, t40);
      FloatVector v30e = t10.fma(minusAA, t30).mul(b);
      FloatVector v30 = v30c.add(v30e);
      FloatVector v40 = v30c.sub(v30e);
      FloatVector v50 = t10.fma(product, t30.fma(minusSum, t50));
      v00.intoArray(v, to + 0 * point + c);
      v10.intoArray(v, to + 6 * point + c);
      v20.intoArray(v, to + 12 * point + c);
      v30.intoArray(v, to + 18 * point + c);
      v40.intoArray(v, to + 24 * point + c);
      v50.intoArray(v, to + 30 * point + c);
      FloatVector v01a = t21.fma(minusBB, t41);
      FloatVector v01b = t11.fma(minusBB, t31).mul(a);
      FloatVector v01 = t01.fma(product, t21.fma(minusSum, t41));
      FloatVector v11 = v01a.add(v01b);
      FloatVector v21 = v01a.sub(v01b);
      FloatVector v31c = t21.fma(minusAA, t41);
      FloatVector v31e = t11.fma(minusAA, t31).mul(b);
      FloatVector v31 = v31c.add(v31e);
      FloatVector v41 = v31c.sub(v31e);
      FloatVector v51 = t11.fma(product, t31.fma(minusSum, t51));
      v01.intoArray(v, to + 1 * point + c);
      v11.intoArray(v, to + 7 * point + c);
      v21.intoArray(v, to + 13 * point + c);
      v31.intoArray(v, to + 19 * point + c);
      v41.intoArray(v, to + 25 * point + c);
      v51.intoArray(v, to + 31 * point + c);
      FloatVector v02a = t22.fma(minusBB, t42);
      FloatVector v02b = t12.fma(minusBB, t32).mul(a);
      FloatVector v02 = t02.fma(product, t22.fma(minusSum, t42));
      FloatVector v12 = v02a.add(v02b);
      FloatVector v22 = v02a.sub(v02b);
      FloatVector v32c = t22.fma(minusAA, t42);
      FloatVector v32e = t12.fma(minusAA, t32).mul(b);
      FloatVector v32 = v32c.add(v32e);
      FloatVector v42 = v32c.sub(v32e);
      FloatVector v52 = t12.fma(product, t32.fma(minusSum, t52));
      v02.intoArray(v, to + 2 * point + c);
      v12.intoArray(v, to + 8 * point + c);
      v22.intoArray(v, to + 14 * point + c);
      v32.intoArray(v, to + 20 * point + c);
      v42.intoArray(v, to + 26 * point + c);
      v52.intoArray(v, to + 32 * point + c);
    }
  }

  /** Makes columns 3, 4 and 5 of the transformed tile. */
  private static void inputRight(
      float[] x, int at, int row, int pixel, float[] v, int to, int point, int channels) {
    FloatVector a = FloatVector.fromArray(SPECIES, FACTORS, 0 * LANES);
    FloatVector b = FloatVector.fromArray(SPECIES, FACTORS, 1 * LANES);
    FloatVector minusAA = FloatVector.fromArray(SPECIES, FACTORS, 6 * LANES);
    FloatVector minusBB = FloatVector.fromArray(SPECIES, FACTORS, 7 * LANES);
    FloatVector product = FloatVector.fromArray(SPECIES, FACTORS, 8 * LANES);
    FloatVector minusSum = FloatVector.fromArray(SPECIES, FACTORS, 9 * LANES);
    for (int c = 0; c < channels; c += LANES) {
      FloatVector x01 = FloatVector.fromArray(SPECIES, x, at + 0 * row + 1 * pixel + c);
      FloatVector x02 = FloatVector.fromArray(SPECIES, x, at + 0 * row + 2 * pixel + c);
      FloatVector x03 = FloatVector.fromArray(SPECIES, x, at + 0 * row + 3 * pixel + c);
      FloatVector x04 = FloatVector.fromArray(SPECIES, x, at + 0 * row + 4 * pixel + c);
      FloatVector x05 = FloatVector.fromArray(SPECIES, x, at + 0 * row + 5 * pixel + c);
      FloatVector t03c = x02.fma(minusAA, x04);
      FloatVector t03e = x01.fma(minusAA, x03).mul(b);
      FloatVector t03 = t03c.add(t03e);
      FloatVector t04 = t03c.sub(t03e);
      FloatVector t05 = x01.fma(product, x03.fma(minusSum, x05));
      FloatVector x11 = FloatVector.fromArray(SPECIES, x, at + 1 * row + 1 * pixel + c);
      FloatVector x12 = FloatVector.fromArray(SPECIES, x, at + 1 * row + 2 * pixel + c);
      FloatVector x13 = FloatVector.fromArray(SPECIES, x, at + 1 * row + 3 * pixel + c);
      FloatVector x14 = FloatVector.fromArray(SPECIES, x, at + 1 * row + 4 * pixel + c);
      FloatVector x15 = FloatVector.fromArray(SPECIES, x, at + 1 * row + 5 * pixel + c);
      FloatVector t13c = x12.fma(minusAA, x14);
      FloatVector t13e = x11.fma(minusAA, x13).mul(b);
      FloatVector t13 = t13c.add(t13e);
      FloatVector t14 = t13c.sub(t13e);
      FloatVector t15 = x11.fma(product, x13.fma(minusSum, x15));
      FloatVector x21 = FloatVector.fromArray(SPECIES, x, at + 2 * row + 1 * pixel + c);
      FloatVector x22 = FloatVector.fromArray(SPECIES, x, at + 2 * row + 2 * pixel + c);
      FloatVector x23 = FloatVector.fromArray(SPECIES, x, at + 2 * row + 3 * pixel + c);
      FloatVector x24 = FloatVector.fromArray(SPECIES, x, at + 2 * row + 4 * pixel + c);
      FloatVector x25 = FloatVector.fromArray(SPECIES, x, at + 2 * row + 5 * pixel + c);
      FloatVector t23c = x22.fma(minusAA, x24);
      FloatVector t23e = x21.fma(minusAA, x23).mul(b);
      FloatVector t23 = t23c.add(t23e);
      FloatVector t24 = t23c.sub(t23e);
      FloatVector t25 = x21.fma(product, x23.fma(minusSum, x25));
      FloatVector x31 = FloatVector.fromArray(SPECIES, x, at + 3 * row + 1 * pixel + c);
      FloatVector x32 = FloatVector.fromArray(SPECIES, x, at + 3 * row + 2 * pixel + c);
      FloatVector x33 = FloatVector.fromArray(SPECIES, x, at + 3 * row + 3 * pixel + c);
      FloatVector x34 = FloatVector.fromArray(SPECIES, x, at + 3 * row + 4 * pixel + c);
      FloatVector x35 = FloatVector.fromArray(SPECIES, x, at + 3 * row + 5 * pixel + c);
      FloatVector t33c = x32.fma(minusAA, x34);
      FloatVector t33e = x31.fma(minusAA, x33).mul(b);
      FloatVector t33 = t33c.add(t33e);
      FloatVector t34 = t33c.sub(t33e);
      FloatVector t35 = x31.fma(product, x33.fma(minusSum, x35));
      FloatVector x41 = FloatVector.fromArray(SPECIES, x, at + 4 * row + 1 * pixel + c);
      FloatVector x42 = FloatVector.fromArray(SPECIES, x, at + 4 * row + 2 * pixel + c);
      FloatVector x43 = FloatVector.fromArray(SPECIES, x, at + 4 * row + 3 * pixel + c);
      FloatVector x44 = FloatVector.fromArray(SPECIES, x, at + 4 * row + 4 * pixel + c);
      FloatVector x45 = FloatVector.fromArray(SPECIES, x, at + 4 * row + 5 * pixel + c);
      FloatVector t43c = x42.fma(minusAA, x44);
      FloatVector t43e = x41.fma(minusAA, x43).mul(b);
      FloatVector t43 = t43c.add(t43e);
      FloatVector t44 = t43c.sub(t43e);
      FloatVector t45 = x41.fma(product, x43.fma(minusSum, x45));
      FloatVector x51 = FloatVector.fromArray(SPECIES, x, at + 5 * row + 1 * pixel + c);
      FloatVector x52 = FloatVector.fromArray(SPECIES, x, at + 5 * row + 2 * pixel + c);
      FloatVector x53 = FloatVector.fromArray(SPECIES, x, at + 5 * row + 3 * pixel + c);
      FloatVector x54 = FloatVector.fromArray(SPECIES, x, at + 5 * row + 4 * pixel + c);
      FloatVector x55 = FloatVector.fromArray(SPECIES, x, at + 5 * row + 5 * pixel + c);
      FloatVector t53c = x52.fma(minusAA, x54);
      FloatVector t53e = x51.fma(minusAA, x53).mul(b);
      FloatVector t53 = t53c.add(t53e);
      FloatVector t54 = t53c.sub(t53e);
      FloatVector t55 = x51.fma(product, x53.fma(minusSum, x55));
      FloatVector v03a = t23.fma(minusBB, t43);
      FloatVector v03b = t13.fma(minusBB, t33).mul(a);
      FloatVector v03 = t03.fma(product, t23.fma(minusSum, t43));
      FloatVector v13 = v03a.add(v03b);
      FloatVector v23 = v03a.sub(v03b);
      FloatVector v33c = t23.fma(minusAA, t43);
      FloatVector v33e = t13.fma(minusAA, t33).mul(b);
      FloatVector v33 = v33c.add(v33e);
      FloatVector v43 = v33c.sub(v33e);
      FloatVector v53 = t13.fma(product, t33.fma(minusSum, t53));
      v03.intoArray(v, to + 3 * point + c);
      v13.intoArray(v, to + 9 * point + c);
      v23.intoArray(v, to + 15 * point + c);
      v33.intoArray(v, to + 21 * point + c);
      v43.intoArray(v, to + 27 * point + c);
      v53.intoArray(v, to + 33 * point + c);
      FloatVector v04a = t24.fma(minusBB, t44);
      FloatVector v04b = t14.fma(minusBB, t34).mul(a);
      FloatVector v04 = t04.fma(product, t24.fma(minusSum, t44));
      FloatVector v14 = v04a.add(v04b);
      FloatVector v24 = v04a.sub(v04b);
      FloatVector v34c = t24.fma(minusAA, t44);
      FloatVector v34e = t14.fma(minusAA, t34).mul(b);
      FloatVector v34 = v34c.add(v34e);
      FloatVector v44 = v34c.sub(v34e);
      FloatVector v54 = t14.fma(product, t34.fma(minusSum, t54));
      v04.intoArray(v, to + 4 * point + c);
      v14.intoArray(v, to + 10 * point + c);
      v24.intoArray(v, to + 16 * point + c);
      v34.intoArray(v, to + 22 * point + c);
      v44.intoArray(v, to + 28 * point + c);
      v54.intoArray(v, to + 34 * point + c);
      FloatVector v05a = t25.fma(minusBB, t45);
      FloatVector v05b = t15.fma(minusBB, t35).mul(a);
      FloatVector v05 = t05.fma(product, t25.fma(minusSum, t45));
      FloatVector v15 = v05a.add(v05b);
      FloatVector v25 = v05a.sub(v05b);
      FloatVector v35c = t25.fma(minusAA, t45);
      FloatVector v35e = t15.fma(minusAA, t35).mul(b);
      FloatVector v35 = v35c.add(v35e);
      FloatVector v45 = v35c.sub(v35e);
      FloatVector v55 = t15.fma(product, t35.fma(minusSum, t55));
      v05.intoArray(v, to + 5 * point + c);
      v15.intoArray(v, to + 11 * point + c);
      v25.intoArray(v, to + 17 * point + c);
      v35.intoArray(v, to + 23 * point + c);
      v45.intoArray(v, to + 29 * point + c);
      v55.intoArray(v, to + 35 * point + c);
    }
  }

  /**
   * Transforms the products of neighbouring tiles into tiles of the output.
   *
   * @param m the products
   * @param at the first one
   * @param point from one of the {@link #POINTS} to the next
   * @param y the tiles, {@code [OUT * OUT][size]}
   * @param size how many numbers lie side by side, whole vectors
   */
  static void output(float[] m, int at, int point, float[] y, int size) {
    outputEven(m, at, point, y, size);
    outputOdd(m, at, point, y, size);
  }

  /** Makes rows 0 and 2 of the tiles. */
  private static void outputEven(float[] m, int at, int point, float[] y, int size) {
    FloatVector a = FloatVector.fromArray(SPECIES, FACTORS, 0 * LANES);
    FloatVector b = FloatVector.fromArray(SPECIES, FACTORS, 1 * LANES);
    FloatVector aa = FloatVector.fromArray(SPECIES, FACTORS, 2 * LANES);
    FloatVector bb = FloatVector.fromArray(SPECIES, FACTORS, 3 * LANES);
    FloatVector aaa = FloatVector.fromArray(SPECIES, FACTORS, 4 * LANES);
    FloatVector bbb = FloatVector.fromArray(SPECIES, FACTORS, 5 * LANES);
    for (int c = 0; c < size; c += LANES) {
      FloatVector m00 = FloatVector.fromArray(SPECIES, m, at + 0 * point + c);
      FloatVector m10 = FloatVector.fromArray(SPECIES, m, at + 6 * point + c);
      FloatVector m20 = FloatVector.fromArray(SPECIES, m, at + 12 * point + c);
      FloatVector m30 = FloatVector.fromArray(SPECIES, m, at + 18 * point + c);
      FloatVector m40 = FloatVector.fromArray(SPECIES, m, at + 24 * point + c);
      FloatVector r00s = m10.add(m20);
      FloatVector r00u = m30.add(m40);
      FloatVector r00 = m00.add(r00s).add(r00u);
      FloatVector r20 = r00s.fma(aa, r00u.mul(bb));
      FloatVector m01 = FloatVector.fromArray(SPECIES, m, at + 1 * point + c);
      FloatVector m11 = FloatVector.fromArray(SPECIES, m, at + 7 * point + c);
      FloatVector m21 = FloatVector.fromArray(SPECIES, m, at + 13 * point + c);
      FloatVector m31 = FloatVector.fromArray(SPECIES, m, at + 19 * point + c);
      FloatVector m41 = FloatVector.fromArray(SPECIES, m, at + 25 * point + c);
      FloatVector r01s = m11.add(m21);
      FloatVector r01u = m31.add(m41);
      FloatVector r01 = m01.add(r01s).add(r01u);
      FloatVector r21 = r01s.fma(aa, r01u.mul(bb));
      FloatVector m02 = FloatVector.fromArray(SPECIES, m, at + 2 * point + c);
      FloatVector m12 = FloatVector.fromArray(SPECIES, m, at + 8 * point + c);
      FloatVector m22 = FloatVector.fromArray(SPECIES, m, at + 14 * point + c);
      FloatVector m32 = FloatVector.fromArray(SPECIES, m, at + 20 * point + c);
      FloatVector m42 = FloatVector.fromArray(SPECIES, m, at + 26 * point + c);
      FloatVector r02s = m12.add(m22);
      FloatVector r02u = m32.add(m42);
      FloatVector r02 = m02.add(r02s).add(r02u);
      FloatVector r22 = r02s.fma(aa, r02u.mul(bb));
      FloatVector m03 = FloatVector.fromArray(SPECIES, m, at + 3 * point + c);
      FloatVector m13 = FloatVector.fromArray(SPECIES, m, at + 9 * point + c);
      FloatVector m23 = FloatVector.fromArray(SPECIES, m, at + 15 * point + c);
      FloatVector m33 = FloatVector.fromArray(SPECIES, m, at + 21 * point + c);
      FloatVector m43 = FloatVector.fromArray(SPECIES, m, at + 27 * point + c);
      FloatVector r03s = m13.add(m23);
      FloatVector r03u = m33.add(m43);
      FloatVector r03 = m03.add(r03s).add(r03u);
      FloatVector r23 = r03s.fma(aa, r03u.mul(bb));
      FloatVector m04 = FloatVector.fromArray(SPECIES, m, at + 4 * point + c);
      FloatVector m14 = FloatVector.fromArray(SPECIES, m, at + 10 * point + c);
      FloatVector m24 = FloatVector.fromArray(SPECIES, m, at + 16 * point + c);
      FloatVector m34 = FloatVector.fromArray(SPECIES, m, at + 22 * point + c);
      FloatVector m44 = FloatVector.fromArray(SPECIES, m, at + 28 * point + c);
      FloatVector r04s = m14.add(m24);
      FloatVector r04u = m34.add(m44);
      FloatVector r04 = m04.add(r04s).add(r04u);
      FloatVector r24 = r04s.fma(aa, r04u.mul(bb));
      FloatVector m05 = FloatVector.fromArray(SPECIES, m, at + 5 * point + c);
      FloatVector m15 = FloatVector.fromArray(SPECIES, m, at + 11 * point + c);
      FloatVector m25 = FloatVector.fromArray(SPECIES, m, at + 17 * point + c);
      FloatVector m35 = FloatVector.fromArray(SPECIES, m, at + 23 * point + c);
      FloatVector m45 = FloatVector.fromArray(SPECIES, m, at + 29 * point + c);
      FloatVector r05s = m15.add(m25);
      FloatVector r05u = m35.add(m45);
      FloatVector r05 = m05.add(r05s).add(r05u);
      FloatVector r25 = r05s.fma(aa, r05u.mul(bb));
      FloatVector y00s = r01.add(r02);
      FloatVector y00u = r03.add(r04);
      FloatVector y00 = r00.add(y00s).add(y00u);
      FloatVector y02 = y00s.fma(aa, y00u.mul(bb));
      FloatVector y01d = r01.sub(r02);
      FloatVector y01v = r03.sub(r04);
      FloatVector y01 = y01d.fma(a, y01v.mul(b));
      FloatVector y03 = y01d.fma(aaa, y01v.fma(bbb, r05));
      y00.intoArray(y, 0 * size + c);
      y01.intoArray(y, 1 * size + c);
      y02.intoArray(y, 2 * size + c);
      y03.intoArray(y, 3 * size + c);
      FloatVector y20s = r21.add(r22);
      FloatVector y20u = r23.add(r24);
      FloatVector y20 = r20.add(y20s).add(y20u);
      FloatVector y22 = y20s.fma(aa, y20u.mul(bb));
      FloatVector y21d = r21.sub(r22);
      FloatVector y21v = r23.sub(r24);
      FloatVector y21 = y21d.fma(a, y21v.mul(b));
      FloatVector y23 = y21d.fma(aaa, y21v.fma(bbb, r25));
      y20.intoArray(y, 8 * size + c);
      y21.intoArray(y, 9 * size + c);
      y22.intoArray(y, 10 * size + c);
      y23.intoArray(y, 11 * size + c);
    }
  }

  /** Makes rows 1 and 3 of the tiles. */
  private static void outputOdd(float[] m, int at, int point, float[] y, int size) {
    FloatVector a = FloatVector.fromArray(SPECIES, FACTORS, 0 * LANES);
    FloatVector b = FloatVector.fromArray(SPECIES, FACTORS, 1 * LANES);
    FloatVector aa = FloatVector.fromArray(SPECIES, FACTORS, 2 * LANES);
    FloatVector bb = FloatVector.fromArray(SPECIES, FACTORS, 3 * LANES);
    FloatVector aaa = FloatVector.fromArray(SPECIES, FACTORS, 4 * LANES);
    FloatVector bbb = FloatVector.fromArray(SPECIES, FACTORS, 5 * LANES);
    for (int c = 0; c < size; c += LANES) {
      FloatVector m10 = FloatVector.fromArray(SPECIES, m, at + 6 * point + c);
      FloatVector m20 = FloatVector.fromArray(SPECIES, m, at + 12 * point + c);
      FloatVector m30 = FloatVector.fromArray(SPECIES, m, at + 18 * point + c);
      FloatVector m40 = FloatVector.fromArray(SPECIES, m, at + 24 * point + c);
      FloatVector m50 = FloatVector.fromArray(SPECIES, m, at + 30 * point + c);
      FloatVector r10d = m10.sub(m20);
      FloatVector r10v = m30.sub(m40);
      FloatVector r10 = r10d.fma(a, r10v.mul(b));
      FloatVector r30 = r10d.fma(aaa, r10v.fma(bbb, m50));
      FloatVector m11 = FloatVector.fromArray(SPECIES, m, at + 7 * point + c);
      FloatVector m21 = FloatVector.fromArray(SPECIES, m, at + 13 * point + c);
      FloatVector m31 = FloatVector.fromArray(SPECIES, m, at + 19 * point + c);
      FloatVector m41 = FloatVector.fromArray(SPECIES, m, at + 25 * point + c);
      FloatVector m51 = FloatVector.fromArray(SPECIES, m, at + 31 * point + c);
      FloatVector r11d = m11.sub(m21);
      FloatVector r11v = m31.sub(m41);
      FloatVector r11 = r11d.fma(a, r11v.mul(b));
      FloatVector r31 = r11d.fma(aaa, r11v.fma(bbb, m51));
      FloatVector m12 = FloatVector.fromArray(SPECIES, m, at + 8 * point + c);
      FloatVector m22 = FloatVector.fromArray(SPECIES, m, at + 14 * point + c);
      FloatVector m32 = FloatVector.fromArray(SPECIES, m, at + 20 * point + c);
      FloatVector m42 = FloatVector.fromArray(SPECIES, m, at + 26 * point + c);
      FloatVector m52 = FloatVector.fromArray(SPECIES, m, at + 32 * point + c);
      FloatVector r12d = m12.sub(m22);
      FloatVector r12v = m32.sub(m42);
      FloatVector r12 = r12d.fma(a, r12v.mul(b));
      FloatVector r32 = r12d.fma(aaa, r12v.fma(bbb, m52));
      FloatVector m13 = FloatVector.fromArray(SPECIES, m, at + 9 * point + c);
      FloatVector m23 = FloatVector.fromArray(SPECIES, m, at + 15 * point + c);
      FloatVector m33 = FloatVector.fromArray(SPECIES, m, at + 21 * point + c);
      FloatVector m43 = FloatVector.fromArray(SPECIES, m, at + 27 * point + c);
      FloatVector m53 = FloatVector.fromArray(SPECIES, m, at + 33 * point + c);
      FloatVector r13d = m13.sub(m23);
      FloatVector r13v = m33.sub(m43);
      FloatVector r13 = r13d.fma(a, r13v.mul(b));
      FloatVector r33 = r13d.fma(aaa, r13v.fma(bbb, m53));
      FloatVector m14 = FloatVector.fromArray(SPECIES, m, at + 10 * point + c);
      FloatVector m24 = FloatVector.fromArray(SPECIES, m, at + 16 * point + c);
      FloatVector m34 = FloatVector.fromArray(SPECIES, m, at + 22 * point + c);
      FloatVector m44 = FloatVector.fromArray(SPECIES, m, at + 28 * point + c);
      FloatVector m54 = FloatVector.fromArray(SPECIES, m, at + 34 * point + c);
      FloatVector r14d = m14.sub(m24);
      FloatVector r14v = m34.sub(m44);
      FloatVector r14 = r14d.fma(a, r14v.mul(b));
      FloatVector r34 = r14d.fma(aaa, r14v.fma(bbb, m54));
      FloatVector m15 = FloatVector.fromArray(SPECIES, m, at + 11 * point + c);
      FloatVector m25 = FloatVector.fromArray(SPECIES, m, at + 17 * point + c);
      FloatVector m35 = FloatVector.fromArray(SPECIES, m, at + 23 * point + c);
      FloatVector m45 = FloatVector.fromArray(SPECIES, m, at + 29 * point + c);
      FloatVector m55 = FloatVector.fromArray(SPECIES, m, at + 35 * point + c);
      FloatVector r15d = m15.sub(m25);
      FloatVector r15v = m35.sub(m45);
      FloatVector r15 = r15d.fma(a, r15v.mul(b));
      FloatVector r35 = r15d.fma(aaa, r15v.fma(bbb, m55));
      FloatVector y10s = r11.add(r12);
      FloatVector y10u = r13.add(r14);
      FloatVector y10 = r10.add(y10s).add(y10u);
      FloatVector y12 = y10s.fma(aa, y10u.mul(bb));
      FloatVector y11d = r11.sub(r12);
      FloatVector y11v = r13.sub(r14);
      FloatVector y11 = y11d.fma(a, y11v.mul(b));
      FloatVector y13 = y11d.fma(aaa, y11v.fma(bbb, r15));
      y10.intoArray(y, 4 * size + c);
      y11.intoArray(y, 5 * size + c);
      y12.intoArray(y, 6 * size + c);
      y13.intoArray(y, 7 * size + c);
      FloatVector y30s = r31.add(r32);
      FloatVector y30u = r33.add(r34);
      FloatVector y30 = r30.add(y30s).add(y30u);
      FloatVector y32 = y30s.fma(aa, y30u.mul(bb));
      FloatVector y31d = r31.sub(r32);
      FloatVector y31v = r33.sub(r34);
      FloatVector y31 = y31d.fma(a, y31v.mul(b));
      FloatVector y33 = y31d.fma(aaa, y31v.fma(bbb, r35));
      y30.intoArray(y, 12 * size + c);
      y31.intoArray(y, 13 * size + c);
      y32.intoArray(y, 14 * size + c);
      y33.intoArray(y, 15 * size + c);
    }
  }
}
