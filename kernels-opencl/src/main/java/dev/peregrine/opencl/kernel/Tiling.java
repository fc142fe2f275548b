package dev.peregrine.opencl.kernel;

import dev.peregrine.tensor.shape.DType;
import java.util.List;

/**
 * Chooses tiles: the largest of which there are enough to keep the device busy.
 *
 * <p>A large tile reads less memory for each multiplication; small ones leave no processor idle
 * where the product is small. Which tile is chosen changes no bit of a result.
 *
 * @param tiles from the largest to the smallest, all of one precision
 * @param winogradChannels the fewest channels, on both sides, of convolutions that are computed by
 *     Winograd's algorithm
 * @param emulated whether the instructions of tensor cores are computed by ordinary work items, for
 *     tests
 */
public record Tiling(List<Tile> tiles, int winogradChannels, boolean emulated) {
  /** From here on a card saves more in products than the transforms cost in memory traffic. */
  private static final int CARD_CHANNELS = 48;

  private static final int CORE_CHANNELS = 32;

  /** Rounded factors would be rounded again behind Winograd's transforms, which enlarge errors. */
  private static final int NEVER = Integer.MAX_VALUE;

  private static final Tile LARGE = Tile.plain(128, 128, 8, 8, 8);
  private static final Tile MIDDLE = Tile.plain(64, 64, 16, 4, 4);
  private static final Tile SMALL = Tile.plain(32, 32, 16, 4, 4);
  private static final Tile CORE = Tile.plain(64, 64, 16, 8, 8);
  private static final Tile TALL = Tile.plain(128, 64, 16, 8, 8);
  private static final Tile NARROW = Tile.plain(128, 32, 16, 8, 4);

  /** For graphics cards: groups of 256 and 64 work items. */
  public static final Tiling CARD = new Tiling(List.of(LARGE, MIDDLE, SMALL), CARD_CHANNELS, false);

  /** The largest tiles whatever the shape, for tests. */
  public static final Tiling LARGE_ALONE = new Tiling(List.of(LARGE), CORE_CHANNELS, false);

  /** For processors, where one group is one thread's work and compiling takes long. */
  public static final Tiling PROCESSOR = new Tiling(List.of(CORE), CORE_CHANNELS, false);

  /** Copies the list. */
  public Tiling {
    tiles = List.copyOf(tiles);
  }

  /**
   * Returns the tiles of tensor cores.
   *
   * @param precision how factors are rounded
   * @return for groups of 8 and 4 warps
   */
  public static Tiling tensorCores(Precision precision) {
    // A slice of 16 words leaves room for two groups in local memory.
    int depth = precision == Precision.TF32 ? 16 : 32;
    return new Tiling(
        List.of(
            new Tile(128, 128, depth, 64, 32, precision),
            new Tile(64, 64, depth, 32, 32, precision),
            new Tile(32, 32, depth, 16, 16, precision)),
        NEVER,
        false);
  }

  /**
   * Returns a small tile of tensor cores that ordinary work items emulate, for tests.
   *
   * @param precision how factors are rounded
   * @return for groups of 4 warps
   */
  public static Tiling emulatedCores(Precision precision) {
    return new Tiling(
        List.of(new Tile(32, 32, precision == Precision.TF32 ? 16 : 32, 16, 16, precision)),
        NEVER,
        true);
  }

  /** The tiles that are worth a trial on any device. */
  List<Tile> candidates() {
    return tiles.getLast().precision().isOfTensorCores()
        ? tiles
        : List.of(LARGE, TALL, NARROW, CORE, MIDDLE, SMALL);
  }

  /** Chooses one tile whatever the shape. */
  Tiling alone(Tile tile) {
    return new Tiling(List.of(tile), winogradChannels, emulated);
  }

  /**
   * Chooses the tile of a product.
   *
   * @param real what is computed in; tensor cores have no doubles
   * @param rows rows of the result
   * @param columns columns of the result
   * @param products how many such products there are at once
   * @param groups how many groups keep the device busy
   */
  Tile choose(DType real, long rows, long columns, long products, int groups) {
    if (real == DType.F64 && tiles.getLast().precision().isOfTensorCores()) {
      return MIDDLE;
    }
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

  /** Writes a tile into a program. */
  Sources define(Tile tile, Sources sources) {
    return tile.define(emulated ? sources.define("EMULATE_MMA", "") : sources);
  }
}
