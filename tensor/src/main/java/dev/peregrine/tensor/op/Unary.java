package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Spec;
import java.util.List;

/**
 * Applies one function to each element.
 *
 * <p><b>Shapes</b> x {@code [...]} of any shape; the output has the same.
 *
 * @param kind the function
 */
public record Unary(Kind kind) implements Op {
  /** The slope of {@link Kind#LEAKY_RELU} below zero, as darknet fixes it. */
  public static final double LEAKY_SLOPE = 0.1;

  /** The functions. */
  public enum Kind {
    /** {@code -x}. */
    NEGATE,
    /** {@code |x|}; its derivative at 0 is 0. */
    ABS,
    /** {@code e^x}. */
    EXP,
    /** The natural logarithm. */
    LOG,
    /** The square root. */
    SQRT,
    /** {@code tanh(x)}. */
    TANH,
    /** The arc tangent. */
    ATAN,
    /** {@code 1 / (1 + e^-x)}. */
    LOGISTIC,
    /** {@code ln(1 + e^x)}, without overflow. */
    SOFTPLUS,
    /** {@code max(x, 0)}; its derivative at 0 is 0. */
    RELU,
    /** {@code min(max(x, 0), 6)}. */
    RELU6,
    /** {@code x > 0 ? x : 0.1 x}; its derivative at 0 is 0.1. */
    LEAKY_RELU,
    /** {@code x tanh(ln(1 + e^x))} (Misra 2019); 0 at minus infinity. */
    MISH,
    /** {@code x / (1 + e^-x)}, also called SiLU; 0 at minus infinity. */
    SWISH,
    /** {@code x clip(x + 3, 0, 6) / 6}; 0 at minus infinity. */
    HARD_SWISH;

    /** Returns the lower-case name used in graph texts. */
    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.count("unary " + kind, inputs, "x");
    Laws.floating("unary " + kind, "x", inputs.get(0));
    return List.of(inputs.get(0));
  }
}
