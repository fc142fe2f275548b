package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The transform of the filters in Winograd's convolution, see {@link WinogradForm}: done once where
 * filters are constant, else in each run. A run on one small map may spend most of its time here,
 * since the filters of a deep layer are then larger than all else; it is worth less with each
 * picture of the batch.
 */
final class WinogradFilters {
  private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;
  private static final int LANES = SPECIES.length();
  private static final int CHANNELS = ConvTile.CHANNELS;
  private static final float A = WinogradTransform.A;
  private static final float B = WinogradTransform.B;

  /** One by the product of a near point's distances from all other points. */
  static final float NEAR = 1 / (2 * A * A * (A * A - B * B));

  /** The same for a far point. */
  static final float FAR = 1 / (2 * B * B * (B * B - A * A));

  /** The same for zero. */
  static final float ZERO = 1 / (A * A * B * B);

  private WinogradFilters() {}

  /** Returns how many numbers transformed filters are. */
  static int size(WinogradForm form, PackedFilters filters) {
    return filters.groups().panels() * form.allValues() * channels(filters) * CHANNELS;
  }

  /** Returns how many input channels there are, rounded up to whole vectors. */
  static int channels(PackedFilters filters) {
    return Math.ceilDiv(filters.groups().ins(), LANES) * LANES;
  }

  /**
   * Transforms packed filters into the order {@code [panel][value][channels][CHANNELS]}, with zeros
   * for channels that the input does not have.
   *
   * @param form which transform
   * @param filters how they are packed
   * @param w the packed filters
   * @param wAt where they begin
   * @param u the transformed filters
   * @param uAt where they begin
   * @param workers share the work
   */
  static void transform(
      WinogradForm form,
      PackedFilters filters,
      float[] w,
      int wAt,
      float[] u,
      int uAt,
      Workers workers) {
    workers.run(
        filters.groups().panels(),
        panel -> transform(form, filters, panel, w, wAt + filters.start(panel, 0), u, uAt));
  }

  /**
   * Packs and transforms filters panel by panel, so that they are never packed all at once.
   *
   * @param form which transform
   * @param filters how they are packed
   * @param w the filters as they are
   * @param turned whether in and out change places
   * @param u the transformed filters
   * @param uAt where they begin
   * @param workers share the work
   */
  static void packAndTransform(
      WinogradForm form,
      PackedFilters filters,
      HostBuffer w,
      boolean turned,
      float[] u,
      int uAt,
      Workers workers) {
    float[][] packed = new float[workers.threads()][filters.panelSize()];
    workers.run(
        filters.groups().panels(),
        (panel, worker) -> {
          filters.packPanel(w, turned, panel, packed[worker], 0);
          transform(form, filters, panel, packed[worker], 0, u, uAt);
        });
  }

  private static void transform(
      WinogradForm form, PackedFilters filters, int panel, float[] w, int wAt, float[] u, int uAt) {
    int ins = filters.groups().ins();
    int value = channels(filters) * CHANNELS;
    int first = uAt + panel * form.allValues() * value;
    for (int block = 0; block < filters.blocks(); block++) {
      int size = filters.blockSize(block) * CHANNELS;
      int from = wAt + filters.start(0, block);
      int to = first + filters.blockStart(block) * CHANNELS;
      form.filters(w, from, size, u, to, value, size);
    }
    for (int i = 0; i < form.allValues(); i++) {
      Arrays.fill(u, first + i * value + ins * CHANNELS, first + (i + 1) * value, 0);
    }
  }

