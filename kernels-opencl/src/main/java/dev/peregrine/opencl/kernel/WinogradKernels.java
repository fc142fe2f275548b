package dev.peregrine.opencl.kernel;

import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.op.Epilogue;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * Convolution of 3x3 taps and stride 1, and its gradient by the input, by Winograd's algorithm
 * F(4x4, 3x3): {@code winograd.cl}.
 *
 * <p>The tiles of the output are cut into blocks whose transformed values stay in the device's
 * cache. The transformed filters come first in scratch memory, or are packed once where the filters
 * never change.
 *
 * <p><b>Source</b> A. Lavin, S. Gray, Fast Algorithms for Convolutional Neural Networks, CVPR 2016.
 */
final class WinogradKernels {
  private static final int TAPS = 3;

  /** Rows and columns of an output tile. */
  private static final int OUT = 4;

  private static final int POINTS = 36;

  /** Transformed values of a block, in elements: 32 MiB of f32, less than the caches of cards. */
  private static final int BLOCK = 8 << 20;

  private static final int LEAST_BLOCK_TILES = 256;

  /** More than this and the places of a picture's values are no {@code int}s. */
  private static final long MOST_FILTERS = 1L << 28;

  private WinogradKernels() {}

  /**
   * The choice: where the 4-fold saving of products is worth the transforms, which move every value
   * of both sides about five times; and where at least half of the tiles' results exist.
   */
  static boolean suits(Kit kit, Window window, int groups, Shape x, Shape y) {
    int narrow = Math.min(x.dim(3), y.dim(3));
    return groups == 1
        && window.kernelHeight() == TAPS
        && window.kernelWidth() == TAPS
        && window.strideHeight() == 1
        && window.strideWidth() == 1
        && window.dilationHeight() == 1
        && window.dilationWidth() == 1
        && x.size() > 0
        && y.size() > 0
        && 2 * y.rows() >= OUT * OUT * tiles(y)
        && narrow >= kit.tiling().winogradChannels()
        && (long) POINTS * x.dim(3) * y.dim(3) < MOST_FILTERS;
  }

  private static int tiles(Shape y) {
    return y.dim(0) * Math.ceilDiv(y.dim(1), OUT) * Math.ceilDiv(y.dim(2), OUT);
  }

  static Kernel forward(Kit kit, Window window, Epilogue epilogue) {
    Shape x = kit.signature().input(0).shape();
    Shape y = kit.signature().output().shape();
    return kernel(kit, x, y, window.padTop(), window.padLeft(), false, epilogue);
  }

  static Kernel inputGrad(Kit kit, Window window) {
    Shape y = kit.signature().input(0).shape();
    Shape x = kit.signature().output().shape();
    int top = TAPS - 1 - window.padTop();
    int left = TAPS - 1 - window.padLeft();
    return kernel(kit, y, x, top, left, true, Epilogue.NONE);
  }

  private static Kernel kernel(
      Kit kit, Shape from, Shape to, int top, int left, boolean turned, Epilogue epilogue) {
    int ins = from.dim(3);
    int outs = to.dim(3);
    int[] tiles = {Math.ceilDiv(to.dim(1), OUT), Math.ceilDiv(to.dim(2), OUT)};
    int allTiles = tiles(to);
    int blockTiles =
        Math.min(allTiles, Math.max(LEAST_BLOCK_TILES, BLOCK / (POINTS * (ins + outs))));
    Spec filters = new Spec(kit.real(), Shape.of(POINTS * ins, outs));
    int[] sizes = {
      from.dim(1), from.dim(2), to.dim(1), to.dim(2), ins, outs, top, left,
    };
    Pass packing =
        Pass.flat(sources(kit, "FILTERS").entry("transform_filters"), ins * outs)
            .in(1)
            .packed(filters)
            .ints(ins, outs, turned ? 1 : 0);
    Tile tile = kit.tile(blockTiles, outs, POINTS);
    List<Pass> passes = new ArrayList<>();
    for (int first = 0; first < allTiles; first += blockTiles) {
      int count = Math.min(blockTiles, allTiles - first);
      Spec inputs = new Spec(kit.real(), Shape.of(POINTS * count, ins));
      Spec products = new Spec(kit.real(), Shape.of(POINTS * count, outs));
      int productsAt = inputs.shape().size();
      passes.add(
          Pass.flat(sources(kit, "INPUT").entry("transform_input"), count * ins)
              .in(0)
              .scratch(0, inputs)
              .numbers(sizes)
              .numbers(tiles)
              .ints(first, count));
      long[] groups = {Math.ceilDiv(count, tile.tileM()), Math.ceilDiv(outs, tile.tileN()), POINTS};
      passes.add(
          Pass.groups(
                  kit.tiled("winograd.cl", tile).define("PRODUCTS", "").entry("multiply_points"),
                  groups,
                  tile.threads())
              .scratch(0, inputs)
              .packed(filters)
              .scratch(productsAt, products)
              .ints(count, ins, outs));
      passes.add(
          EpilogueText.bind(
              Pass.flat(
                      EpilogueText.define(sources(kit, "OUTPUT"), epilogue)
                          .entry("transform_output"),
                      count * outs)
                  .scratch(productsAt, products)
                  .out(0)
                  .numbers(sizes)
                  .numbers(tiles)
                  .ints(first, count),
              epilogue));
    }
    return kit.packing(
        "winograd 4x4, " + tile,
        POINTS * blockTiles * (ins + outs),
        new Packing(1, filters, packing),
        passes);
  }

  private static Sources sources(Kit kit, String part) {
    return Sources.of("winograd.cl", kit.stored()).define(part, "");
  }
}
