package dev.peregrine.opencl.kernel;

import dev.peregrine.opencl.runtime.Source;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.op.Conv2dInputGrad;
import dev.peregrine.tensor.op.Conv2dWeightGrad;
import dev.peregrine.tensor.op.Epilogue;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.math.BigInteger;

/**
 * Convolution and its two gradients.
 *
 * <p>All three are matrix products whose left matrix is fetched from the input as it is needed:
 * {@code convolution.cl}, {@code input_gradient.cl}, {@code weight_gradient.cl} around {@code
 * tile.cl}. Groups of a few channels have kernels of their own, {@code grouped.cl}; many channels
 * under 3x3 taps are computed by {@link WinogradKernels}.
 */
final class ConvolutionKernels {
  /** Channels of a group from which on tiles are worth their while. */
  private static final int TILED_CHANNELS = 8;

  /** Pixels that one group of work items sums at least. */
  private static final int LEAST_PIXELS = 256;

  /** Lines of output that one work item sums at least. */
  private static final int LEAST_LINES = 4;

  private static final int MOST_PARTS = 128;

  /** Rows and columns of the weight gradient that keep a group busy. */
  private static final int SQUARE = 64;

  /** A multiple of the depths of all tiles. */
  private static final int SLICE = 32;

  private final Kit kit;
  private final Window window;
  private final int groups;
  private final Shape x;
  private final Shape y;
  private final int inChannels;
  private final int outChannels;

  private ConvolutionKernels(Kit kit, Window window, int groups, Shape x, Shape y) {
    this.kit = kit;
    this.window = window;
    this.groups = groups;
    this.x = x;
    this.y = y;
    this.inChannels = x.dim(3) / groups;
    this.outChannels = y.dim(3) / groups;
  }

  static Kernel forward(Conv2d op, Kit kit) {
    Shape x = kit.signature().input(0).shape();
    Shape y = kit.signature().output().shape();
    return new ConvolutionKernels(kit, op.window(), op.groups(), x, y).forward(op.epilogue());
  }

  static Kernel inputGrad(Conv2dInputGrad op, Kit kit) {
    Shape y = kit.signature().input(0).shape();
    return new ConvolutionKernels(kit, op.window(), op.groups(), op.input(), y).inputGrad();
  }

  static Kernel weightGrad(Conv2dWeightGrad op, Kit kit) {
    Shape x = kit.signature().input(0).shape();
    Shape y = kit.signature().input(1).shape();
    return new ConvolutionKernels(kit, op.window(), op.groups(), x, y).weightGrad();
  }

  /** Whether tiles of a matrix product would be mostly empty. */
  private boolean isNarrow() {
    return groups > 1 && Math.min(inChannels, outChannels) < TILED_CHANNELS;
  }

  private Kernel forward(Epilogue epilogue) {
    if (isNarrow()) {
      Source source =
          EpilogueText.define(grouped().define("FORWARD", ""), epilogue).entry("convolve");
      return kit.kernel(
          "grouped",
          EpilogueText.bind(
              sized(Pass.flat(source, y.size()).in(0, 2).out(0)).ints(groups, y.size()), epilogue));
    }
    if (WinogradKernels.suits(kit, window, groups, x, y)) {
      return WinogradKernels.forward(kit, window, epilogue);
    }
    Tile tile = kit.tile(y.rows(), outChannels, groups);
    Sources sources = kit.tiled("convolution.cl", tile);
    return kit.kernel(
        "implicit " + tile,
        EpilogueText.bind(
            sized(
                Pass.groups(
                        EpilogueText.define(sources, epilogue).entry("convolve"),
                        tiles(tile, y.rows(), outChannels, groups),
                        tile.threads())
                    .in(0, 2)
                    .out(0)),
            epilogue));
  }

  private Kernel inputGrad() {
    if (isNarrow()) {
      return kit.kernel(
          "grouped",
          sized(Pass.flat(grouped().entry("input_gradient"), x.size()).in(0, 2).out(0))
              .ints(groups, x.size()));
    }
    if (WinogradKernels.suits(kit, window, groups, y, x)) {
      return WinogradKernels.inputGrad(kit, window);
    }
    int phases = window.strideHeight() * window.strideWidth();
    // The phase of the first pixel has the most pixels.
    int rows = Math.ceilDiv(x.dim(1), window.strideHeight());
    int columns = Math.ceilDiv(x.dim(2), window.strideWidth());
    int pixels = x.dim(0) * rows * columns;
    Tile tile = kit.tile(pixels, inChannels, (long) groups * phases);
    Source source = kit.tiled("input_gradient.cl", tile).entry("input_gradient");
    return kit.kernel(
        "implicit " + tile + (phases == 1 ? "" : ", " + phases + " phases"),
        sized(
                Pass.groups(
                        source, tiles(tile, pixels, inChannels, groups * phases), tile.threads())
                    .in(0, 2)
                    .out(0))
            .numbers(
                tapStep(window.strideHeight(), window.dilationHeight()),
                tapStep(window.strideWidth(), window.dilationWidth())));
  }

