package dev.peregrine.bench;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * What one thread of this machine can do at most, to hold a kernel against in the same seconds.
 *
 * <p>The same loop as the device's own check of its lanes, which no module exports.
 */
public final class Yardstick {
  /**
   * As wide as the kernels' vectors: the machine's own width unless their property says another.
   */
  private static final VectorSpecies<Float> SPECIES =
      switch (Integer.getInteger("dev.peregrine.simd.bits", 0)) {
        case 512 -> FloatVector.SPECIES_512;
        case 256 -> FloatVector.SPECIES_256;
        case 128 -> FloatVector.SPECIES_128;
        default -> FloatVector.SPECIES_PREFERRED;
      };

  private static final int STEPS = 4096;
  private static final int CHAINS = 12;
  private static final int COPIED = 1 << 24;

  /** Floating-point operations of one {@link #multiplyAdd}. */
  public static final long FLOPS = 2L * STEPS * CHAINS * SPECIES.length();

  /** Bytes that one {@link #copy} reads and writes. */
  public static final long BYTES = 2L * Float.BYTES * COPIED;

  private final float[] kept = new float[SPECIES.length()];
  private float[] from = {};
  private float[] to = {};

  /** Makes a yardstick, for use by one thread. */
  public Yardstick() {}

  /**
   * Multiplies and adds on registers alone: twelve chains hide the latency of the instruction on
   * every processor known to us (latency 4, two units: eight would do).
   */
  public void multiplyAdd() {
    // Starts from the result before, so that the compiler leaves nothing out.
    FloatVector m = FloatVector.broadcast(SPECIES, 0.999f + kept[0] * 1e-12f);
    FloatVector c = FloatVector.broadcast(SPECIES, 0.001f);
    FloatVector a0 = m;
    FloatVector a1 = m.add(1);
    FloatVector a2 = m.add(2);
    FloatVector a3 = m.add(3);
    FloatVector a4 = m.add(4);
    FloatVector a5 = m.add(5);
    FloatVector a6 = m.add(6);
    FloatVector a7 = m.add(7);
    FloatVector a8 = m.add(8);
    FloatVector a9 = m.add(9);
    FloatVector a10 = m.add(10);
    FloatVector a11 = m.add(11);
    for (int step = 0; step < STEPS; step++) {
      a0 = a0.fma(m, c);
      a1 = a1.fma(m, c);
      a2 = a2.fma(m, c);
      a3 = a3.fma(m, c);
      a4 = a4.fma(m, c);
      a5 = a5.fma(m, c);
      a6 = a6.fma(m, c);
      a7 = a7.fma(m, c);
      a8 = a8.fma(m, c);
      a9 = a9.fma(m, c);
      a10 = a10.fma(m, c);
      a11 = a11.fma(m, c);
    }
    FloatVector low = a0.add(a1).add(a2).add(a3).add(a4).add(a5);
    FloatVector high = a6.add(a7).add(a8).add(a9).add(a10).add(a11);
    low.add(high).intoArray(kept, 0);
  }

  /** Copies 64 MB, more than the caches hold. */
  public void copy() {
    if (from.length == 0) {
      from = new float[COPIED];
      to = new float[COPIED];
    }
    System.arraycopy(from, 0, to, 0, COPIED);
  }
}
