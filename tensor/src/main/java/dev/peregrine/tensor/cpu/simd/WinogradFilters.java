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
  private static final int TAPS = 3;
  private static final int IN = WinogradTransform.IN;
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
   * Packs and transforms filters into the order {@code [panel][value][channels][CHANNELS]}, with
   * zeros for channels that the input does not have. Panels are packed one by one, and transformed
   * while they lie in the second-level cache.
   *
   * @param form which transform
   * @param filters how they are packed
   * @param w the filters as they are
   * @param turned whether in and out change places
   * @param packed room for a packed panel of each thread
   * @param packedAt where it begins
   * @param u the transformed filters
   * @param uAt where they begin
   * @param workers share the work
   */
  static void transform(
      WinogradForm form,
      PackedFilters filters,
      HostBuffer w,
      boolean turned,
      float[] packed,
      int packedAt,
      float[] u,
      int uAt,
      Workers workers) {
    workers.run(
        filters.groups().panels(),
        (panel, worker) -> {
          int from = packedAt + worker * filters.panelSize();
          filters.packPanel(w, turned, panel, packed, from);
          int to = uAt + panel * form.allValues() * channels(filters) * CHANNELS;
          transform(form, filters, packed, from, u, to);
        });
  }

  /** Transforms a panel. */
  private static void transform(
      WinogradForm form, PackedFilters filters, float[] w, int wAt, float[] u, int uAt) {
    int value = channels(filters) * CHANNELS;
    for (int block = 0; block < filters.blocks(); block++) {
      int size = filters.blockSize(block) * CHANNELS;
      int to = uAt + filters.blockStart(block) * CHANNELS;
      form.filters(w, wAt + filters.start(0, block), size, u, to, value, size);
    }
    int used = filters.groups().ins() * CHANNELS;
    for (int i = 0; i < form.allValues(); i++) {
      Arrays.fill(u, uAt + i * value + used, uAt + (i + 1) * value, 0);
    }
  }

  /**
   * Transforms filters of {@link WinogradForm#DENSE}, see {@link WinogradForm#filters}: columns on
   * the way, then rows in place.
   */
  static void dense(float[] w, int at, int tap, float[] u, int to, int value, int size) {
    for (int column = 0; column < TAPS; column++) {
      axis(w, at + column * tap, TAPS * tap, u, to + column * value, IN * value, size);
    }
    for (int row = 0; row < IN; row++) {
      int first = to + row * IN * value;
      axis(u, first, value, u, first, value, size);
    }
  }

  /** Transforms three numbers into six along one axis, perhaps in place. */
  private static void axis(float[] w, int at, int tap, float[] u, int to, int value, int size) {
    FloatVector aa = FloatVector.broadcast(SPECIES, A * A);
    FloatVector bb = FloatVector.broadcast(SPECIES, B * B);
    for (int c = 0; c < size; c += LANES) {
      FloatVector w0 = FloatVector.fromArray(SPECIES, w, at + c);
      FloatVector w1 = FloatVector.fromArray(SPECIES, w, at + tap + c);
      FloatVector w2 = FloatVector.fromArray(SPECIES, w, at + 2 * tap + c);
      FloatVector near = w2.fma(aa, w0).mul(NEAR);
      FloatVector nearOdd = w1.mul(A * NEAR);
      FloatVector far = w2.fma(bb, w0).mul(FAR);
      FloatVector farOdd = w1.mul(B * FAR);
      w0.mul(1 / (A * A * B * B)).intoArray(u, to + c);
      near.add(nearOdd).intoArray(u, to + value + c);
      near.sub(nearOdd).intoArray(u, to + 2 * value + c);
      far.add(farOdd).intoArray(u, to + 3 * value + c);
      far.sub(farOdd).intoArray(u, to + 4 * value + c);
      w2.intoArray(u, to + 5 * value + c);
    }
  }
}
