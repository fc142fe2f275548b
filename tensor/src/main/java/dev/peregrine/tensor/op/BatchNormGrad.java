package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Spec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of {@link BatchNormTrain} by x, gamma and beta, from the gradient of y alone.
 *
 * <p><b>Shapes</b> x and dy {@code [..., C]}; gamma, beta, mean and variance {@code [C]}; the
 * outputs are dx with the shape of x, dgamma and dbeta {@code [C]}.
 *
 * <p><b>Formula</b> with {@code n = (x - mean) / sqrt(variance + epsilon)}, {@code g = dy *
 * f'(gamma * n + beta)} and R rows: {@code dbeta = sum g}, {@code dgamma = sum g * n}, {@code dx =
 * gamma / sqrt(variance + epsilon) * (g - dbeta / R - n * dgamma / R)}.
 *
 * @param epsilon of the forward operation
 * @param activation f of the forward operation, or null for none
 */
public record BatchNormGrad(double epsilon, Unary.@Nullable Kind activation) implements Op {
  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.arity("batch_norm_grad", inputs, "x", "gamma", "beta", "mean", "variance", "dy");
    Laws.sameType("batch_norm_grad", inputs);
    Laws.floating("batch_norm_grad", "x", inputs.get(0));
    int channels = inputs.get(0).shape().channels();
    Laws.channels("batch_norm_grad", "gamma", inputs.get(1), channels);
    Laws.channels("batch_norm_grad", "beta", inputs.get(2), channels);
    Laws.channels("batch_norm_grad", "mean", inputs.get(3), channels);
    Laws.channels("batch_norm_grad", "variance", inputs.get(4), channels);
    Laws.shape(
        "batch_norm_grad", "dy", inputs.get(5), inputs.get(0).shape(), "dy has the shape of x");
    return List.of(inputs.get(0), inputs.get(1), inputs.get(2));
  }

  @Override
  public long flops(List<Spec> inputs, List<Spec> outputs) {
    return 10L * outputs.get(0).shape().size();
  }
}
