package dev.peregrine.tensor;

import dev.peregrine.tensor.op.Broadcast;
import dev.peregrine.tensor.op.Concat;
import dev.peregrine.tensor.op.Fill;
import dev.peregrine.tensor.op.Flip;
import dev.peregrine.tensor.op.Gather;
import dev.peregrine.tensor.op.Iota;
import dev.peregrine.tensor.op.Pad;
import dev.peregrine.tensor.op.Permute;
import dev.peregrine.tensor.op.Random;
import dev.peregrine.tensor.op.ScatterAdd;
import dev.peregrine.tensor.op.Slice;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** Moving elements: joining, cutting, repeating, picking. */
public final class Arrays {
  private Arrays() {}

  /**
   * Puts tensors one after another along an axis.
   *
   * <p><b>Shapes</b> all agree in every other axis.
   *
   * @param axis the axis; negative counts from the end
   * @param inputs the tensors
   * @return the joined tensor
   */
  public static Tensor concat(int axis, Tensor... inputs) {
    return Ops.apply(new Concat(inputs[0].shape().axis(axis)), inputs);
  }

  /**
   * Takes neighbouring elements along one axis.
   *
   * @param x any tensor
   * @param axis the axis; negative counts from the end
   * @param start the first index
   * @param size how many
   * @return the cut tensor
   */
  public static Tensor slice(Tensor x, int axis, int start, int size) {
    return Ops.apply(Slice.along(x.shape(), axis, start, size), x);
  }

  /**
   * Surrounds a tensor with a constant.
   *
   * @param x any tensor
   * @param before constants before the first element along each axis
   * @param after constants after the last
   * @param value the constant
   * @return the larger tensor
   */
  public static Tensor pad(Tensor x, List<Integer> before, List<Integer> after, double value) {
    return Ops.apply(new Pad(before, after, Collections.nCopies(x.shape().rank(), 1), value), x);
  }

  /**
   * Reverses the order of elements along axes.
   *
   * @param x any tensor
   * @param axes the axes; negative counts from the end
   * @return the flipped tensor
   */
  public static Tensor flip(Tensor x, int... axes) {
    return Ops.apply(
        new Flip(IntStream.of(axes).map(x.shape()::axis).sorted().boxed().toList()), x);
  }

  /**
   * Reorders the axes.
   *
   * @param x any tensor
   * @param axes where each axis of the result comes from
   * @return the permuted tensor
   */
  public static Tensor permute(Tensor x, int... axes) {
    return Ops.apply(new Permute(IntStream.of(axes).boxed().toList()), x);
  }

  /**
   * Repeats a tensor to a larger shape by the broadcasting law.
   *
   * @param x any tensor
   * @param shape the larger shape
   * @return the repeated tensor
   */
  public static Tensor broadcast(Tensor x, Shape shape) {
    return x.shape().equals(shape) ? x : Ops.apply(new Broadcast(shape), x);
  }

  /**
   * Picks rows along axis 0.
   *
   * @param data {@code [R, ...]}
   * @param indices i32 {@code [M]}, each 0 to R - 1
   * @return {@code [M, ...]}
   */
  public static Tensor gather(Tensor data, Tensor indices) {
    return Ops.apply(new Gather(), data, indices);
  }

  /**
   * Adds rows into zeros along axis 0.
   *
   * @param rows {@code [M, ...]}
   * @param indices i32 {@code [M]}, each 0 to extent - 1
   * @param extent rows of the result
   * @return {@code [extent, ...]}
   */
  public static Tensor scatterAdd(Tensor rows, Tensor indices, int extent) {
    return Ops.apply(new ScatterAdd(extent), rows, indices);
  }

  /**
   * Makes a tensor of zeros on the current device.
   *
   * @param spec its spec
   * @return the zeros
   */
  public static Tensor zeros(Spec spec) {
    return Ops.apply(new Fill(spec, 0));
  }

  /**
   * Counts 0, 1, 2 ... along one axis, on the current device.
   *
   * @param spec the spec of the result
   * @param axis the axis that counts; negative counts from the end
   * @return the numbers
   */
  public static Tensor iota(Spec spec, int axis) {
    return Ops.apply(new Iota(spec, spec.shape().axis(axis)));
  }

  /**
   * Makes uniform random numbers in 0 (included) to 1 (excluded), on the current device.
   *
   * @param spec the spec of the result
   * @param seed the seed; the same seed gives the same numbers on every device
   * @return the numbers
   */
  public static Tensor uniform(Spec spec, long seed) {
    return Ops.apply(new Random(spec, Random.Kind.UNIFORM, seed));
  }

  /**
   * Makes normal random numbers of mean 0 and variance 1, on the current device.
   *
   * @param spec the spec of the result
   * @param seed the seed; the same seed gives the same numbers on every device
   * @return the numbers
   */
  public static Tensor normal(Spec spec, long seed) {
    return Ops.apply(new Random(spec, Random.Kind.NORMAL, seed));
  }
}
