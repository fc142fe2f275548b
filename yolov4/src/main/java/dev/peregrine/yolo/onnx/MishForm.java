package dev.peregrine.yolo.onnx;

/**
 * How Mish is written into a file.
 *
 * <p>All forms are {@code x tanh(ln(1 + e^x))}; engines differ much in how fast they run them.
 */
public enum MishForm {
  /**
   * {@code x (1 - q) / (1 + q)} with {@code q = sigmoid(-x)^2}: one exponential, and no logarithm;
   * for engines that run what they read, such as ONNX Runtime.
   */
  FAST,
  /** {@code x * tanh(softplus(x))}, which some engines recognise and replace by a kernel. */
  SOFTPLUS_TANH,
  /** The operator {@code Mish}, which came with operator set 18. */
  OPERATOR
}
