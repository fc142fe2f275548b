package dev.peregrine.tensor;

import dev.peregrine.tensor.op.Binary;
import dev.peregrine.tensor.op.Compare;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.op.Where;

/**
 * Functions of each element or of each pair of elements.
 *
 * <p>The four arithmetic ones are methods of {@link Tensor}; activation functions are in {@link
 * Activations}.
 */
public final class Pointwise {
  private Pointwise() {}

  /**
   * Computes {@code e^x} for each element.
   *
   * @param x any floating-point tensor
   * @return a tensor of its shape
   */
  public static Tensor exp(Tensor x) {
    return Ops.apply(new Unary(Unary.Kind.EXP), x);
  }

  /**
   * Computes {@code ln(x)} for each element.
   *
   * @param x any floating-point tensor
   * @return a tensor of its shape
   */
  public static Tensor log(Tensor x) {
    return Ops.apply(new Unary(Unary.Kind.LOG), x);
  }

  /**
   * Computes {@code sqrt(x)} for each element.
   *
   * @param x any floating-point tensor
   * @return a tensor of its shape
   */
  public static Tensor sqrt(Tensor x) {
    return Ops.apply(new Unary(Unary.Kind.SQRT), x);
  }

  /**
   * Computes {@code |x|} for each element.
   *
   * @param x any floating-point tensor
   * @return a tensor of its shape
   */
  public static Tensor abs(Tensor x) {
    return Ops.apply(new Unary(Unary.Kind.ABS), x);
  }

  /**
   * Computes {@code arctan(x)} for each element.
   *
   * @param x any floating-point tensor
   * @return a tensor of its shape
   */
  public static Tensor atan(Tensor x) {
    return Ops.apply(new Unary(Unary.Kind.ATAN), x);
  }

  /**
   * Takes the larger of each pair.
   *
   * <p><b>Shapes</b> a and b combine by the broadcasting law.
   *
   * @param a one tensor
   * @param b the other
   * @return the combined tensor
   */
  public static Tensor maximum(Tensor a, Tensor b) {
    return Ops.apply(new Binary(Binary.Kind.MAXIMUM), a, b);
  }

  /**
   * Takes the smaller of each pair.
   *
   * <p><b>Shapes</b> a and b combine by the broadcasting law.
   *
   * @param a one tensor
   * @param b the other
   * @return the combined tensor
   */
  public static Tensor minimum(Tensor a, Tensor b) {
    return Ops.apply(new Binary(Binary.Kind.MINIMUM), a, b);
  }

  /**
   * Raises each a, which is positive, to the power b.
   *
   * <p><b>Shapes</b> a and b combine by the broadcasting law.
   *
   * @param a one tensor
   * @param b the other
   * @return the combined tensor
   */
  public static Tensor power(Tensor a, Tensor b) {
    return Ops.apply(new Binary(Binary.Kind.POWER), a, b);
  }

  /**
   * Gives 1 where a is smaller than b, else 0.
   *
   * <p><b>Shapes</b> a and b combine by the broadcasting law.
   *
   * @param a one tensor
   * @param b the other
   * @return the combined tensor
   */
  public static Tensor less(Tensor a, Tensor b) {
    return Ops.apply(new Compare(Compare.Kind.LESS), a, b);
  }

  /**
   * Gives 1 where a is at most b, else 0.
   *
   * <p><b>Shapes</b> a and b combine by the broadcasting law.
   *
   * @param a one tensor
   * @param b the other
   * @return the combined tensor
   */
  public static Tensor lessOrEqual(Tensor a, Tensor b) {
    return Ops.apply(new Compare(Compare.Kind.LESS_OR_EQUAL), a, b);
  }

  /**
   * Gives 1 where a is larger than b, else 0.
   *
   * <p><b>Shapes</b> a and b combine by the broadcasting law.
   *
   * @param a one tensor
   * @param b the other
   * @return the combined tensor
   */
  public static Tensor greater(Tensor a, Tensor b) {
    return Ops.apply(new Compare(Compare.Kind.GREATER), a, b);
  }

  /**
   * Gives 1 where a is at least b, else 0.
   *
   * <p><b>Shapes</b> a and b combine by the broadcasting law.
   *
   * @param a one tensor
   * @param b the other
   * @return the combined tensor
   */
  public static Tensor greaterOrEqual(Tensor a, Tensor b) {
    return Ops.apply(new Compare(Compare.Kind.GREATER_OR_EQUAL), a, b);
  }

  /**
   * Gives 1 where a equals b, else 0.
   *
   * <p><b>Shapes</b> a and b combine by the broadcasting law.
   *
   * @param a one tensor
   * @param b the other
   * @return the combined tensor
   */
  public static Tensor equal(Tensor a, Tensor b) {
    return Ops.apply(new Compare(Compare.Kind.EQUAL), a, b);
  }

  /**
   * Chooses a where the condition is not 0, b elsewhere.
   *
   * <p><b>Shapes</b> all three combine by the broadcasting law.
   *
   * @param condition numbers, 0 for false
   * @param a taken where true
   * @param b taken where false
   * @return the chosen elements
   */
  public static Tensor where(Tensor condition, Tensor a, Tensor b) {
    return Ops.apply(new Where(), condition, a, b);
  }
}
