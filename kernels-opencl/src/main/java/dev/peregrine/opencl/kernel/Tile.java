package dev.peregrine.opencl.kernel;

/**
 * One way to cut a matrix product into tiles.
 *
 * @param tileM rows of a tile
 * @param tileN columns of a tile
 * @param tileK depth of a slice
 * @param threadM rows that one work item computes
 * @param threadN columns that one work item computes
 */
public record Tile(int tileM, int tileN, int tileK, int threadM, int threadN) {
  /** Checks that work items share the loading of slices evenly, row by row and column by column. */
  public Tile {
    int threads = (tileM / threadM) * (tileN / threadN);
    if (threads % tileM != 0 || threads % tileN != 0 || threads % tileK != 0) {
      throw new IllegalArgumentException(
          "tile: " + threads + " work items do not share a tile of " + tileM + "x" + tileN);
    }
  }

  int threads() {
    return (tileM / threadM) * (tileN / threadN);
  }

  Sources define(Sources sources) {
    return sources
        .define("TILE_M", tileM)
        .define("TILE_N", tileN)
        .define("TILE_K", tileK)
        .define("THREAD_M", threadM)
        .define("THREAD_N", threadN);
  }

  @Override
  public String toString() {
    return tileM + "x" + tileN;
  }
}
