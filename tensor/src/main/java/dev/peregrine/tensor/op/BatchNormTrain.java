package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Batch normalisation with the statistics of the batch itself, and an activation, in one operation.
 *
 * <p>Fused because training then saves one tensor, x, where the composition saves three.
 *
 * <p><b>Shapes</b> x {@code [..., C]}, gamma and beta {@code [C]}; the outputs are y with the shape
 * of x, and the batch's mean and biased variance {@code [C]}.
 *
 * <p><b>Formula</b> {@code y = f(gamma * (x - mean) / sqrt(variance + epsilon) + beta)}; mean and
 * variance over all axes but the last, the variance divided by the number of rows.
 *
 * <p><b>Source</b> Ioffe and Szegedy 2015.
 *
 * @param epsilon added to the variance inside the root
 * @param activation f, or null for none
 */
public record BatchNormTrain(double epsilon, Unary.@Nullable Kind activation) implements Op {
  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.arity("batch_norm_train", inputs, "x", "gamma", "beta");
    Laws.sameType("batch_norm_train", inputs);
    Laws.floating("batch_norm_train", "x", inputs.get(0));
    int channels = inputs.get(0).shape().channels();
    Laws.channels("batch_norm_train", "gamma", inputs.get(1), channels);
    Laws.channels("batch_norm_train", "beta", inputs.get(2), channels);
    Spec statistic = inputs.get(0).withShape(Shape.of(channels));
    return List.of(inputs.get(0), statistic, statistic);
  }

  @Override
  public long flops(List<Spec> inputs, List<Spec> outputs) {
    return 6L * outputs.get(0).shape().size();
  }
}
