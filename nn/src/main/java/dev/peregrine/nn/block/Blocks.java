package dev.peregrine.nn.block;

import static dev.peregrine.nn.Layers.convBn;
import static dev.peregrine.nn.Regularization.dropBlock;
import static dev.peregrine.nn.Regularization.dropPath;
import static dev.peregrine.tensor.Arrays.concat;
import static dev.peregrine.tensor.Pooling.maxPool;

import dev.peregrine.autograd.Recording;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.Window;
import java.util.function.Supplier;

/** Blocks of several convolutions or pools that keep height and width. */
public final class Blocks {
  private Blocks() {}

  /**
   * Computes a passage of a network, of which a tape keeps the result alone where the style says
   * so.
   *
   * @param p the room of the passage
   * @param body the passage
   * @return its result
   */
  public static Tensor passage(Params p, Supplier<Tensor> body) {
    return p.isTraining() && p.style().recompute() ? Recording.recomputed(body) : body.get();
  }

  /** Clears squares at the end of a backbone's stage, where the style says so. */
  static Tensor dropBlocks(Params p, Tensor x) {
    return dropBlock(p, x, p.style().dropBlock(), p.style().dropBlockSize());
  }

  /**
   * Adds to a map what a 1x1 and a 3x3 convolution make of it.
   *
   * <p><b>Shapes</b> x {@code [N, H, W, C]}; the result has the same.
   *
   * <p><b>Formula</b> {@code y = conv3x3(conv1x1(x)) + x}, without an activation after the sum;
   * while training, the style may leave the first summand out for some pictures.
   *
   * <p><b>Cost</b> {@code N * H * W * 10 * C * inner} multiply-adds.
   *
   * <p><b>Source</b> He et al. 2015, in the form of Darknet53.
   *
   * @param p the room of both convolutions
   * @param x the map
   * @param inner channels between the convolutions
   * @param activation after each convolution
   * @return the sum
   */
  public static Tensor residual(Params p, Tensor x, int inner, Unary.Kind activation) {
    return passage(
        p,
        () -> {
          Tensor y = convBn(p.at("a"), x, inner, 1, 1, activation);
          y = convBn(p.at("b"), y, x.shape().channels(), 3, 1, activation);
          return dropPath(p, y, p.style().dropPath()).plus(x);
        });
  }

  /**
   * Applies 1x1 and 3x3 convolutions in turns, the 3x3 ones twice as wide.
   *
   * <p><b>Shapes</b> x {@code [N, H, W, C]}; the result is {@code [N, H, W, channels]} for an odd
   * count, twice the channels for an even one.
   *
   * <p><b>Source</b> Redmon and Farhadi 2018, "YOLOv3"; the neck of YOLOv4 has five in a row.
   *
   * @param p the room of all
   * @param x the map
   * @param channels of the 1x1 convolutions
   * @param count how many convolutions
   * @param activation after each
   * @return what the last one gives
   */
  public static Tensor alternating(
      Params p, Tensor x, int channels, int count, Unary.Kind activation) {
    Tensor y = x;
    for (int i = 0; i < count; i++) {
      boolean wide = i % 2 == 1;
      y = convBn(p.at("conv", i), y, wide ? 2 * channels : channels, wide ? 3 : 1, 1, activation);
    }
    return y;
  }

  /**
   * Puts the largest values around each pixel beside its own, for windows of 13, 9 and 5.
   *
   * <p><b>Shapes</b> x {@code [N, H, W, C]}; the result is {@code [N, H, W, 4 * C]}, widest window
   * first and x last.
   *
   * <p><b>Source</b> He et al. 2014, "Spatial pyramid pooling", as YOLOv3-SPP has it.
   *
   * @param x the map
   * @return the four maps after one another
   */
  public static Tensor spp(Tensor x) {
    Tensor five = maxPool(x, Window.same(5, 1));
    Tensor nine = maxPool(x, Window.same(9, 1));
    Tensor thirteen = maxPool(x, Window.same(13, 1));
    return concat(-1, thirteen, nine, five, x);
  }
}
