package dev.peregrine.nn;

import dev.peregrine.nn.CrossBatchNorm.AcrossIterations;
import dev.peregrine.nn.CrossBatchNorm.AcrossMiniBatches;
import dev.peregrine.nn.SharedStatistics.Sharing;
import dev.peregrine.tensor.Activations;
import dev.peregrine.tensor.Convolutions;
import dev.peregrine.tensor.Normalization;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
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
    return Convolutions.conv2d(x, filters(p, x, channels, window, groups), window, groups);
  }

  private static Tensor filters(Params p, Tensor x, int channels, Window window, int groups) {
    Shape shape =
        Shape.of(
            window.kernelHeight(),
            window.kernelWidth(),
            x.shape().channels() / Math.max(1, groups),
            channels);
    return p.get("weight", Params.Kind.WEIGHT, shape, Initializer.DARKNET);
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
   * training, with the running ones otherwise, and where gamma is frozen, which then stay as they
   * are; as {@link LayerStyle#normalization} says where that is another normalisation.
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
    int rows = x.shape().rows();
    return switch (p.style().normalization()) {
      case FILTER_RESPONSE -> OtherNormalizations.filterResponse(p, x, activation);
      case GROUP -> OtherNormalizations.group(p, x, p.style().groups(), activation);
      // A map that no single convolution made has no derivative by its filters.
      case BATCH, CROSS_ITERATION -> batchNorm(p, x, epsilon, activation, null);
      case CROSS_MINI_BATCH -> {
        boolean first = p.moment().first();
        yield batchNorm(p, x, epsilon, activation, new AcrossMiniBatches(p.memory(), first, rows));
      }
      case SYNCHRONIZED -> {
        Replica replica = Replica.current();
        Sharing sharing =
            replica == null ? null : new SharedStatistics.AcrossReplicas(replica, rows);
        yield batchNorm(p, x, epsilon, activation, sharing);
      }
    };
  }

  private static Tensor batchNorm(
      Params p,
      Tensor x,
      double epsilon,
      Unary.@Nullable Kind activation,
      @Nullable Sharing sharing) {
    Shape shape = Shape.of(x.shape().channels());
    Tensor gamma = p.get("gamma", Params.Kind.SCALE, shape, Initializer.ONES);
    Tensor beta = p.get("beta", Params.Kind.BIAS, shape, Initializer.ZEROS);
    Tensor mean = p.get("mean", Params.Kind.STATISTIC, shape, Initializer.ZEROS);
    Tensor variance = p.get("variance", Params.Kind.STATISTIC, shape, Initializer.ONES);
    if (!p.isTraining() || p.isFrozen("gamma")) {
      Tensor y = Normalization.batchNorm(x, gamma, beta, mean, variance, epsilon);
      return activation == null ? y : Activations.apply(activation, y);
    }
    List<Tensor> outputs =
        sharing == null
            ? Normalization.batchNormTrain(x, gamma, beta, epsilon, activation)
            : SharedStatistics.apply(x, gamma, beta, epsilon, activation, sharing);
    double share = p.statisticsMomentum();
    double rows = sharing == null ? x.shape().rows() : sharing.rows(x.shape().rows());
    double unbiased = rows > 1 ? rows / (rows - 1) : 1;
    p.pend("mean", outputs.get(1), 1 - share, share);
    p.pend("variance", outputs.get(2), 1 - share, share * unbiased);
    return outputs.get(0);
  }

  /**
   * Convolves without bias, normalises and activates.
   *
   * <p><b>Shapes</b> x {@code [N, H, W, C]}; the result is {@code [N, OH, OW, channels]}.
   *
   * <p><b>Cost</b> as {@link #conv2d}.
   *
   * @param conv the room of the filters
   * @param norm the room of the normalisation, whose style says which
   * @param x the activation
   * @param channels output channels
   * @param window kernel, stride, padding, dilation
   * @param groups groups of channels convolved apart
   * @param epsilon added to the variance inside the root
   * @param activation the function, or null for none
   * @return the activation
   */
  public static Tensor convNorm(
      Params conv,
      Params norm,
      Tensor x,
      int channels,
      Window window,
      int groups,
      double epsilon,
      Unary.@Nullable Kind activation) {
    Tensor filters = filters(conv, x, channels, window, groups);
    LayerStyle style = norm.style();
    Tensor kept = Regularization.dropConnect(conv, filters, style.dropConnect());
    Tensor y = Convolutions.conv2d(x, kept, window, groups);
    if (style.normalization() != LayerStyle.Kind.CROSS_ITERATION || !norm.isTraining()) {
      return batchNorm(norm, y, epsilon, activation);
    }
    AcrossIterations.Site site = new AcrossIterations.Site(x, y, filters, window, groups);
    long step = norm.moment().step();
    Sharing sharing = new AcrossIterations(norm.memory(), site, style.window(), step);
    return batchNorm(norm, y, epsilon, activation, sharing);
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
    return convNorm(p, p, x, channels, Window.same(size, stride), 1, DARKNET_EPSILON, activation);
  }
}
