package dev.peregrine.nn;

import dev.peregrine.autograd.Recording;
import dev.peregrine.tensor.Activations;
import dev.peregrine.tensor.Pointwise;
import dev.peregrine.tensor.Reductions;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.Shape;
import org.jspecify.annotations.Nullable;

/**
 * Normalisations of each picture by itself: no batch, no running statistics, the same while
 * training and afterwards. They are compositions, recomputed when the tape goes backward, so that
 * it keeps x alone.
 */
final class OtherNormalizations {
  private static final double FILTER_RESPONSE_EPSILON = 1e-6;
  private static final double GROUP_EPSILON = 1e-5;

  private OtherNormalizations() {}

  /**
   * Filter response normalisation, with a thresholded linear unit in place of the activation.
   *
   * <p><b>Formula</b> {@code y = gamma * x / sqrt(mean of x^2 over the map + 1e-6) + beta}, then
   * {@code max(y, tau)}, tau learned, at first 0. A gate (logistic) stays a gate.
   *
   * <p><b>Source</b> Singh and Krishnan 2020.
   *
   * @param p the room with {@code gamma, beta} and {@code tau [C]}
   * @param x the map {@code [N, H, W, C]}
   * @param activation that of the network, null for none
   */
  static Tensor filterResponse(Params p, Tensor x, Unary.@Nullable Kind activation) {
    Shape shape = Shape.of(x.shape().channels());
    Tensor gamma = p.get("gamma", Params.Kind.SCALE, shape, Initializer.ONES);
    Tensor beta = p.get("beta", Params.Kind.BIAS, shape, Initializer.ZEROS);
    if (activation == null || activation == Unary.Kind.LOGISTIC) {
      return Recording.recomputed(() -> {
        Tensor y = filterResponse(x, gamma, beta);
        return activation == null ? y : Activations.apply(activation, y);
      });
    }
    Tensor tau = p.get("tau", Params.Kind.BIAS, shape, Initializer.ZEROS);
    return Recording.recomputed(() -> Pointwise.maximum(filterResponse(x, gamma, beta), tau));
  }

  private static Tensor filterResponse(Tensor x, Tensor gamma, Tensor beta) {
    Tensor square = Reductions.mean(x.times(x), true, 1, 2);
    Tensor root = Pointwise.sqrt(square.plus(FILTER_RESPONSE_EPSILON));
    return x.times(gamma.dividedBy(root)).plus(beta);
  }

  /**
   * Group normalisation.
   *
   * <p><b>Formula</b> {@code y = f(gamma * (x - mean) / sqrt(variance + 1e-5) + beta)}, mean and
   * variance over the map and a group of neighbouring channels; as many groups as asked for, or the
   * most below that which divide the channels.
   *
   * <p><b>Source</b> Wu and He 2018.
   *
   * @param p the room with {@code gamma, beta [C]}
   * @param x the map {@code [N, H, W, C]}
   * @param wanted how many groups
   * @param activation f, null for none
   */
  static Tensor group(Params p, Tensor x, int wanted, Unary.@Nullable Kind activation) {
    Shape shape = x.shape();
    int channels = shape.channels();
    Tensor gamma = p.get("gamma", Params.Kind.SCALE, Shape.of(channels), Initializer.ONES);
    Tensor beta = p.get("beta", Params.Kind.BIAS, Shape.of(channels), Initializer.ZEROS);
    int groups = groups(wanted, channels);
    return Recording.recomputed(() -> {
      Tensor parts =
          x.reshape(shape.dim(0), shape.dim(1) * shape.dim(2), groups, channels / groups);
      Tensor centred = parts.minus(Reductions.mean(parts, true, 1, 3));
      Tensor variance = Reductions.mean(centred.times(centred), true, 1, 3);
      Tensor even = centred.dividedBy(Pointwise.sqrt(variance.plus(GROUP_EPSILON)));
      Tensor y = even.reshape(shape.toArray()).times(gamma).plus(beta);
      return activation == null ? y : Activations.apply(activation, y);
    });
  }

  /** The most groups, up to a number, that divide the channels. */
  static int groups(int wanted, int channels) {
    int groups = Math.min(wanted, channels);
    while (channels % groups != 0) {
      groups--;
    }
    return groups;
  }
}
