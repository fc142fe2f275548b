package dev.peregrine.nn.loss;

import dev.peregrine.tensor.Eager;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Pointwise;
import dev.peregrine.tensor.Reductions;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.ShapeException;

/** How much a classifier is surprised by the classes that it should have told. */
public final class CrossEntropy {
  private CrossEntropy() {}

  /**
   * Computes the cross entropy of the softmax, summed over examples.
   *
   * <p><b>Shapes</b> both {@code [N, classes]}; the result is a scalar.
   *
   * <p><b>Formula</b> {@code sum t * (log(sum exp(s - m)) + m - s)}, m the largest s of the
   * example, which changes nothing but keeps exp in range.
   *
   * <p><b>Errors</b> {@link ShapeException} if the shapes differ.
   *
   * @param scores one number a class, before the softmax
   * @param targets shares of the classes, which add up to 1 for each example
   * @return the sum
   */
  public static Tensor sum(Tensor scores, Tensor targets) {
    if (!scores.shape().equals(targets.shape()) || scores.shape().rank() != 2) {
      throw new ShapeException(
          "cross entropy: scores are "
              + scores.shape()
              + " and targets "
              + targets.shape()
              + ", but both must be [N, classes]");
    }
    // Aside of the tape: the largest score is a constant, whose derivative would cancel out.
    Tensor largest =
        scores.isSymbolic()
            ? Reductions.max(scores, true, 1)
            : Ops.with(new Eager(), () -> Reductions.max(scores, true, 1));
    Tensor low = scores.minus(largest);
    Tensor logSum = Pointwise.log(Reductions.sum(Pointwise.exp(low), true, 1));
    return Reductions.sum(targets.times(logSum.minus(low)));
  }
}