  /** Transforms filters of {@link WinogradForm#DENSE}. */
  static void dense(float[] w, int at, int tap, float[] u, int to, int point, int size) {
    FloatVector aa = FloatVector.broadcast(SPECIES, A * A);
    FloatVector bb = FloatVector.broadcast(SPECIES, B * B);
    FloatVector nearScale = FloatVector.broadcast(SPECIES, NEAR);
    FloatVector nearOdd = FloatVector.broadcast(SPECIES, A * NEAR);
    FloatVector farScale = FloatVector.broadcast(SPECIES, FAR);
    FloatVector farOdd = FloatVector.broadcast(SPECIES, B * FAR);
    FloatVector zeroScale = FloatVector.broadcast(SPECIES, ZERO);
    for (int c = 0; c < size; c += LANES) {
      FloatVector w00 = FloatVector.fromArray(SPECIES, w, at + 0 * tap + c);
      FloatVector w01 = FloatVector.fromArray(SPECIES, w, at + 1 * tap + c);
      FloatVector w02 = FloatVector.fromArray(SPECIES, w, at + 2 * tap + c);
      FloatVector w10 = FloatVector.fromArray(SPECIES, w, at + 3 * tap + c);
      FloatVector w11 = FloatVector.fromArray(SPECIES, w, at + 4 * tap + c);
      FloatVector w12 = FloatVector.fromArray(SPECIES, w, at + 5 * tap + c);
      FloatVector w20 = FloatVector.fromArray(SPECIES, w, at + 6 * tap + c);
      FloatVector w21 = FloatVector.fromArray(SPECIES, w, at + 7 * tap + c);
      FloatVector w22 = FloatVector.fromArray(SPECIES, w, at + 8 * tap + c);
      FloatVector t00a = w20.fma(aa, w00).mul(nearScale);
      FloatVector t00b = w10.mul(nearOdd);
      FloatVector t00c = w20.fma(bb, w00).mul(farScale);
      FloatVector t00e = w10.mul(farOdd);
      FloatVector t00 = w00.mul(zeroScale);
      FloatVector t10 = t00a.add(t00b);
      FloatVector t20 = t00a.sub(t00b);
      FloatVector t30 = t00c.add(t00e);
      FloatVector t40 = t00c.sub(t00e);
      FloatVector t50 = w20;
      FloatVector t01a = w21.fma(aa, w01).mul(nearScale);
      FloatVector t01b = w11.mul(nearOdd);
      FloatVector t01c = w21.fma(bb, w01).mul(farScale);
      FloatVector t01e = w11.mul(farOdd);
      FloatVector t01 = w01.mul(zeroScale);
      FloatVector t11 = t01a.add(t01b);
      FloatVector t21 = t01a.sub(t01b);
      FloatVector t31 = t01c.add(t01e);
      FloatVector t41 = t01c.sub(t01e);
      FloatVector t51 = w21;
      FloatVector t02a = w22.fma(aa, w02).mul(nearScale);
      FloatVector t02b = w12.mul(nearOdd);
      FloatVector t02c = w22.fma(bb, w02).mul(farScale);
      FloatVector t02e = w12.mul(farOdd);
      FloatVector t02 = w02.mul(zeroScale);
      FloatVector t12 = t02a.add(t02b);
      FloatVector t22 = t02a.sub(t02b);
      FloatVector t32 = t02c.add(t02e);
      FloatVector t42 = t02c.sub(t02e);
      FloatVector t52 = w22;
      FloatVector u00a = t02.fma(aa, t00).mul(nearScale);
      FloatVector u00b = t01.mul(nearOdd);
      FloatVector u00c = t02.fma(bb, t00).mul(farScale);
      FloatVector u00e = t01.mul(farOdd);
      FloatVector u00 = t00.mul(zeroScale);
      FloatVector u01 = u00a.add(u00b);
      FloatVector u02 = u00a.sub(u00b);
      FloatVector u03 = u00c.add(u00e);
      FloatVector u04 = u00c.sub(u00e);
      FloatVector u05 = t02;
      u00.intoArray(u, to + 0 * point + c);
      u01.intoArray(u, to + 1 * point + c);
      u02.intoArray(u, to + 2 * point + c);
      u03.intoArray(u, to + 3 * point + c);
      u04.intoArray(u, to + 4 * point + c);
      u05.intoArray(u, to + 5 * point + c);
      FloatVector u10a = t12.fma(aa, t10).mul(nearScale);
      FloatVector u10b = t11.mul(nearOdd);
      FloatVector u10c = t12.fma(bb, t10).mul(farScale);
      FloatVector u10e = t11.mul(farOdd);
      FloatVector u10 = t10.mul(zeroScale);
      FloatVector u11 = u10a.add(u10b);
      FloatVector u12 = u10a.sub(u10b);
      FloatVector u13 = u10c.add(u10e);
      FloatVector u14 = u10c.sub(u10e);
      FloatVector u15 = t12;
      u10.intoArray(u, to + 6 * point + c);
      u11.intoArray(u, to + 7 * point + c);
      u12.intoArray(u, to + 8 * point + c);
      u13.intoArray(u, to + 9 * point + c);
      u14.intoArray(u, to + 10 * point + c);
      u15.intoArray(u, to + 11 * point + c);
      FloatVector u20a = t22.fma(aa, t20).mul(nearScale);
      FloatVector u20b = t21.mul(nearOdd);
      FloatVector u20c = t22.fma(bb, t20).mul(farScale);
      FloatVector u20e = t21.mul(farOdd);
      FloatVector u20 = t20.mul(zeroScale);
      FloatVector u21 = u20a.add(u20b);
      FloatVector u22 = u20a.sub(u20b);
      FloatVector u23 = u20c.add(u20e);
      FloatVector u24 = u20c.sub(u20e);
      FloatVector u25 = t22;
      u20.intoArray(u, to + 12 * point + c);
      u21.intoArray(u, to + 13 * point + c);
      u22.intoArray(u, to + 14 * point + c);
      u23.intoArray(u, to + 15 * point + c);
      u24.intoArray(u, to + 16 * point + c);
      u25.intoArray(u, to + 17 * point + c);
      FloatVector u30a = t32.fma(aa, t30).mul(nearScale);
      FloatVector u30b = t31.mul(nearOdd);
      FloatVector u30c = t32.fma(bb, t30).mul(farScale);
      FloatVector u30e = t31.mul(farOdd);
      FloatVector u30 = t30.mul(zeroScale);
      FloatVector u31 = u30a.add(u30b);
      FloatVector u32 = u30a.sub(u30b);
      FloatVector u33 = u30c.add(u30e);
      FloatVector u34 = u30c.sub(u30e);
      FloatVector u35 = t32;
      u30.intoArray(u, to + 18 * point + c);
      u31.intoArray(u, to + 19 * point + c);
      u32.intoArray(u, to + 20 * point + c);
      u33.intoArray(u, to + 21 * point + c);
      u34.intoArray(u, to + 22 * point + c);
      u35.intoArray(u, to + 23 * point + c);
      FloatVector u40a = t42.fma(aa, t40).mul(nearScale);
      FloatVector u40b = t41.mul(nearOdd);
      FloatVector u40c = t42.fma(bb, t40).mul(farScale);
      FloatVector u40e = t41.mul(farOdd);
      FloatVector u40 = t40.mul(zeroScale);
      FloatVector u41 = u40a.add(u40b);
      FloatVector u42 = u40a.sub(u40b);
      FloatVector u43 = u40c.add(u40e);
      FloatVector u44 = u40c.sub(u40e);
      FloatVector u45 = t42;
      u40.intoArray(u, to + 24 * point + c);
      u41.intoArray(u, to + 25 * point + c);
      u42.intoArray(u, to + 26 * point + c);
      u43.intoArray(u, to + 27 * point + c);
      u44.intoArray(u, to + 28 * point + c);
      u45.intoArray(u, to + 29 * point + c);
      FloatVector u50a = t52.fma(aa, t50).mul(nearScale);
      FloatVector u50b = t51.mul(nearOdd);
      FloatVector u50c = t52.fma(bb, t50).mul(farScale);
      FloatVector u50e = t51.mul(farOdd);
      FloatVector u50 = t50.mul(zeroScale);
      FloatVector u51 = u50a.add(u50b);
      FloatVector u52 = u50a.sub(u50b);
      FloatVector u53 = u50c.add(u50e);
      FloatVector u54 = u50c.sub(u50e);
      FloatVector u55 = t52;
      u50.intoArray(u, to + 30 * point + c);
      u51.intoArray(u, to + 31 * point + c);
      u52.intoArray(u, to + 32 * point + c);
      u53.intoArray(u, to + 33 * point + c);
      u54.intoArray(u, to + 34 * point + c);
      u55.intoArray(u, to + 35 * point + c);
    }
  }
}
