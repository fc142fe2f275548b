package dev.peregrine.autograd;

import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Reductions;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.DTypeException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Compares derivatives with differences, in f64 on the reference device, along one random
 * direction.
 *
 * <p>The direction makes the check cost two evaluations however many numbers the inputs have, so
 * that real layers can be checked.
 *
 * <p><b>Formula</b> with a random direction v and a random weighting of the outputs, {@code <grad
 * f, v>} against {@code (f(x + e v) - f(x - e v)) / 2 e}.
 */
public final class GradCheck {
  private static final double STEP = 1e-5;

  private GradCheck() {}

  /**
   * The two derivatives along the direction.
   *
   * @param analytic by the tape
   * @param numeric by differences
   */
  public record Result(double analytic, double numeric) {
    /**
     * Returns how far apart the two are.
     *
     * @return the difference, relative to the larger magnitude where that exceeds 1e-3
     */
    public double error() {
      double scale = Math.max(1e-3, Math.max(Math.abs(analytic), Math.abs(numeric)));
      return Math.abs(analytic - numeric) / scale;
    }
  }

  /**
   * Checks a function at a point.
   *
   * <p><b>Errors</b> {@link DTypeException} if no input is f64.
   *
   * <p><b>Cost</b> one training step and two evaluations.
   *
   * @param function from tensors to one tensor, smooth near the point
   * @param inputs the point; f64 inputs are moved, others stay as they are
   * @param seed of the direction and the weighting
   * @return both derivatives
   */
  public static Result directional(
      Function<List<Tensor>, Tensor> function, List<Tensor> inputs, long seed) {
    return directional(function, inputs, seed, STEP);
  }

  /**
   * Checks a function at a point with differences of a chosen width: a smaller one where the
   * function bends much, as deep networks do, at the price of more rounding.
   *
   * @param function from tensors to one tensor, smooth near the point
   * @param inputs the point; f64 inputs are moved, others stay as they are
   * @param seed of the direction and the weighting
   * @param step how far the inputs are moved along the direction, either way
   * @return both derivatives
   */
  public static Result directional(
      Function<List<Tensor>, Tensor> function, List<Tensor> inputs, long seed, double step) {
    return Ops.on(Devices.reference(), () -> check(function, inputs, seed, step));
  }

  private static Result check(
      Function<List<Tensor>, Tensor> function, List<Tensor> inputs, long seed, double step) {
    if (inputs.stream().noneMatch(x -> x.dtype() == DType.F64)) {
      throw new DTypeException(
          "grad check: none of the "
              + inputs.size()
              + " inputs is f64, so none is moved and nothing is checked; make them f64");
    }
    List<Tensor> point = inputs.stream().map(x -> x.to(Devices.reference())).toList();
    List<Tensor> directions = new ArrayList<>();
    for (int i = 0; i < point.size(); i++) {
      Tensor x = point.get(i);
      directions.add(x.dtype() == DType.F64 ? Arrays.normal(x.spec(), seed * 31 + i) : x);
    }
    double analytic = 0;
    List<Tensor> moving = point.stream().filter(x -> x.dtype() == DType.F64).toList();
    try (Tape tape = Tape.watching(moving)) {
      Tensor loss = tape.record(() -> weigh(function.apply(point), seed));
      Adjoints adjoints = tape.backward(loss);
      for (int i = 0; i < point.size(); i++) {
        if (point.get(i).dtype() == DType.F64) {
          analytic += Reductions.sum(adjoints.of(point.get(i)).times(directions.get(i))).item();
        }
      }
    }
    double above = weigh(function.apply(moved(point, directions, step)), seed).item();
    double below = weigh(function.apply(moved(point, directions, -step)), seed).item();
    return new Result(analytic, (above - below) / (2 * step));
  }

  private static Tensor weigh(Tensor output, long seed) {
    return Reductions.sum(output.times(Arrays.normal(output.spec(), seed + 0x5DEECE66DL)));
  }

  private static List<Tensor> moved(List<Tensor> point, List<Tensor> directions, double step) {
    List<Tensor> moved = new ArrayList<>();
    for (int i = 0; i < point.size(); i++) {
      Tensor x = point.get(i);
      moved.add(x.dtype() == DType.F64 ? x.plus(directions.get(i).times(step)) : x);
    }
    return moved;
  }
}
