package dev.peregrine.tensor.cpu.simd;

import jdk.incubator.vector.VectorSpecies;

/** How large the register tiles of convolutions are. */
final class ConvTile {
  private static final VectorSpecies<Float> SPECIES = Lanes.SPECIES;

  /** Pixels of the small tile, 12 accumulators: fits 16 vector registers. */
  static final int SMALL = 6;

  /** Pixels of the large tile, 26 accumulators: fits 32 vector registers. */
  static final int LARGE = 13;

  /** Pixels of the tile that most of the work is done in. */
  static final int MAIN = hasManyRegisters() ? LARGE : SMALL;

  /** Output channels of a tile. */
  static final int CHANNELS = 2 * SPECIES.length();

  private ConvTile() {}

  /** Tells whether there are 32 vector registers: with AVX-512 and on Arm. */
  private static boolean hasManyRegisters() {
    return SPECIES.vectorBitSize() == 512 || System.getProperty("os.arch").equals("aarch64");
  }
}
