package dev.peregrine.tensor;

import dev.peregrine.tensor.op.BatchNorm;
import dev.peregrine.tensor.op.BatchNormTrain;
import dev.peregrine.tensor.op.Unary;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Batch normalisation, for running and for training. */
public final class Normalization {
  private Normalization() {}

  /**
   * Normalises with given statistics, as a trained network does.
   *
   * <p><b>Shapes</b> x {@code [..., C]}, the others {@code [C]}; the result has the shape of x.
   *
   * <p><b>Formula</b> {@code gamma * (x - mean) / sqrt(variance + epsilon) + beta}.
   *
   * <p><b>Source</b> Ioffe and Szegedy 2015.
   *
   * @param x the activation
   * @param gamma factor of each channel
   * @param beta summand of each channel
   * @param mean running mean of each channel
   * @param variance running variance of each channel
   * @param epsilon added to the variance inside the root
   * @return the normalised activation
   */
  public static Tensor batchNorm(
      Tensor x, Tensor gamma, Tensor beta, Tensor mean, Tensor variance, double epsilon) {
    return Ops.apply(new BatchNorm(epsilon, null), x, gamma, beta, mean, variance);
  }

  /**
   * Normalises with the statistics of the batch itself and applies an activation.
   *
   * <p><b>Shapes</b> x {@code [..., C]}, gamma and beta {@code [C]}.
   *
   * @param x the activation
   * @param gamma factor of each channel
   * @param beta summand of each channel
   * @param epsilon added to the variance inside the root
   * @param activation the function applied after, or null for none
   * @return the normalised activation, the batch's mean and its biased variance
   */
  public static List<Tensor> batchNormTrain(
      Tensor x, Tensor gamma, Tensor beta, double epsilon, Unary.@Nullable Kind activation) {
    return Ops.applyAll(new BatchNormTrain(epsilon, activation), List.of(x, gamma, beta));
  }
}
