package dev.peregrine.nn.block;

import static dev.peregrine.nn.Layers.convBn;
import static dev.peregrine.nn.block.Blocks.dropBlocks;
import static dev.peregrine.nn.block.Blocks.passage;
import static dev.peregrine.nn.block.Blocks.residual;
import static dev.peregrine.nn.block.Blocks.spp;
import static dev.peregrine.tensor.Arrays.concat;
import static dev.peregrine.tensor.Arrays.slice;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.Unary;

/**
 * Cross-stage partial blocks in darknet's form: only a part of the channels goes through the depth
 * of a block, the rest joins it at the end. Each convolution has its own batch normalisation.
 *
 * <p><b>Source</b> Wang et al. 2019, "CSPNet"; the cfg files of YOLOv4 and Scaled-YOLOv4.
 */
public final class CspBlocks {
  private CspBlocks() {}

  /**
   * A stage of a backbone: halves the map, then residual units on one of two projections.
   *
   * <p><b>Shapes</b> x {@code [N, H, W, C]}; the result is {@code [N, H / 2, W / 2, channels]}.
   *
   * @param p the room of the stage
   * @param x the map
   * @param channels of the result; each projection has half of them
   * @param depth how many residual units
   * @param activation after each convolution
   * @return the stage's map
   */
  public static Tensor csp(Params p, Tensor x, int channels, int depth, Unary.Kind activation) {
    return csp(p, x, channels, channels / 2, channels / 2, depth, activation);
  }

  /**
   * A stage of a backbone with chosen widths, such as the first one of CSPDarknet53.
   *
   * @param p the room of the stage
   * @param x the map {@code [N, H, W, C]}
   * @param channels of the result
   * @param part channels of each projection
   * @param inner channels between the convolutions of a residual unit
   * @param depth how many residual units
   * @param activation after each convolution
   * @return the stage's map {@code [N, H / 2, W / 2, channels]}
   */
  public static Tensor csp(
      Params p, Tensor x, int channels, int part, int inner, int depth, Unary.Kind activation) {
    Tensor down = passage(p, () -> convBn(p.at("down"), x, channels, 3, 2, activation));
    Tensor aside = passage(p, () -> convBn(p.at("aside"), down, part, 1, 1, activation));
    Tensor y = passage(p, () -> convBn(p.at("in"), down, part, 1, 1, activation));
    for (int i = 0; i < depth; i++) {
      y = residual(p.at("unit", i), y, inner, activation);
    }
    Tensor deep = y;
    return passage(
        p,
        () -> {
          Tensor end = convBn(p.at("transition"), deep, part, 1, 1, activation);
          Tensor joined = concat(-1, end, aside);
          return dropBlocks(p, convBn(p.at("out"), joined, channels, 1, 1, activation));
        });
  }

  /**
   * The block of a neck: a shared 1x1 convolution, then pairs of convolutions beside one more 1x1.
   *
   * <p><b>Shapes</b> x {@code [N, H, W, C]}; the result is {@code [N, H, W, channels]}.
   *
   * <p><b>Source</b> Wang, Bochkovskiy and Liao 2021, "Scaled-YOLOv4", section 4.1 (reversed CSP).
   *
   * @param p the room of the block
   * @param x the map
   * @param channels of the result
   * @param depth how many pairs
   * @param activation after each convolution
   * @return the block's map
   */
  public static Tensor rCsp(Params p, Tensor x, int channels, int depth, Unary.Kind activation) {
    return passage(p, () -> reversed(p, x, channels, depth, activation));
  }

  private static Tensor reversed(
      Params p, Tensor x, int channels, int depth, Unary.Kind activation) {
    Tensor shared = convBn(p.at("in"), x, channels, 1, 1, activation);
    Tensor aside = convBn(p.at("aside"), shared, channels, 1, 1, activation);
    Tensor y = shared;
    for (int i = 0; i < depth; i++) {
      y = pair(p.at("unit", i), y, 1, 3, activation);
    }
    return convBn(p.at("out"), concat(-1, y, aside), channels, 1, 1, activation);
  }

  /**
   * The block between backbone and neck: a pyramid of pools with convolutions around it, beside a
   * 1x1 convolution.
   *
   * <p><b>Shapes</b> x {@code [N, H, W, C]}; the result is {@code [N, H, W, channels]}.
   *
   * @param p the room of the block
   * @param x the map
   * @param channels of the result
   * @param before pairs of convolutions before the pools
   * @param after pairs of convolutions after them
   * @param activation after each convolution
   * @return the block's map
   */
  public static Tensor sppCsp(
      Params p, Tensor x, int channels, int before, int after, Unary.Kind activation) {
    return passage(p, () -> pyramid(p, x, channels, before, after, activation));
  }

  private static Tensor pyramid(
      Params p, Tensor x, int channels, int before, int after, Unary.Kind activation) {
    Tensor aside = convBn(p.at("aside"), x, channels, 1, 1, activation);
    Tensor y = convBn(p.at("in"), x, channels, 1, 1, activation);
    for (int i = 0; i < before; i++) {
      y = pair(p.at("before", i), y, 3, 1, activation);
    }
    Tensor pooled = spp(y);
    y = convBn(p.at("after", 0).at("a"), pooled, channels, 1, 1, activation);
    y = convBn(p.at("after", 0).at("b"), y, channels, 3, 1, activation);
    for (int i = 1; i < after; i++) {
      y = pair(p.at("after", i), y, 1, 3, activation);
    }
    return convBn(p.at("out"), concat(-1, y, aside), channels, 1, 1, activation);
  }

  private static Tensor pair(Params p, Tensor x, int first, int second, Unary.Kind activation) {
    int channels = x.shape().channels();
    Tensor y = convBn(p.at("a"), x, channels, first, 1, activation);
    return convBn(p.at("b"), y, channels, second, 1, activation);
  }

  /**
   * What a partial block of YOLOv4-tiny gives.
   *
   * @param whole its first convolution
   * @param out its last one
   */
  public record OsaPart(Tensor whole, Tensor out) {
    /**
     * Puts both after one another.
     *
     * @return {@code [N, H, W, 2 * channels]}
     */
    public Tensor joined() {
      return concat(-1, whole, out);
    }
  }

  /**
   * The block of YOLOv4-tiny: only the second half of the channels goes through the two inner
   * convolutions, and all that these give is aggregated once.
   *
   * <p><b>Shapes</b> x {@code [N, H, W, C]}; both results are {@code [N, H, W, channels]}.
   *
   * <p><b>Source</b> Wang, Bochkovskiy and Liao 2021, "Scaled-YOLOv4", section 4.2; one-shot
   * aggregation: Lee et al. 2019.
   *
   * @param p the room of the block
   * @param x the map
   * @param channels of the first and the last convolution
   * @param activation after each convolution
   * @return first and last map
   */
  public static OsaPart osaPart(Params p, Tensor x, int channels, Unary.Kind activation) {
    Tensor whole = passage(p, () -> convBn(p.at("in"), x, channels, 3, 1, activation));
    Tensor out =
        passage(
            p,
            () -> {
              int half = channels / 2;
              Tensor second = slice(whole, -1, half, half);
              Tensor first = convBn(p.at("part", 0), second, half, 3, 1, activation);
              Tensor last = convBn(p.at("part", 1), first, half, 3, 1, activation);
              Tensor joined = concat(-1, last, first);
              return dropBlocks(p, convBn(p.at("out"), joined, channels, 1, 1, activation));
            });
    return new OsaPart(whole, out);
  }
}
