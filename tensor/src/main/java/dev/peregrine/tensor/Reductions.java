package dev.peregrine.tensor;

import dev.peregrine.tensor.op.ArgMax;
import dev.peregrine.tensor.op.MatMul;
import dev.peregrine.tensor.op.Reduce;
import dev.peregrine.tensor.op.Softmax;
import java.util.List;
import java.util.stream.IntStream;

/** Folds along axes, and what is made of them. */
public final class Reductions {
  private Reductions() {}

  /**
   * Adds all elements.
   *
   * @param x any floating-point tensor
   * @return a scalar
   */
  public static Tensor sum(Tensor x) {
    return Ops.apply(new Reduce(Reduce.Kind.SUM, allAxes(x), false), x);
  }

  /**
   * Adds along axes.
   *
   * <p><b>Shapes</b> the named axes are dropped, or kept with extent 1.
   *
   * @param x any floating-point tensor
   * @param keepAxes whether they are kept
   * @param axes the axes; negative counts from the end
   * @return the sums
   */
  public static Tensor sum(Tensor x, boolean keepAxes, int... axes) {
    return Ops.apply(new Reduce(Reduce.Kind.SUM, sorted(x, axes), keepAxes), x);
  }

  /**
   * Takes the mean of all elements.
   *
   * @param x any floating-point tensor
   * @return a scalar
   */
  public static Tensor mean(Tensor x) {
    return sum(x).times(1.0 / x.shape().size());
  }

  /**
   * Takes the mean along axes.
   *
   * @param x any floating-point tensor
   * @param keepAxes whether they are kept with extent 1
   * @param axes the axes; negative counts from the end
   * @return the means
   */
  public static Tensor mean(Tensor x, boolean keepAxes, int... axes) {
    Tensor sum = sum(x, keepAxes, axes);
    return sum.times((double) sum.shape().size() / x.shape().size());
  }

  /**
   * Takes the largest element along axes.
   *
   * @param x any tensor
   * @param keepAxes whether they are kept with extent 1
   * @param axes the axes; negative counts from the end
   * @return the largest elements
   */
  public static Tensor max(Tensor x, boolean keepAxes, int... axes) {
    return Ops.apply(new Reduce(Reduce.Kind.MAX, sorted(x, axes), keepAxes), x);
  }

  /**
   * Finds the first largest element along an axis.
   *
   * @param x any tensor
   * @param axis the axis, which is dropped; negative counts from the end
   * @return its index, i32
   */
  public static Tensor argMax(Tensor x, int axis) {
    return Ops.apply(new ArgMax(x.shape().axis(axis)), x);
  }

  /**
   * Normalises exponentials to sum 1 along the innermost axis.
   *
   * @param x any floating-point tensor
   * @return a tensor of its shape
   */
  public static Tensor softmax(Tensor x) {
    return Ops.apply(new Softmax(), x);
  }

  /**
   * Multiplies matrices.
   *
   * <p><b>Shapes</b> a {@code [M, K]}, b {@code [K, N]}; the result is {@code [M, N]}.
   *
   * <p><b>Cost</b> {@code M * N * K} multiply-adds.
   *
   * @param a the left matrix
   * @param b the right matrix
   * @return the product
   */
  public static Tensor matmul(Tensor a, Tensor b) {
    return Ops.apply(new MatMul(false, false), a, b);
  }

  private static List<Integer> allAxes(Tensor x) {
    return IntStream.range(0, x.shape().rank()).boxed().toList();
  }

  private static List<Integer> sorted(Tensor x, int... axes) {
    return IntStream.of(axes).map(x.shape()::axis).sorted().boxed().toList();
  }
}
