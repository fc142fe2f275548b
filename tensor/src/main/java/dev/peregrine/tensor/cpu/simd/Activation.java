package dev.peregrine.tensor.cpu.simd;

import static jdk.incubator.vector.VectorOperators.GT;

import dev.peregrine.tensor.op.Unary;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The functions of {@link Unary} and their derivatives on one vector.
 *
 * <p>All are within a few units in the last place of the true value, also for large arguments:
 * exponentials are taken only where they cannot overflow. Loops keep a function in a {@code static
 * final} field, see {@link Specialization}; then the compiler sees through it.
 */
final class Activation {
  /** Beyond it mish is x in f32, and the square of its exponential still fits. */
  private static final float MISH_LIMIT = 20;

  // Fields for the reason that VectorMath gives.
  private static final FloatVector ZERO = constant(0);
  private static final FloatVector HALF = constant(0.5f);
  private static final FloatVector ONE = constant(1);

  /** Below it e^x is next to nothing beside 1, and above it a normal number. */
  private static final float EXP_LIMIT = -87;

  private static final float LEAKY_SLOPE = (float) Unary.LEAKY_SLOPE;

  private Activation() {}

  /** A function on one vector. */
  @FunctionalInterface
  interface VectorFunction {
    /**
     * Applies the function.
     *
     * @param x its argument
     * @return the result
     */
    FloatVector apply(FloatVector x);
  }

  /**
   * Finds a function.
   *
   * @param kind its name
   * @return f; to be kept in a {@code static final} field by whoever calls it in a loop
   */
  static VectorFunction of(Unary.Kind kind) {
    return switch (kind) {
      case NEGATE -> FloatVector::neg;
      case ABS -> FloatVector::abs;
      case EXP -> VectorMath::exp;
      case LOG -> VectorMath::log;
      case SQRT -> FloatVector::sqrt;
      case TANH -> VectorMath::tanh;
      case ATAN -> VectorMath::atan;
      case LOGISTIC -> Activation::logistic;
      case SOFTPLUS -> Activation::softplus;
      case RELU -> x -> x.blend(0f, x.lt(0));
      case RELU6 -> Activation::clipTo6;
      case LEAKY_RELU -> x -> x.blend(x.mul(LEAKY_SLOPE), x.lt(0));
      case MISH -> Activation::mish;
      case SWISH -> Activation::swish;
      case HARD_SWISH -> x -> x.max(-Float.MAX_VALUE).mul(clipTo6(x.add(3f)).mul(1 / 6f));
    };
  }

  /**
   * Finds a derivative.
   *
   * @param kind the name of the function
   * @return f'
   */
  static VectorFunction derivativeOf(Unary.Kind kind) {
    return switch (kind) {
      case NEGATE -> x -> constant(-1);
      case ABS -> x -> x.blend(1f, x.compare(GT, 0f)).blend(-1f, x.lt(0));
      case EXP -> VectorMath::exp;
      case LOG -> x -> ONE.div(x);
      case SQRT -> x -> HALF.div(x.sqrt());
      case TANH -> Activation::tanhDerivative;
      case ATAN -> x -> ONE.div(x.mul(x).add(1f));
      case LOGISTIC -> Activation::logisticDerivative;
      case SOFTPLUS -> Activation::logistic;
      case RELU -> x -> ZERO.blend(1f, x.compare(GT, 0f));
      case RELU6 -> x -> ZERO.blend(1f, x.compare(GT, 0f).and(x.lt(6)));
      case LEAKY_RELU -> x -> constant(LEAKY_SLOPE).blend(1f, x.compare(GT, 0f));
      case MISH -> Activation::mishDerivative;
      case SWISH -> Activation::swishDerivative;
      case HARD_SWISH -> Activation::hardSwishDerivative;
    };
  }

