package dev.peregrine.yolo.darknet;

import dev.peregrine.nn.Initializer;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Activations;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Pointwise;
import dev.peregrine.tensor.Reductions;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Shape;

/**
 * The factors of a {@code [shortcut]} with {@code weights_type}, ready to multiply with.
 *
 * <p><b>Formula</b> factor i is {@code w_i}; balanced {@code relu(w_i) / (1e-4 + sum relu(w))} or
 * {@code e^(w_i - max w) / (1e-4 + sum e^(w - max w))}. The layer before the shortcut is summand 0,
 * then those of {@code from=}.
 */
final class SummandWeights {
  private static final double EPSILON = 1e-4;

  private SummandWeights() {}

  /** The shape of the factors: one row a summand. */
  static Shape shape(Layer.Shortcut layer) {
    return Shape.of(1 + layer.from().size(), layer.weights().perSummand(layer.input().channels()));
  }

  /** The balanced factors, one row a summand. */
  static Tensor of(Params p, Layer.Shortcut layer) {
    Tensor raw = p.get("weights", Params.Kind.WEIGHT, shape(layer), Initializer.ONES);
    return switch (layer.weights().normalization()) {
      case NONE -> raw;
      case RELU -> balanced(Activations.relu(raw));
      case SOFTMAX -> balanced(Pointwise.exp(raw.minus(Reductions.max(raw, true, 0))));
    };
  }

  private static Tensor balanced(Tensor positive) {
    return positive.dividedBy(Reductions.sum(positive, true, 0).plus(EPSILON));
  }

  /** A summand times its factors; where they have more channels, the first ones count. */
  static Tensor weigh(Tensor x, Tensor factors, int summand) {
    Tensor row = Arrays.slice(factors, 0, summand, 1);
    int given = row.shape().channels();
    int common = Math.min(given, x.shape().channels());
    Tensor own = given == 1 || given == common ? row : Arrays.slice(row, -1, 0, common);
    return x.times(own.reshape(own.shape().channels()));
  }
}
