package dev.peregrine.testkit;

import static dev.peregrine.testkit.CaseList.f32;
import static dev.peregrine.testkit.CaseList.tolerance;

import dev.peregrine.tensor.op.BatchNorm;
import dev.peregrine.tensor.op.BatchNormGrad;
import dev.peregrine.tensor.op.BatchNormTrain;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Cases of batch normalisation. */
final class NormalizationCases {
  private static final double EPSILON = 1e-5;

  private NormalizationCases() {}

  static void add(CaseList list) {
    for (int channels : new int[] {1, 3, 15, 16, 17, 33, 64, 100}) {
      norm(list, Shape.of(2, 5, 7, channels), null);
    }
    norm(list, Shape.of(3, 13, 13, 31), null);
    norm(list, Shape.of(9, 17), null);
    // Activations with kinks stay out: no input keeps their argument, a sum, away from them.
    for (Unary.Kind activation : List.of(Unary.Kind.MISH, Unary.Kind.SWISH, Unary.Kind.LOGISTIC)) {
      norm(list, Shape.of(2, 5, 7, 33), activation);
    }
    Shape shape = Shape.of(2, 5, 7, 33);
    train(list, shape, Unary.Kind.LEAKY_RELU, List.of());
    grad(list, shape, Unary.Kind.LEAKY_RELU);
    train(list, shape, Unary.Kind.RELU, List.of());
    grad(list, shape, Unary.Kind.RELU);
    // The mean is known to 3e-5 of the deviation; squares added up as they are would be off by
    // 3e-2.
    list.plain(
        "batch_norm_train far from 0",
        new BatchNormTrain(EPSILON, null),
        1e-3,
        f32(Values.FAR, 3, 13, 13, 33),
        f32(Values.POSITIVE, 33),
        f32(Values.NORMAL, 33));
    // One row: the variance is 0 and the output is beta.
    train(list, Shape.of(1, 1, 1, 17), null, List.of());
    // No row at all.
    train(list, Shape.of(0, 3, 2, 17), null, List.of());
    grad(list, Shape.of(0, 3, 2, 17), null);
  }

  private static void norm(CaseList list, Shape x, Unary.@Nullable Kind activation) {
    int c = x.channels();
    list.smooth(
        "batch_norm " + x + " " + activation,
        new BatchNorm(EPSILON, activation),
        2e-6,
        f32(Values.NORMAL, x),
        f32(Values.NORMAL, c),
        f32(Values.NORMAL, c),
        f32(Values.NORMAL, c),
        f32(Values.POSITIVE, c));
    train(list, x, activation, List.of(0, 1, 2));
    grad(list, x, activation);
  }

  private static void train(
      CaseList list, Shape x, Unary.@Nullable Kind activation, List<Integer> differentiable) {
    int c = x.channels();
    list.add(
        "batch_norm_train " + x + " " + activation,
        new BatchNormTrain(EPSILON, activation),
        tolerance(x.rows()),
        differentiable,
        f32(Values.WIDE, x),
        f32(Values.POSITIVE, c),
        f32(Values.NORMAL, c));
  }

  private static void grad(CaseList list, Shape x, Unary.@Nullable Kind activation) {
    int c = x.channels();
    list.plain(
        "batch_norm_grad " + x + " " + activation,
        new BatchNormGrad(EPSILON, activation),
        tolerance(x.rows()),
        f32(Values.NORMAL, x),
        f32(Values.POSITIVE, c),
        f32(Values.NORMAL, c),
        f32(Values.NORMAL, c),
        f32(Values.POSITIVE, c),
        f32(Values.NORMAL, x));
  }
}
