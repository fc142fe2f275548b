package dev.peregrine.tensor;

import dev.peregrine.tensor.op.Unary;

/**
 * Activation functions, each a pass over memory that a graph pass fuses into the operation before
 * it.
 */
public final class Activations {
  private Activations() {}

  /**
   * Computes {@code x * tanh(ln(1 + e^x))} for each element.
   *
   * <p><b>Source</b> Misra 2019, "Mish: a self regularized non-monotonic activation function"
   *
   * @param x any floating-point tensor
   * @return a tensor of its shape
   */
  public static Tensor mish(Tensor x) {
    return apply(Unary.Kind.MISH, x);
  }

  /**
   * Computes {@code x > 0 ? x : 0.1 * x} for each element.
   *
   * <p><b>Source</b> darknet, {@code leaky}
   *
   * @param x any floating-point tensor
   * @return a tensor of its shape
   */
  public static Tensor leakyRelu(Tensor x) {
    return apply(Unary.Kind.LEAKY_RELU, x);
  }

  /**
   * Computes {@code max(x, 0)} for each element.
   *
   * @param x any floating-point tensor
   * @return a tensor of its shape
   */
  public static Tensor relu(Tensor x) {
    return apply(Unary.Kind.RELU, x);
  }

  /**
   * Computes {@code min(max(x, 0), 6)} for each element.
   *
   * @param x any floating-point tensor
   * @return a tensor of its shape
   */
  public static Tensor relu6(Tensor x) {
    return apply(Unary.Kind.RELU6, x);
  }

  /**
   * Computes {@code x / (1 + e^-x)} for each element.
   *
   * <p><b>Source</b> Ramachandran, Zoph and Le 2017; also called SiLU
   *
   * @param x any floating-point tensor
   * @return a tensor of its shape
   */
  public static Tensor swish(Tensor x) {
    return apply(Unary.Kind.SWISH, x);
  }

  /**
   * Computes {@code x * clip(x + 3, 0, 6) / 6} for each element.
   *
   * @param x any floating-point tensor
   * @return a tensor of its shape
   */
  public static Tensor hardSwish(Tensor x) {
    return apply(Unary.Kind.HARD_SWISH, x);
  }

  /**
   * Computes {@code 1 / (1 + e^-x)} for each element.
   *
   * @param x any floating-point tensor
   * @return a tensor of its shape
   */
  public static Tensor logistic(Tensor x) {
    return apply(Unary.Kind.LOGISTIC, x);
  }

  /**
   * Computes {@code tanh(x)} for each element.
   *
   * @param x any floating-point tensor
   * @return a tensor of its shape
   */
  public static Tensor tanh(Tensor x) {
    return apply(Unary.Kind.TANH, x);
  }

  /**
   * Computes {@code ln(1 + e^x)} for each element.
   *
   * @param x any floating-point tensor
   * @return a tensor of its shape
   */
  public static Tensor softplus(Tensor x) {
    return apply(Unary.Kind.SOFTPLUS, x);
  }

  /**
   * Applies a function chosen at run time.
   *
   * @param kind the function
   * @param x any floating-point tensor
   * @return a tensor of its shape
   */
  public static Tensor apply(Unary.Kind kind, Tensor x) {
    return Ops.apply(new Unary(kind), x);
  }
}
