package dev.peregrine.tensor;

import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.op.Epilogue;
import dev.peregrine.tensor.shape.Window;

/**
 * Convolution, the work of a detector.
 *
 * <p>Activations are {@code [N, H, W, C]}, filters {@code [KH, KW, Cin / groups, Cout]}.
 */
public final class Convolutions {
  private Convolutions() {}

  /**
   * Convolves over height and width.
   *
   * <p><b>Shapes</b> x {@code [N, H, W, Cin]}, w {@code [KH, KW, Cin, Cout]}; the result is {@code
   * [N, OH, OW, Cout]}.
   *
   * <p><b>Formula</b> see {@link Conv2d}; the sizes are those of {@link Window}.
   *
   * <p><b>Errors</b> {@link dev.peregrine.tensor.shape.ShapeException} when channels or kernel
   * sizes disagree.
   *
   * <p><b>Cost</b> {@code N * OH * OW * Cout * KH * KW * Cin} multiply-adds.
   *
   * @param x the activation
   * @param w the filters
   * @param window kernel, stride, padding and dilation
   * @return the convolved activation
   */
  public static Tensor conv2d(Tensor x, Tensor w, Window window) {
    return conv2d(x, w, window, 1);
  }

  /**
   * Convolves each group of channels on its own; with as many groups as channels, depthwise
   * convolution.
   *
   * <p><b>Shapes</b> x {@code [N, H, W, Cin]}, w {@code [KH, KW, Cin / groups, Cout]}; the result
   * is {@code [N, OH, OW, Cout]}.
   *
   * <p><b>Errors</b> {@link dev.peregrine.tensor.shape.ShapeException} when channels, groups or
   * kernel sizes disagree.
   *
   * <p><b>Cost</b> {@code N * OH * OW * Cout * KH * KW * Cin / groups} multiply-adds.
   *
   * @param x the activation
   * @param w the filters
   * @param window kernel, stride, padding and dilation
   * @param groups how many groups share the channels evenly
   * @return the convolved activation
   */
  public static Tensor conv2d(Tensor x, Tensor w, Window window, int groups) {
    return Ops.apply(new Conv2d(window, groups, Epilogue.NONE), x, w);
  }
}
