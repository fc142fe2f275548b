package dev.peregrine.opencl.kernel;

import java.util.List;

/**
 * Chooses tiles: the largest of which there are enough to keep the device busy.
 *
 * <p>A large tile reads less memory for each multiplication; small ones leave no processor idle
 * where the product is small.
 *
 * @param tiles from the largest to the smallest
 * @param winogradChannels the fewest channels, on both sides, of convolutions that are computed by
 *     Winograd's algorithm
 */
public record Tiling(List<Tile> tiles, int winogradChannels) {
  /** From here on a card saves more in products than the transforms cost in memory traffic. */
  private static final int CARD_CHANNELS = 48;

  private static final int CORE_CHANNELS = 32;

  private static final Tile LARGE = new Tile(128, 128, 8, 8, 8);
  private static final Tile MIDDLE = new Tile(64, 64, 16, 4, 4);
  private static final Tile SMALL = new Tile(32, 32, 16, 4, 4);
  private static final Tile CORE = new Tile(64, 64, 16, 8, 8);

  /** For graphics cards: groups of 256 and 64 work items. */
  public static final Tiling CARD = new Tiling(List.of(LARGE, MIDDLE, SMALL), CARD_CHANNELS);

  /** The largest tiles whatever the shape, for tests. */
  public static final Tiling LARGE_ALONE = new Tiling(List.of(LARGE), CORE_CHANNELS);

  /** For processors, where one group is one thread's work and compiling takes long. */
  public static final Tiling PROCESSOR = new Tiling(List.of(CORE), CORE_CHANNELS);

  /** Copies the list. */
  public Tiling {
    tiles = List.copyOf(tiles);
  }

  /**
   * Chooses the tile of a product.
   *
   * @param rows rows of the result
   * @param columns columns of the result
   * @param products how many such products there are at once
   * @param groups how many groups keep the device busy
   */
  Tile choose(long rows, long columns, long products, int groups) {
    for (Tile tile : tiles) {
      long tilesOf =
          Math.ceilDiv(rows, tile.tileM()) * Math.ceilDiv(columns, tile.tileN()) * products;
      // Half of a tile may be empty at most, unless there is no smaller one.
      if (tilesOf >= groups && 2 * rows >= tile.tileM() && 2 * columns >= tile.tileN()) {
        return tile;
      }
    }
    return tiles.getLast();
  }
}
