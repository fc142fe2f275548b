package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Spec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Batch normalisation with given statistics.
 *
 * <p><b>Shapes</b> x {@code [..., C]}; gamma, beta, mean and variance {@code [C]}; the output has
 * the shape of x. Of an x that is stored in f16 the other four are f32.
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
    Laws.count("batch_norm", inputs, "x", "gamma", "beta", "mean", "variance");
    Spec x = inputs.get(0);
    Laws.floating("batch_norm", "x", x);
    Laws.perChannel("batch_norm", "gamma", inputs.get(1), x);
    Laws.perChannel("batch_norm", "beta", inputs.get(2), x);
    Laws.perChannel("batch_norm", "mean", inputs.get(3), x);
    Laws.perChannel("batch_norm", "variance", inputs.get(4), x);
    return List.of(inputs.get(0));
  }

  @Override
  public long flops(List<Spec> inputs, List<Spec> outputs) {
    return 2L * outputs.get(0).shape().size();
  }
}
