package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Spec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Batch normalisation with given statistics.
 *
 * <p><b>Shapes</b> x {@code [..., C]}; gamma, beta, mean and variance {@code [C]}; the output has
 * the shape of x.
 *
 * <p><b>Formula</b> {@code y = f(gamma * (x - mean) / sqrt(variance + epsilon) + beta)} for each
 * channel.
 *
 * <p><b>Source</b> Ioffe and Szegedy 2015.
 *
 * @param epsilon added to the variance inside the root
 * @param activation f, or null for none; only graph passes give one
 */
public record BatchNorm(double epsilon, Unary.@Nullable Kind activation) implements Op {
  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.arity("batch_norm", inputs, "x", "gamma", "beta", "mean", "variance");
    Laws.sameType("batch_norm", inputs);
    Laws.floating("batch_norm", "x", inputs.get(0));
    int channels = inputs.get(0).shape().channels();
    Laws.channels("batch_norm", "gamma", inputs.get(1), channels);
    Laws.channels("batch_norm", "beta", inputs.get(2), channels);
    Laws.channels("batch_norm", "mean", inputs.get(3), channels);
    Laws.channels("batch_norm", "variance", inputs.get(4), channels);
    return List.of(inputs.get(0));
  }

  @Override
  public long flops(List<Spec> inputs, List<Spec> outputs) {
    return 2L * outputs.get(0).shape().size();
  }
}
