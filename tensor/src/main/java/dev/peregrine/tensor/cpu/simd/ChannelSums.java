package dev.peregrine.tensor.cpu.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums, maxima and moments of blocks of rows, for each channel by itself, and of runs of elements.
 *
 * <p>A block is small, so single precision does for the sum over it; whoever calls adds the blocks
 * in double precision, in order.
 */
final class ChannelSums {
  private static final VectorSpecies<Float> S = Lanes.SPECIES;
  private static final int L = S.length();

  /** Elements of a run that are summed in single precision. */
  private static final int RUN = 4096;

  private ChannelSums() {}

  /** Writes the sum of {@code rows} rows {@code stride} apart. */
  static void sum(float[] x, int at, int stride, int rows, float[] y, int yAt, int channels) {
    int c = 0;
    for (; c <= channels - 4 * L; c += 4 * L) {
      FloatVector a = FloatVector.zero(S);
      FloatVector b = a;
      FloatVector d = a;
      FloatVector e = a;
      int source = at + c;
      for (int row = 0; row < rows; row++) {
        a = a.add(FloatVector.fromArray(S, x, source));
        b = b.add(FloatVector.fromArray(S, x, source + L));
        d = d.add(FloatVector.fromArray(S, x, source + 2 * L));
        e = e.add(FloatVector.fromArray(S, x, source + 3 * L));
        source += stride;
      }
      a.intoArray(y, yAt + c);
      b.intoArray(y, yAt + c + L);
      d.intoArray(y, yAt + c + 2 * L);
      e.intoArray(y, yAt + c + 3 * L);
    }
    for (; c < channels; c += L) {
      VectorMask<Float> mask = S.indexInRange(c, channels);
      FloatVector a = FloatVector.zero(S);
      for (int row = 0; row < rows; row++) {
        a = a.add(FloatVector.fromArray(S, x, at + row * stride + c, mask));
      }
      a.intoArray(y, yAt + c, mask);
    }
  }

  /** Writes the maximum of {@code rows} rows {@code stride} apart; minus infinity of none. */
  static void max(float[] x, int at, int stride, int rows, float[] y, int yAt, int channels) {
    FloatVector least = FloatVector.broadcast(S, Float.NEGATIVE_INFINITY);
    int c = 0;
    for (; c <= channels - 2 * L; c += 2 * L) {
      FloatVector a = least;
      FloatVector b = least;
      int source = at + c;
      for (int row = 0; row < rows; row++) {
        a = a.max(FloatVector.fromArray(S, x, source));
        b = b.max(FloatVector.fromArray(S, x, source + L));
        source += stride;
      }
      a.intoArray(y, yAt + c);
      b.intoArray(y, yAt + c + L);
    }
    for (; c < channels; c += L) {
      VectorMask<Float> mask = S.indexInRange(c, channels);
      FloatVector a = least;
      for (int row = 0; row < rows; row++) {
        a = a.max(FloatVector.fromArray(S, x, at + row * stride + c, mask));
      }
      a.intoArray(y, yAt + c, mask);
    }
  }

  /**
   * Writes the mean of some rows, and the sum of the squared differences from it.
   *
   * @param x the elements
   * @param at where the first row begins
   * @param stride from one row to the next
   * @param rows how many rows
   * @param y receives the means, then the sums
   * @param yAt where
   * @param channels how many channels
   */
  static void moments(float[] x, int at, int stride, int rows, float[] y, int yAt, int channels) {
    sum(x, at, stride, rows, y, yAt, channels);
    float share = 1f / rows;
    int c = 0;
    for (; c <= channels - 2 * L; c += 2 * L) {
      FloatVector meanA = FloatVector.fromArray(S, y, yAt + c).mul(share);
      FloatVector meanB = FloatVector.fromArray(S, y, yAt + c + L).mul(share);
      FloatVector a = FloatVector.zero(S);
      FloatVector b = a;
      int source = at + c;
      for (int row = 0; row < rows; row++) {
        FloatVector da = FloatVector.fromArray(S, x, source).sub(meanA);
        FloatVector db = FloatVector.fromArray(S, x, source + L).sub(meanB);
        a = da.fma(da, a);
        b = db.fma(db, b);
        source += stride;
      }
      meanA.intoArray(y, yAt + c);
      meanB.intoArray(y, yAt + c + L);
      a.intoArray(y, yAt + channels + c);
      b.intoArray(y, yAt + channels + c + L);
    }
    for (; c < channels; c += L) {
      VectorMask<Float> mask = S.indexInRange(c, channels);
      FloatVector mean = FloatVector.fromArray(S, y, yAt + c, mask).mul(share);
      FloatVector a = FloatVector.zero(S);
      for (int row = 0; row < rows; row++) {
        FloatVector d = FloatVector.fromArray(S, x, at + row * stride + c, mask).sub(mean);
        a = d.fma(d, a);
      }
      mean.intoArray(y, yAt + c, mask);
      a.intoArray(y, yAt + channels + c, mask);
    }
  }

  /** Returns the sum of neighbouring elements. */
  static double sum(float[] x, int at, int size) {
    double sum = 0;
    if (size < 2 * L) {
      for (int i = at; i < at + size; i++) {
        sum += x[i];
      }
      return sum;
    }
    float[] lanes = new float[L];
    for (int from = 0; from < size; from += RUN) {
      sumOfLanes(x, at + from, Math.min(RUN, size - from)).intoArray(lanes, 0);
      for (float lane : lanes) {
        sum += lane;
      }
    }
    return sum;
  }

  private static FloatVector sumOfLanes(float[] x, int at, int size) {
    FloatVector a = FloatVector.zero(S);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    int i = 0;
    for (; i <= size - 4 * L; i += 4 * L) {
      a = a.add(FloatVector.fromArray(S, x, at + i));
      b = b.add(FloatVector.fromArray(S, x, at + i + L));
      c = c.add(FloatVector.fromArray(S, x, at + i + 2 * L));
      d = d.add(FloatVector.fromArray(S, x, at + i + 3 * L));
    }
    for (; i < size; i += L) {
      a = a.add(FloatVector.fromArray(S, x, at + i, S.indexInRange(i, size)));
    }
    return a.add(b).add(c.add(d));
  }

  /** Returns the largest of neighbouring elements, minus infinity of none. */
  static float max(float[] x, int at, int size) {
    int i = 0;
    float largest = Float.NEGATIVE_INFINITY;
    if (size >= L) {
      FloatVector a = FloatVector.broadcast(S, largest);
      for (; i <= size - L; i += L) {
        a = a.max(FloatVector.fromArray(S, x, at + i));
      }
      float[] lanes = new float[L];
      a.intoArray(lanes, 0);
      for (float lane : lanes) {
        largest = Math.max(largest, lane);
      }
    }
    for (; i < size; i++) {
      largest = Math.max(largest, x[at + i]);
    }
    return largest;
  }
}