  /** The distance between taps that one pixel meets. */
  private static int tapStep(int stride, int dilation) {
    return stride / BigInteger.valueOf(stride).gcd(BigInteger.valueOf(dilation)).intValue();
  }

  private Kernel weightGrad() {
    Shape w = kit.signature().output().shape();
    if (isNarrow()) {
      return narrowWeightGrad(w);
    }
    int rows = w.rows();
    // Parts are counted in squares of a fixed size, so that the tile changes no bit.
    long squares = (long) Math.ceilDiv(rows, SQUARE) * Math.ceilDiv(outChannels, SQUARE);
    long wanted = kit.manyGroups() / Math.max(1, squares * groups);
    int parts = Math.clamp(Math.min(wanted, y.rows() / LEAST_PIXELS), 1, MOST_PARTS);
    int partPixels = Math.ceilDiv(Math.ceilDiv(y.rows(), parts), SLICE) * SLICE;
    Tile tile = kit.tile(rows, outChannels, (long) groups * parts);
    long[] tiles = tiles(tile, rows, outChannels, groups);
    tiles[2] = (long) groups * parts;
    Source source = kit.tiled("weight_gradient.cl", tile).entry("weight_gradient");
    Pass pass = Pass.groups(source, tiles, tile.threads()).in(0, 2);
    String algorithm = "implicit " + tile;
    if (parts == 1) {
      return kit.kernel(algorithm, sized(pass.out(0)).ints(parts, partPixels));
    }
    Spec partial = partial(w, parts);
    return kit.kernel(
        algorithm + " in " + parts + " parts",
        partial.shape().size(),
        sized(pass.scratch(0, partial)).ints(parts, partPixels),
        joined(partial, parts, w));
  }

  private Kernel narrowWeightGrad(Shape w) {
    int lines = y.dim(0) * y.dim(1);
    long wanted = kit.manyGroups() * (long) Pass.GROUP / Math.max(1, w.size());
    int parts = Math.clamp(Math.min(wanted, lines / LEAST_LINES), 1, MOST_PARTS);
    int partLines = Math.ceilDiv(lines, parts);
    long[] groupsOf = {Math.ceilDiv(w.size(), Pass.GROUP), parts};
    Pass pass = Pass.groups(grouped().entry("weight_gradient"), groupsOf, Pass.GROUP).in(0, 2);
    if (parts == 1) {
      return kit.kernel("grouped", sized(pass.out(0)).ints(groups, partLines, w.size()));
    }
    Spec partial = partial(w, parts);
    return kit.kernel(
        "grouped in " + parts + " parts",
        partial.shape().size(),
        sized(pass.scratch(0, partial)).ints(groups, partLines, w.size()),
        joined(partial, parts, w));
  }

  private Spec partial(Shape w, int parts) {
    return new Spec(kit.real(), Shape.of(parts * w.rows(), w.channels()));
  }

  private Pass joined(Spec partial, int parts, Shape w) {
    return Pass.flat(Sources.of("parts.cl", kit.real()).entry("join_parts"), w.size())
        .scratch(0, partial)
        .out(0)
        .ints(parts, w.channels(), w.size());
  }

  private Sources grouped() {
    return Sources.of("grouped.cl", kit.stored());
  }

  private static long[] tiles(Tile tile, int rows, int columns, int products) {
    return new long[] {
      Math.ceilDiv(rows, tile.tileM()), Math.ceilDiv(columns, tile.tileN()), products
    };
  }

  /** The next arguments are window and sizes. */
  private Pass sized(Pass pass) {
    int[] sizes = {
      x.dim(1), x.dim(2), y.dim(1), y.dim(2), inChannels, outChannels, x.dim(0), groups
    };
    return pass.vector(Windows.numbers(window), 0).vector(sizes, 0);
  }
}
