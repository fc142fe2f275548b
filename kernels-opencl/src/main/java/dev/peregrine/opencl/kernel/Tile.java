package dev.peregrine.opencl.kernel;

import java.util.Locale;

/**
 * One way to cut a matrix product into tiles.
 *
 * @param tileM rows of a tile
 * @param tileN columns of a tile
 * @param tileK depth of a slice
 * @param partM rows that one work item computes, or one warp on tensor cores
 * @param partN columns that one work item computes, or one warp
 * @param precision how factors are rounded, and so what multiplies
 */
public record Tile(int tileM, int tileN, int tileK, int partM, int partN, Precision precision) {
  private static final int WARP = 32;

  /** Rows, columns and work items are read from local memory in runs of so many. */
  private static final int RUN = 4;

  private static final int FRAGMENT_ROWS = 16;
  private static final int FRAGMENT_COLUMNS = 8;
  private static final int FRAGMENT_WORDS = 8;

  /** Checks that work items share the loading of slices evenly, row by row and column by column. */
  public Tile {
    boolean cores = precision.isOfTensorCores();
    int parts = (tileM / partM) * (tileN / partN);
    int threads = cores ? parts * WARP : parts;
    boolean whole =
        cores
            ? partM % FRAGMENT_ROWS == 0
                && partN % FRAGMENT_COLUMNS == 0
                && tileK % (precision == Precision.TF32 ? FRAGMENT_WORDS : 2 * FRAGMENT_WORDS) == 0
            : partM % RUN == 0 && partN % RUN == 0;
    if (!whole
        || tileM % partM != 0
        || tileN % partN != 0
        || threads % tileM != 0
        || threads % tileN != 0
        || threads % tileK != 0) {
      throw new IllegalArgumentException(
          "tile: " + threads + " work items do not share a tile of " + tileM + "x" + tileN);
    }
  }

  /** Makes a tile of ordinary arithmetic. */
  static Tile plain(int tileM, int tileN, int tileK, int threadM, int threadN) {
    return new Tile(tileM, tileN, tileK, threadM, threadN, Precision.FP32);
  }

  int threads() {
    int parts = (tileM / partM) * (tileN / partN);
    return precision.isOfTensorCores() ? parts * WARP : parts;
  }

  /** Operations of one instruction of tensor cores: of 8 words of k, each of one or two factors. */
  int fragmentFlops() {
    int depth = precision == Precision.TF32 ? FRAGMENT_WORDS : 2 * FRAGMENT_WORDS;
    return 2 * FRAGMENT_ROWS * FRAGMENT_COLUMNS * depth;
  }

  Sources define(Sources sources) {
    boolean cores = precision.isOfTensorCores();
    if (cores) {
      sources.define("TENSOR_CORES", "").define("MMA_" + precision, "");
    }
    return sources
        .define("TILE_M", tileM)
        .define("TILE_N", tileN)
        .define("TILE_K", tileK)
        .define(cores ? "WARP_M" : "THREAD_M", partM)
        .define(cores ? "WARP_N" : "THREAD_N", partN);
  }

  /** All numbers, for the file of measured tiles. */
  String code() {
    return tileM + "x" + tileN + "x" + tileK + " by " + partM + "x" + partN + " " + precision;
  }

  @Override
  public String toString() {
    String size = tileM + "x" + tileN;
    return precision.isOfTensorCores()
        ? size + " " + precision.name().toLowerCase(Locale.ROOT)
        : size;
  }
}
