package dev.peregrine.nn;

import dev.peregrine.tensor.Activations;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Convolutions;
import dev.peregrine.tensor.Normalization;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Pointwise;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The layers of a convolutional network, as functions of their parameters and an activation.
 *
 * <p>Input channels are read from the tensor in hand.
 */
public final class Layers {
  /** The epsilon of darknet's batch normalisation, inside the square root. */
  public static final double DARKNET_EPSILON = 1e-5;

  private Layers() {}

  /**
   * Convolves without bias.
   *
   * <p><b>Shapes</b> x {@code [N, H, W, C]}; the result is {@code [N, OH, OW, channels]}.
   *
   * <p><b>Errors</b> {@link ShapeException} if C or {@code channels} does not divide into the
   * groups.
   *
   * <p><b>Cost</b> {@code N * OH * OW * KH * KW * C / groups * channels} multiply-adds.
   *
   * @param p the room with {@code weight [KH, KW, C / groups, channels]}
   * @param x the activation
   * @param channels output channels
   * @param window kernel, stride, padding, dilation
   * @param groups groups of channels convolved apart
   * @return the convolved activation
   */
  public static Tensor conv2d(Params p, Tensor x, int channels, Window window, int groups) {
    Shape shape =
        Shape.of(
            window.kernelHeight(),
            window.kernelWidth(),
            x.shape().channels() / Math.max(1, groups),
            channels);
    Tensor weight = p.get("weight", Params.Kind.WEIGHT, shape, Initializer.DARKNET);
    return Convolutions.conv2d(x, weight, window, groups);
  }

  /**
   * Adds one learned number to each channel.
   *
   * <p><b>Shapes</b> x {@code [..., C]}; the result has the same.
   *
   * @param p the room with {@code bias [C]}
   * @param x the activation
   * @return the shifted activation
   */
  public static Tensor bias(Params p, Tensor x) {
    return bias(p, x, Initializer.ZEROS);
  }

  /**
   * Adds one learned number to each channel, which begins at a chosen value.
   *
   * @param p the room with {@code bias [C]}
   * @param x the activation
   * @param initializer the first numbers
   * @return the shifted activation
   */
  public static Tensor bias(Params p, Tensor x, Initializer initializer) {
    Shape shape = Shape.of(x.shape().channels());
    return x.plus(p.get("bias", Params.Kind.BIAS, shape, initializer));
  }

  /**
   * Normalises each channel, then applies an activation: with the batch's statistics while
   * training, with the running ones otherwise.
   *
   * <p><b>Shapes</b> x {@code [..., C]}; the result has the same. A row is what is left of the
   * shape without C.
   *
   * <p><b>Formula</b> {@code y = f(gamma * (x - mean) / sqrt(variance + epsilon) + beta)}, training
   * with the variance divided by rows; training moves {@code running = (1 - m) running + m batch},
   * the batch's variance divided by rows - 1, m the statistics momentum of the parameters.
   *
   * <p><b>Source</b> Ioffe and Szegedy 2015.
   *
   * @param p the room with {@code gamma, beta, mean, variance [C]}
   * @param x the activation
   * @param epsilon added to the variance inside the root
   * @param activation the function, or null for none
   * @return the normalised activation
   */
  public static Tensor batchNorm(
      Params p, Tensor x, double epsilon, Unary.@Nullable Kind activation) {
    Shape shape = Shape.of(x.shape().channels());
    Tensor gamma = p.get("gamma", Params.Kind.SCALE, shape, Initializer.ONES);
    Tensor beta = p.get("beta", Params.Kind.BIAS, shape, Initializer.ZEROS);
    Tensor mean = p.get("mean", Params.Kind.STATISTIC, shape, Initializer.ZEROS);
    Tensor variance = p.get("variance", Params.Kind.STATISTIC, shape, Initializer.ONES);
    if (!p.isTraining()) {
      Tensor y = Normalization.batchNorm(x, gamma, beta, mean, variance, epsilon);
      return activation == null ? y : Activations.apply(activation, y);
    }
    List<Tensor> outputs = Normalization.batchNormTrain(x, gamma, beta, epsilon, activation);
    double share = p.statisticsMomentum();
    int rows = x.shape().rows();
    double unbiased = rows > 1 ? rows / (rows - 1.0) : 1;
    p.pend("mean", outputs.get(1), 1 - share, share);
    p.pend("variance", outputs.get(2), 1 - share, share * unbiased);
    return outputs.get(0);
  }

  /**
   * Convolves, normalises and activates: the unit that detectors are made of, padded to keep the
   * size at stride 1.
   *
   * <p><b>Shapes</b> x {@code [N, H, W, C]}; the result is {@code [N, OH, OW, channels]}, with an
   * odd size {@code OH = ceil(H / stride)}.
   *
   * <p><b>Cost</b> as {@link #conv2d}.
   *
   * @param p the room of both
   * @param x the activation {@code [N, H, W, C]}
   * @param channels output channels
   * @param size rows and columns of the kernel
   * @param stride rows and columns from one output to the next
   * @param activation the function
   * @return the activation {@code [N, OH, OW, channels]}
   */
  public static Tensor convBn(
      Params p, Tensor x, int channels, int size, int stride, Unary.Kind activation) {
    Tensor y = conv2d(p, x, channels, Window.same(size, stride), 1);
    return batchNorm(p, y, DARKNET_EPSILON, activation);
  }

  /**
   * Clears values at random while training, so that no value relies on another; the identity
   * otherwise.
   *
   * <p><b>Shapes</b> any; the result has the shape of x.
   *
   * <p><b>Formula</b> {@code y = x * mask / (1 - probability)}, the mask 0 with that probability
   * and else 1, drawn anew in each training step: the mean of y is x.
   *
   * <p><b>Errors</b> {@link IllegalArgumentException} if the probability is not in 0 (included) to
   * 1 (excluded).
   *
   * <p><b>Source</b> Srivastava et al. 2014.
   *
   * @param p the room, whose path and training step decide the mask
   * @param x the activation
   * @param probability how likely a value is cleared
   * @return the thinned activation
   */
  public static Tensor dropout(Params p, Tensor x, double probability) {
    if (!(probability >= 0 && probability < 1)) {
      throw new IllegalArgumentException(
          "dropout: the probability is "
              + probability
              + " but must be at least 0 and less than 1, since what is left is divided by 1 -"
              + " probability");
    }
    if (!p.isTraining() || probability == 0) {
      return x;
    }
    long seed = p.noiseSeed("dropout");
    Spec spec = x.spec();
    Tensor mask =
        x.isSymbolic()
            ? keep(spec, seed, probability)
            : Ops.on(x.device(), () -> keep(spec, seed, probability));
    return x.times(mask.times(1 / (1 - probability)));
  }

  /** Draws 1 where a value is kept and 0 where it is cleared. */
  private static Tensor keep(Spec spec, long seed, double probability) {
    Tensor threshold = Tensor.full(spec.withShape(Shape.of()), probability);
    return Pointwise.greaterOrEqual(Arrays.uniform(spec, seed), threshold);
  }
}