  /** Tells whether function and derivative are a few instructions, without exponentials. */
  static boolean isCheap(Unary.Kind kind) {
    return switch (kind) {
      case NEGATE, ABS, RELU, RELU6, LEAKY_RELU, HARD_SWISH -> true;
      case EXP, LOG, SQRT, TANH, ATAN, LOGISTIC, SOFTPLUS, MISH, SWISH -> false;
    };
  }

  private static FloatVector constant(float value) {
    return FloatVector.broadcast(Lanes.SPECIES, value);
  }

  /** Takes {@code min(max(x, 0), 6)}, NaN where x is NaN. */
  private static FloatVector clipTo6(FloatVector x) {
    return x.blend(0f, x.lt(0)).blend(6f, x.compare(GT, 6f));
  }

  /** Takes {@code e^-|x|}, between 0 and 1, and NaN for NaN. */
  private static FloatVector decay(FloatVector x) {
    FloatVector z = x.abs().neg();
    FloatVector e = VectorMath.expInside(z.blend(EXP_LIMIT, z.lt(EXP_LIMIT)));
    return e.blend(x, x.test(VectorOperators.IS_NAN));
  }

  private static FloatVector logistic(FloatVector x) {
    FloatVector e = decay(x);
    // 1 / (1 + e) for positive x, e / (1 + e) for negative.
    return ONE.blend(e, x.lt(0)).div(e.add(1f));
  }

  private static FloatVector logisticDerivative(FloatVector x) {
    FloatVector e = decay(x);
    FloatVector d = e.add(1f);
    return e.div(d.mul(d));
  }

  private static FloatVector softplus(FloatVector x) {
    FloatVector positive = x.blend(0f, x.lt(0));
    return positive.add(VectorMath.log1p(decay(x)));
  }

  private static FloatVector tanhDerivative(FloatVector x) {
    // 1 / cosh(x)^2 = 4 e / (1 + e)^2 with e = e^(-2 |x|).
    return logisticDerivative(x.add(x)).mul(4f);
  }

  private static FloatVector mish(FloatVector x) {
    // tanh(ln(1 + e)) = n / (n + 2) with n = e (e + 2).
    FloatVector z = x.blend(EXP_LIMIT, x.lt(EXP_LIMIT));
    FloatVector e = VectorMath.expInside(z.blend(MISH_LIMIT, z.compare(GT, MISH_LIMIT)));
    FloatVector n = e.mul(e.add(2f));
    return z.mul(n.div(n.add(2f)));
  }

  private static FloatVector mishDerivative(FloatVector x) {
    FloatVector z =
        x.blend(EXP_LIMIT, x.lt(EXP_LIMIT)).blend(MISH_LIMIT, x.compare(GT, MISH_LIMIT));
    FloatVector e = VectorMath.expInside(z);
    FloatVector n = e.mul(e.add(2f));
    FloatVector d = n.add(2f);
    FloatVector rise = z.mul(4f).mul(e.mul(e.add(1f)).div(d));
    return n.add(rise).div(d);
  }

  private static FloatVector swish(FloatVector x) {
    FloatVector z = x.blend(EXP_LIMIT, x.lt(EXP_LIMIT));
    return z.mul(logistic(z));
  }

  private static FloatVector swishDerivative(FloatVector x) {
    FloatVector e = decay(x);
    FloatVector d = e.add(1f);
    FloatVector one = ONE;
    var negative = x.lt(0);
    FloatVector s = one.blend(e, negative).div(d);
    FloatVector rest = e.blend(one, negative).div(d);
    // Beyond the limits the product is next to nothing, which the bounded exponential is not.
    FloatVector z =
        x.blend(EXP_LIMIT, x.lt(EXP_LIMIT)).blend(-EXP_LIMIT, x.compare(GT, -EXP_LIMIT));
    return z.mul(rest).add(1f).mul(s);
  }

  private static FloatVector hardSwishDerivative(FloatVector x) {
    FloatVector inner = x.add(x).add(3f).mul(1 / 6f);
    return inner.blend(0f, x.lt(-3f)).blend(1f, x.compare(GT, 3f));
  }
}
