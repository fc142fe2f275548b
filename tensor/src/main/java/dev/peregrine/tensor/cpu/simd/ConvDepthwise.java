package dev.peregrine.tensor.cpu.simd;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * The tiles of a depthwise convolution and of its gradient by the filters: vectors run over
 * channels, and each channel is a sum over taps or pixels alone.
 */
final class ConvDepthwise {
  private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
  private static final int LANES = SPECIES.length();
  private static final int CHANNELS = ConvTile.CHANNELS;

  private ConvDepthwise() {}

  /**
   * Computes a tile.
   *
   * @param pixels how many pixels
   * @param channels how many channels of the tile are real
   * @param x the input
   * @param xs offsets of the pixels in it, from index {@code at}
   * @param at index of the first pixel
   * @param w the packed filters, {@code [tap][CHANNELS]}
   * @param walk which taps to add
   * @param tile the results, {@code [pixel][CHANNELS]}
   */
  static void run(
      int pixels,
      int channels,
      float[] x,
      int[] xs,
      int at,
      float[] w,
      ConvTile.Walk walk,
      float[] tile) {
    if (walk.rows() == 0) {
      Arrays.fill(tile, 0, pixels * CHANNELS, 0);
      return;
    }
    for (int i = 0; i < channels; i += LANES) {
      VectorMask<Float> mask = SPECIES.indexInRange(i, channels);
      for (int pixel = 0; pixel < pixels; pixel++) {
        FloatVector sum = FloatVector.zero(SPECIES);
        for (int row = 0; row < walk.rows(); row++) {
          int from = xs[at + pixel] + walk.xFrom() + row * walk.xRow() + i;
          int filter = walk.wFrom() + row * walk.wRow() + i;
          for (int step = 0; step < walk.steps(); step++) {
            sum =
                FloatVector.fromArray(SPECIES, x, from + step * walk.xStep(), mask)
                    .fma(FloatVector.fromArray(SPECIES, w, filter + step * CHANNELS), sum);
          }
        }
        sum.intoArray(tile, pixel * CHANNELS + i);
      }
    }
  }

  /**
   * Adds pixels to the gradient by one tap.
   *
   * @param channels how many channels are real
   * @param x the input
   * @param from the first number of the first pixel, less its offset
   * @param xs offsets of the pixels
   * @param y the gradient of the output, {@code [pixel][CHANNELS]}
   * @param yFrom where it begins
   * @param pixels how many
   * @param sums the sums, {@code [CHANNELS]}
   * @param at where they begin
   */
  static void addFilters(
      int channels,
      float[] x,
      int from,
      int[] xs,
      float[] y,
      int yFrom,
      int pixels,
      float[] sums,
      int at) {
    for (int i = 0; i < channels; i += LANES) {
      VectorMask<Float> mask = SPECIES.indexInRange(i, channels);
      FloatVector sum = FloatVector.fromArray(SPECIES, sums, at + i);
      for (int pixel = 0; pixel < pixels; pixel++) {
        sum =
            FloatVector.fromArray(SPECIES, x, xs[pixel] + from + i, mask)
                .fma(FloatVector.fromArray(SPECIES, y, yFrom + pixel * CHANNELS + i), sum);
      }
      sum.intoArray(sums, at + i);
    }
  }
}
