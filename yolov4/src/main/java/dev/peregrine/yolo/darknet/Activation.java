package dev.peregrine.yolo.darknet;

import java.util.Locale;

/** The activation functions that the supported layers of a cfg name. */
public enum Activation {
  /** The value itself. */
  LINEAR,
  /** {@code x} where positive, {@code 0.1 x} elsewhere. */
  LEAKY,
  /** {@code x * tanh(ln(1 + e^x))}. */
  MISH,
  /** {@code x * sigmoid(x)}. */
  SWISH,
  /** {@code x} where positive, 0 elsewhere. */
  RELU,
  /** The sigmoid, {@code 1 / (1 + e^-x)}. */
  LOGISTIC;

  /**
   * The name that a cfg uses.
   *
   * @return the lower-case name
   */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
