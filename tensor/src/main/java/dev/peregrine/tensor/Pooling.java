package dev.peregrine.tensor;

import dev.peregrine.tensor.op.AvgPool;
import dev.peregrine.tensor.op.MaxPool;
import dev.peregrine.tensor.op.Upsample;
import dev.peregrine.tensor.shape.Window;

/** Pooling over windows and its opposite, up-sampling. */
public final class Pooling {
  private Pooling() {}

  /**
   * Takes the largest element under each window; places outside the input never win.
   *
   * <p><b>Shapes</b> x {@code [N, H, W, C]}; the result is {@code [N, OH, OW, C]}.
   *
   * @param x the activation
   * @param window kernel, stride and padding
   * @return the pooled activation
   */
  public static Tensor maxPool(Tensor x, Window window) {
    return Ops.apply(new MaxPool(window), x);
  }

  /**
   * Takes the mean under each window; places outside the input do not count.
   *
   * <p><b>Shapes</b> x {@code [N, H, W, C]}; the result is {@code [N, OH, OW, C]}.
   *
   * @param x the activation
   * @param window kernel, stride and padding
   * @return the pooled activation
   */
  public static Tensor avgPool(Tensor x, Window window) {
    return Ops.apply(new AvgPool(window), x);
  }

  /**
   * Takes the mean of each channel over the whole map.
   *
   * <p><b>Shapes</b> x {@code [N, H, W, C]}; the result is {@code [N, 1, 1, C]}.
   *
   * @param x the activation
   * @return the pooled activation
   */
  public static Tensor globalAvgPool(Tensor x) {
    int height = x.shape().dim(1);
    int width = x.shape().dim(2);
    return avgPool(x, new Window(height, width, 1, 1, 0, 0, 0, 0, 1, 1));
  }

  /**
   * Repeats each pixel, nearest neighbour.
   *
   * <p><b>Shapes</b> x {@code [N, H, W, C]}; the result is {@code [N, factor * H, factor * W, C]}.
   *
   * @param x the activation
   * @param factor repetitions in both directions
   * @return the larger activation
   */
  public static Tensor upsample(Tensor x, int factor) {
    return Ops.apply(new Upsample(factor), x);
  }
}
