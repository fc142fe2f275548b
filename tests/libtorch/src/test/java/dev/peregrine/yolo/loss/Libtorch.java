package dev.peregrine.yolo.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import dev.peregrine.yolo.head.HeadTraining.IouLoss;
import dev.peregrine.yolo.loss.BoxGradient.CentredBox;
import java.util.List;
import java.util.function.Function;

/** Losses written in libtorch's operations in double precision, and its derivatives of them. */
final class Libtorch implements AutoCloseable {
  private static final double GUARD = 1e-16;

  private final NDManager manager = Engine.getEngine("PyTorch").newBaseManager();

  /** Boxes as four columns: centres, widths and heights. */
  record Boxes(NDArray x, NDArray y, NDArray w, NDArray h) {
    NDArray left() {
      return x.sub(w.div(2));
    }

    NDArray right() {
      return x.add(w.div(2));
    }

    NDArray top() {
      return y.sub(h.div(2));
    }

    NDArray bottom() {
      return y.add(h.div(2));
    }
  }

  NDArray of(double[] values, long... shape) {
    return manager.create(values, new Shape(shape));
  }

  Boxes boxes(List<CentredBox> boxes) {
    return new Boxes(
        of(boxes.stream().mapToDouble(CentredBox::x).toArray(), boxes.size()),
        of(boxes.stream().mapToDouble(CentredBox::y).toArray(), boxes.size()),
        of(boxes.stream().mapToDouble(CentredBox::w).toArray(), boxes.size()),
        of(boxes.stream().mapToDouble(CentredBox::h).toArray(), boxes.size()));
  }

  /** One column of a table. */
  static NDArray column(NDArray table, int index) {
    return table.get(":, " + index);
  }

  /** Some rows of a table, one of them more than once if need be. */
  NDArray rows(NDArray table, int... rows) {
    long all = table.getShape().get(0);
    double[] choice = new double[Math.toIntExact(rows.length * all)];
    for (int i = 0; i < rows.length; i++) {
      choice[Math.toIntExact(i * all + rows[i])] = 1;
    }
    return of(choice, rows.length, all).matMul(table);
  }

  static NDArray sigmoid(NDArray z) {
    return z.neg().exp().add(1).pow(-1);
  }

  /** The overlap of boxes; the weight of the aspect ratio is held constant. */
  static NDArray overlap(IouLoss kind, Boxes p, Boxes t) {
    NDArray zero = p.x().zerosLike();
    NDArray across = p.right().minimum(t.right()).sub(p.left().maximum(t.left())).maximum(zero);
    NDArray down = p.bottom().minimum(t.bottom()).sub(p.top().maximum(t.top())).maximum(zero);
    NDArray both = across.mul(down);
    NDArray union = p.w().mul(p.h()).add(t.w().mul(t.h())).sub(both).add(GUARD);
    NDArray iou = both.div(union);
    NDArray width = p.right().maximum(t.right()).sub(p.left().minimum(t.left()));
    NDArray height = p.bottom().maximum(t.bottom()).sub(p.top().minimum(t.top()));
    if (kind == IouLoss.GIOU) {
      NDArray area = width.mul(height).add(GUARD);
      return iou.sub(area.sub(union).div(area));
    }
    if (kind == IouLoss.IOU || kind == IouLoss.MSE) {
      return iou;
    }
    NDArray far = p.x().sub(t.x()).square().add(p.y().sub(t.y()).square());
    NDArray distance = far.div(width.square().add(height.square()).add(GUARD));
    if (kind == IouLoss.DIOU) {
      return iou.sub(distance);
    }
    NDArray angle = t.w().div(t.h()).atan().sub(p.w().div(p.h()).atan());
    NDArray v = angle.square().mul(4 / (Math.PI * Math.PI));
    NDArray alpha = v.div(iou.neg().add(1 + GUARD).add(v)).stopGradient();
    return iou.sub(distance).sub(alpha.mul(v));
  }

  /**
   * The cross entropy of probabilities, focal with an exponent above 0.
   *
   * @param weight of what is there
   */
  static NDArray entropy(NDArray p, NDArray target, double weight, double focus) {
    NDArray rest = target.neg().add(1);
    NDArray not = p.neg().add(1);
    NDArray plain = target.mul(p.log()).mul(-weight).sub(rest.mul(not.log()));
    if (focus == 0) {
      return plain;
    }
    NDArray sure = target.mul(p).add(rest.mul(not));
    NDArray alpha = target.mul(0.25).add(rest.mul(0.75));
    return plain.mul(alpha).mul(sure.neg().add(1).pow(focus));
  }

  static NDArray stack(NDArray... columns) {
    return NDArrays.stack(new NDList(columns), 1);
  }

  /** The derivative of a scalar by all numbers of an array, and the scalar itself at the end. */
  double[] derivative(double[] at, long[] shape, Function<NDArray, NDArray> function) {
    NDArray leaf = of(at, shape);
    leaf.setRequiresGradient(true);
    double value;
    try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
      NDArray result = function.apply(leaf);
      value = result.toDoubleArray()[0];
      collector.backward(result);
    }
    double[] gradient = leaf.getGradient().toDoubleArray();
    double[] all = java.util.Arrays.copyOf(gradient, gradient.length + 1);
    all[gradient.length] = value;
    return all;
  }

  /** Compares gradients to a hundred-millionth of the largest number. */
  static void agree(double[] actual, double[] expected) {
    double largest = 0;
    for (double e : expected) {
      largest = Math.max(largest, Math.abs(e));
    }
    assertThat(largest).isGreaterThan(1e-3);
    for (int i = 0; i < actual.length; i++) {
      assertThat(actual[i])
          .as("number %d", i)
          .isCloseTo(expected[i], within(1e-8 * Math.max(1, largest)));
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
