package dev.peregrine.tensor.cpu.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops of a depthwise convolution and of its gradient by the filters: vectors run over
 * channels, and each channel is a sum over taps or pixels alone.
 */
final class ConvDepthwise {
  private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
  private static final int LANES = SPECIES.length();
  private static final int CHANNELS = ConvTile.CHANNELS;

  private ConvDepthwise() {}

  /**
   * Adds taps to pixels of a row.
   *
   * @param channels how many channels of the panel are real
   * @param x the input
   * @param from where the first pixel's first tap lies
   * @param step from a pixel to the next
   * @param taps offsets of the taps
   * @param w the packed filters, {@code [tap][CHANNELS]}
   * @param wFrom where they begin
   * @param ws offsets of the taps in them
   * @param count how many taps
   * @param sums the sums, {@code [pixel][CHANNELS]}
   * @param at where they begin
   * @param pixels how many pixels
   */
  static void add(
      int channels,
      float[] x,
      int from,
      int step,
      int[] taps,
      float[] w,
      int wFrom,
      int[] ws,
      int count,
      float[] sums,
      int at,
      int pixels) {
    for (int i = 0; i < channels; i += LANES) {
      int tap = 0;
      if (i + LANES <= channels) {
        for (; tap + 9 <= count; tap += 9) {
          taps9(x, from + i, step, taps, w, wFrom + i, ws, tap, sums, at + i, pixels);
        }
        for (; tap + 3 <= count; tap += 3) {
          taps3(x, from + i, step, taps, w, wFrom + i, ws, tap, sums, at + i, pixels);
        }
      }
      for (; tap < count; tap++) {
        int source = from + taps[tap] + i;
        one(x, source, step, w, wFrom + ws[tap] + i, sums, at + i, pixels, channels - i);
      }
    }
  }

  private static void taps9(
      float[] x,
      int from,
      int step,
      int[] taps,
      float[] w,
      int wFrom,
      int[] ws,
      int tap,
      float[] sums,
      int at,
      int pixels) {
    FloatVector w0 = FloatVector.fromArray(SPECIES, w, wFrom + ws[tap + 0]);
    int x0 = from + taps[tap + 0];
    FloatVector w1 = FloatVector.fromArray(SPECIES, w, wFrom + ws[tap + 1]);
    int x1 = from + taps[tap + 1];
    FloatVector w2 = FloatVector.fromArray(SPECIES, w, wFrom + ws[tap + 2]);
    int x2 = from + taps[tap + 2];
    FloatVector w3 = FloatVector.fromArray(SPECIES, w, wFrom + ws[tap + 3]);
    int x3 = from + taps[tap + 3];
    FloatVector w4 = FloatVector.fromArray(SPECIES, w, wFrom + ws[tap + 4]);
    int x4 = from + taps[tap + 4];
    FloatVector w5 = FloatVector.fromArray(SPECIES, w, wFrom + ws[tap + 5]);
    int x5 = from + taps[tap + 5];
    FloatVector w6 = FloatVector.fromArray(SPECIES, w, wFrom + ws[tap + 6]);
    int x6 = from + taps[tap + 6];
    FloatVector w7 = FloatVector.fromArray(SPECIES, w, wFrom + ws[tap + 7]);
    int x7 = from + taps[tap + 7];
    FloatVector w8 = FloatVector.fromArray(SPECIES, w, wFrom + ws[tap + 8]);
    int x8 = from + taps[tap + 8];
    for (int i = 0; i < pixels; i++) {
      FloatVector sum = FloatVector.fromArray(SPECIES, sums, at + i * CHANNELS);
      sum = w0.fma(FloatVector.fromArray(SPECIES, x, x0 + i * step), sum);
      sum = w1.fma(FloatVector.fromArray(SPECIES, x, x1 + i * step), sum);
      sum = w2.fma(FloatVector.fromArray(SPECIES, x, x2 + i * step), sum);
      sum = w3.fma(FloatVector.fromArray(SPECIES, x, x3 + i * step), sum);
      sum = w4.fma(FloatVector.fromArray(SPECIES, x, x4 + i * step), sum);
      sum = w5.fma(FloatVector.fromArray(SPECIES, x, x5 + i * step), sum);
      sum = w6.fma(FloatVector.fromArray(SPECIES, x, x6 + i * step), sum);
      sum = w7.fma(FloatVector.fromArray(SPECIES, x, x7 + i * step), sum);
      sum = w8.fma(FloatVector.fromArray(SPECIES, x, x8 + i * step), sum);
      sum.intoArray(sums, at + i * CHANNELS);
    }
  }

  private static void taps3(
      float[] x,
      int from,
      int step,
      int[] taps,
      float[] w,
      int wFrom,
      int[] ws,
      int tap,
      float[] sums,
      int at,
      int pixels) {
    FloatVector w0 = FloatVector.fromArray(SPECIES, w, wFrom + ws[tap + 0]);
    int x0 = from + taps[tap + 0];
    FloatVector w1 = FloatVector.fromArray(SPECIES, w, wFrom + ws[tap + 1]);
    int x1 = from + taps[tap + 1];
    FloatVector w2 = FloatVector.fromArray(SPECIES, w, wFrom + ws[tap + 2]);
    int x2 = from + taps[tap + 2];
    for (int i = 0; i < pixels; i++) {
      FloatVector sum = FloatVector.fromArray(SPECIES, sums, at + i * CHANNELS);
      sum = w0.fma(FloatVector.fromArray(SPECIES, x, x0 + i * step), sum);
      sum = w1.fma(FloatVector.fromArray(SPECIES, x, x1 + i * step), sum);
      sum = w2.fma(FloatVector.fromArray(SPECIES, x, x2 + i * step), sum);
      sum.intoArray(sums, at + i * CHANNELS);
    }
  }

  private static void one(
      float[] x,
      int from,
      int step,
      float[] w,
      int wFrom,
      float[] sums,
      int at,
      int pixels,
      int channels) {
    VectorMask<Float> mask = SPECIES.indexInRange(0, channels);
    FloatVector filter = FloatVector.fromArray(SPECIES, w, wFrom);
    for (int i = 0; i < pixels; i++) {
      filter
          .fma(
              FloatVector.fromArray(SPECIES, x, from + i * step, mask),
              FloatVector.fromArray(SPECIES, sums, at + i * CHANNELS))
          .intoArray(sums, at + i * CHANNELS);
    }
  }

  /**
   * Adds up the gradient by one tap.
   *
   * @param pixels how many
   * @param channels how many channels are real
   * @param space holds everything
   * @param x the input of the tap, {@code [pixel][SumTile.WIDTH]}
   * @param y the gradient of the output, likewise
   * @param at the sums
   * @param adds whether they are added to what is there
   */
  static void addFilters(
      int pixels, int channels, float[] space, int x, int y, int at, boolean adds) {
    for (int i = 0; i < channels; i += LANES) {
      FloatVector sum = FloatVector.zero(SPECIES);
      for (int pixel = 0; pixel < pixels; pixel++) {
        int from = pixel * SumTile.WIDTH + i;
        sum =
            FloatVector.fromArray(SPECIES, space, x + from)
                .fma(FloatVector.fromArray(SPECIES, space, y + from), sum);
      }
      if (adds) {
        sum = sum.add(FloatVector.fromArray(SPECIES, space, at + i));
      }
      sum.intoArray(space, at + i);
    }
  }
}
