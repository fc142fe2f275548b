package dev.peregrine.tensor.cpu.reference;

import dev.peregrine.tensor.op.ArgMax;
import dev.peregrine.tensor.op.Reduce;
import dev.peregrine.tensor.shape.Shape;
import java.util.Arrays;

/**
 * Operations that fold axes.
 *
 * <p>Elements are folded in row-major order. NaN counts as larger than every number, so it reaches
 * the result; the sum of nothing is 0 and the largest of nothing is minus infinity.
 */
final class ReferenceReduction {
  private ReferenceReduction() {}

  static Numbers reduce(Reduce op, Numbers x, Shape shape) {
    int[] targets = targets(x.shape, op.axes()::contains);
    Numbers y = Numbers.zeros(shape);
    switch (op.kind()) {
      case SUM -> {
        for (int i = 0; i < targets.length; i++) {
          y.values[targets[i]] += x.values[i];
        }
      }
      case MAX -> {
        Arrays.fill(y.values, Double.NEGATIVE_INFINITY);
        for (int i = 0; i < targets.length; i++) {
          y.values[targets[i]] = Math.max(y.values[targets[i]], x.values[i]);
        }
      }
    }
    return y;
  }

  static Numbers argMax(ArgMax op, Numbers x, Shape shape) {
    int[] targets = targets(x.shape, axis -> axis == op.axis());
    int stride = x.shape.strides()[op.axis()];
    Numbers y = Numbers.zeros(shape);
    double[] best = new double[shape.size()];
    Arrays.fill(best, Double.NEGATIVE_INFINITY);
    for (int i = 0; i < targets.length; i++) {
      if (beats(x.values[i], best[targets[i]])) {
        best[targets[i]] = x.values[i];
        y.values[targets[i]] = i / stride % x.dim(op.axis());
      }
    }
    return y;
  }

  static Numbers softmax(Numbers x) {
    int channels = x.shape.channels();
    Numbers y = Numbers.zeros(x.shape);
    for (int start = 0; start < y.values.length; start += channels) {
      double largest = Double.NEGATIVE_INFINITY;
      for (int c = 0; c < channels; c++) {
        largest = Math.max(largest, x.values[start + c]);
      }
      double sum = 0;
      for (int c = 0; c < channels; c++) {
        y.values[start + c] = Math.exp(x.values[start + c] - largest);
        sum += y.values[start + c];
      }
      for (int c = 0; c < channels; c++) {
        y.values[start + c] /= sum;
      }
    }
    return y;
  }

  /** Tells whether a later value takes the place of the largest so far; equal ones do not. */
  static boolean beats(double value, double largest) {
    return value > largest || (Double.isNaN(value) && !Double.isNaN(largest));
  }

  /** For each element of x, the index of the element of the result that it is folded into. */
  private static int[] targets(Shape x, java.util.function.IntPredicate folded) {
    int[] strides = new int[x.rank()];
    int step = 1;
    for (int axis = x.rank() - 1; axis >= 0; axis--) {
      if (!folded.test(axis)) {
        strides[axis] = step;
        step *= x.dim(axis);
      }
    }
    return ReferenceMovement.places(x, 0, strides);
  }
}
