package dev.peregrine.nn.block;

import static dev.peregrine.nn.Layers.batchNorm;
import static dev.peregrine.nn.Layers.conv2d;
import static dev.peregrine.nn.Layers.convNorm;
import static dev.peregrine.nn.Regularization.dropPath;
import static dev.peregrine.nn.block.Blocks.dropBlocks;
import static dev.peregrine.nn.block.Blocks.passage;
import static dev.peregrine.tensor.Arrays.concat;
import static dev.peregrine.tensor.Pooling.maxPool;
import static dev.peregrine.tensor.op.Unary.Kind.MISH;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Window;

/**
 * The blocks of Scaled-YOLOv4 in PyTorch's form: both sides of a partial block are joined first and
 * normalised together. They are not those of {@link CspBlocks}: epsilon, joins and the order of the
 * pools differ, so numbers of one form do not serve the other.
 *
 * <p>Rooms have the names that PyTorch's modules have, with {@code gamma, beta, mean, variance} for
 * {@code weight, bias, running_mean, running_var} of a normalisation.
 *
 * <p><b>Source</b> Wang, Bochkovskiy and Liao 2021, "Scaled-YOLOv4", and the code published with
 * it.
 */
public final class ScaledBlocks {
  /** The epsilon of batch normalisation in these networks. */
  public static final double EPSILON = 1e-3;

  private ScaledBlocks() {}

  /**
   * Convolves, normalises and applies mish.
   *
   * <p><b>Shapes</b> x {@code [N, H, W, C]}; the result is {@code [N, OH, OW, channels]}.
   *
   * @param p the room with {@code conv} and {@code bn}
   * @param x the map
   * @param channels of the result
   * @param size rows and columns of the kernel
   * @param stride rows and columns from one output to the next
   * @return the activated map
   */
  public static Tensor conv(Params p, Tensor x, int channels, int size, int stride) {
    Window window = Window.same(size, stride);
    return convNorm(p.at("conv"), p.at("bn"), x, channels, window, 1, EPSILON, MISH);
  }

  /** A 1x1 convolution alone. */
  private static Tensor bare(Params p, Tensor x, int channels) {
    return conv2d(p, x, channels, Window.of(1), 1);
  }

  /** Joins both sides of a block, normalises and activates them together. */
  private static Tensor join(Params p, Tensor deep, Tensor aside) {
    return batchNorm(p.at("bn"), concat(-1, deep, aside), EPSILON, MISH);
  }

  /**
   * A 1x1 and a 3x3 convolution, whose result may be added to the map.
   *
   * <p><b>Shapes</b> x {@code [N, H, W, C]}; the result is {@code [N, H, W, channels]}.
   *
   * @param p the room with {@code cv1} and {@code cv2}
   * @param x the map
   * @param channels of the result; other than C, nothing is added
   * @param inner channels between the convolutions
   * @param shortcut whether x is added
   * @return the map
   */
  public static Tensor bottleneck(Params p, Tensor x, int channels, int inner, boolean shortcut) {
    return passage(
        p,
        () -> {
          Tensor y = conv(p.at("cv2"), conv(p.at("cv1"), x, inner, 1, 1), channels, 3, 1);
          return shortcut && x.shape().channels() == channels
              ? x.plus(dropPath(p, y, p.style().dropPath()))
              : y;
        });
  }

  /**
   * The partial block of the backbone.
   *
   * <p><b>Shapes</b> x {@code [N, H, W, C]}; the result is {@code [N, H, W, channels]}.
   *
   * @param p the room with {@code cv1} to {@code cv4}, {@code bn} and {@code m}
   * @param x the map
   * @param channels of the result; each side has half of them
   * @param depth how many bottlenecks
   * @param shortcut whether they add
   * @return the block's map
   */
  public static Tensor bottleneckCsp(
      Params p, Tensor x, int channels, int depth, boolean shortcut) {
    int half = channels / 2;
    Tensor y = passage(p, () -> conv(p.at("cv1"), x, half, 1, 1));
    for (int i = 0; i < depth; i++) {
      y = bottleneck(p.at("m", i), y, half, half, shortcut);
    }
    Tensor deep = y;
    return passage(
        p,
        () -> {
          Tensor joined = join(p, bare(p.at("cv3"), deep, half), bare(p.at("cv2"), x, half));
          return dropBlocks(p, conv(p.at("cv4"), joined, channels, 1, 1));
        });
  }

  /**
   * The partial block of the neck, whose first convolution serves both sides.
   *
   * <p><b>Shapes</b> x {@code [N, H, W, C]}; the result is {@code [N, H, W, channels]}.
   *
   * @param p the room with {@code cv1} to {@code cv3}, {@code bn} and {@code m}
   * @param x the map
   * @param channels of the result and of each side
   * @param depth how many bottlenecks
   * @param shortcut whether they add
   * @return the block's map
   */
  public static Tensor bottleneckCsp2(
      Params p, Tensor x, int channels, int depth, boolean shortcut) {
    return passage(p, () -> twoSided(p, x, channels, depth, shortcut));
  }

  private static Tensor twoSided(Params p, Tensor x, int channels, int depth, boolean shortcut) {
    Tensor shared = conv(p.at("cv1"), x, channels, 1, 1);
    Tensor y = shared;
    for (int i = 0; i < depth; i++) {
      y = bottleneck(p.at("m", i), y, channels, channels, shortcut);
    }
    Tensor joined = join(p, y, bare(p.at("cv2"), shared, channels));
    return conv(p.at("cv3"), joined, channels, 1, 1);
  }

  /**
   * The block between backbone and neck, with a pyramid of pools.
   *
   * <p><b>Shapes</b> x {@code [N, H, W, C]}; the result is {@code [N, H, W, channels]}.
   *
   * @param p the room with {@code cv1} to {@code cv7} and {@code bn}
   * @param x the map
   * @param channels of the result and of each side
   * @return the block's map
   */
  public static Tensor sppCsp(Params p, Tensor x, int channels) {
    return passage(p, () -> pyramid(p, x, channels));
  }

  private static Tensor pyramid(Params p, Tensor x, int channels) {
    Tensor y = conv(p.at("cv1"), x, channels, 1, 1);
    y = conv(p.at("cv4"), conv(p.at("cv3"), y, channels, 3, 1), channels, 1, 1);
    Tensor pooled = // narrowest window first, unlike darknet's
        concat(
            -1,
            y,
            maxPool(y, Window.same(5, 1)),
            maxPool(y, Window.same(9, 1)),
            maxPool(y, Window.same(13, 1)));
    Tensor deep = conv(p.at("cv6"), conv(p.at("cv5"), pooled, channels, 1, 1), channels, 3, 1);
    Tensor joined = join(p, deep, bare(p.at("cv2"), x, channels));
    return conv(p.at("cv7"), joined, channels, 1, 1);
  }
}
