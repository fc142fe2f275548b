package dev.peregrine.tensor.cpu.reference;

import dev.peregrine.tensor.op.Binary;
import dev.peregrine.tensor.op.Compare;
import dev.peregrine.tensor.op.MomentumStep;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.op.UnaryGrad;
import dev.peregrine.tensor.shape.Shape;
import java.util.List;

/**
 * Operations that work on each element by itself.
 *
 * <p>NaN goes through every function; a comparison with it does not hold, so the derivatives of the
 * piecewise functions take their lower branch there.
 */
final class ReferencePointwise {
  private ReferencePointwise() {}

  static Numbers unary(Unary op, Numbers x) {
    Numbers y = Numbers.zeros(x.shape);
    for (int i = 0; i < y.values.length; i++) {
      y.values[i] = function(op.kind(), x.values[i]);
    }
    return y;
  }

  static Numbers unaryGrad(UnaryGrad op, Numbers x, Numbers dy) {
    Numbers dx = Numbers.zeros(x.shape);
    for (int i = 0; i < dx.values.length; i++) {
      dx.values[i] = dy.values[i] * derivative(op.kind(), x.values[i]);
    }
    return dx;
  }

  static Numbers binary(Binary op, Numbers a, Numbers b, Shape shape) {
    double[] left = ReferenceMovement.broadcast(a, shape).values;
    double[] right = ReferenceMovement.broadcast(b, shape).values;
    Numbers y = Numbers.zeros(shape);
    for (int i = 0; i < y.values.length; i++) {
      y.values[i] = combine(op.kind(), left[i], right[i]);
    }
    return y;
  }

  static Numbers compare(Compare op, Numbers a, Numbers b, Shape shape) {
    double[] left = ReferenceMovement.broadcast(a, shape).values;
    double[] right = ReferenceMovement.broadcast(b, shape).values;
    Numbers y = Numbers.zeros(shape);
    for (int i = 0; i < y.values.length; i++) {
      y.values[i] = holds(op.kind(), left[i], right[i]) ? 1 : 0;
    }
    return y;
  }

  static Numbers where(Numbers condition, Numbers a, Numbers b, Shape shape) {
    double[] test = ReferenceMovement.broadcast(condition, shape).values;
    double[] chosen = ReferenceMovement.broadcast(a, shape).values;
    double[] other = ReferenceMovement.broadcast(b, shape).values;
    Numbers y = Numbers.zeros(shape);
    for (int i = 0; i < y.values.length; i++) {
      y.values[i] = test[i] != 0 ? chosen[i] : other[i];
    }
    return y;
  }

  static Numbers blend(Numbers x, Numbers y, Numbers shares) {
    Numbers blended = Numbers.zeros(x.shape);
    for (int i = 0; i < blended.values.length; i++) {
      blended.values[i] = x.values[i] * shares.values[0] + y.values[i] * shares.values[1];
    }
    return blended;
  }

  static List<Numbers> momentumStep(MomentumStep op, Numbers[] in) {
    double scale = in[3].values[0];
    double decay = in[3].values[1];
    double momentum = in[3].values[2];
    double rate = in[3].values[3];
    Numbers w = Numbers.zeros(in[0].shape);
    Numbers v = Numbers.zeros(in[0].shape);
    for (int i = 0; i < w.values.length; i++) {
      double old = in[0].values[i];
      double d = in[2].values[i] * scale + old * decay;
      v.values[i] = in[1].values[i] * momentum + d;
      double direction = op.nesterov() ? d + v.values[i] * momentum : v.values[i];
      w.values[i] = old - rate * direction;
    }
    return List.of(w, v);
  }

  static List<Numbers> adamStep(Numbers[] in) {
    double[] f = in[4].values;
    Numbers w = Numbers.zeros(in[0].shape);
    Numbers m = Numbers.zeros(in[0].shape);
    Numbers v = Numbers.zeros(in[0].shape);
    for (int i = 0; i < w.values.length; i++) {
      double old = in[0].values[i];
      double d = in[3].values[i] * f[0] + old * f[1];
      m.values[i] = in[1].values[i] * f[3] + d * f[4];
      v.values[i] = in[2].values[i] * f[5] + d * d * f[6];
      w.values[i] = old * f[2] - f[7] * m.values[i] / (Math.sqrt(v.values[i]) * f[8] + f[9]);
    }
    return List.of(w, m, v);
  }

  /** The function itself, as {@link Unary.Kind} defines it. */
  static double function(Unary.Kind kind, double x) {
    return switch (kind) {
      case NEGATE -> -x;
      case ABS -> Math.abs(x);
      case EXP -> Math.exp(x);
      case LOG -> Math.log(x);
      case SQRT -> Math.sqrt(x);
      case TANH -> Math.tanh(x);
      case ATAN -> Math.atan(x);
      case LOGISTIC -> logistic(x);
      case SOFTPLUS -> softplus(x);
      case RELU -> Math.max(x, 0);
      case RELU6 -> Math.min(Math.max(x, 0), 6);
      case LEAKY_RELU -> x > 0 ? x : Unary.LEAKY_SLOPE * x;
      case MISH -> finite(x) * Math.tanh(softplus(x));
      case SWISH -> finite(x) * logistic(x);
      case HARD_SWISH -> finite(x) * Math.min(Math.max(x + 3, 0), 6) / 6;
    };
  }

  /** The derivative of {@link #function} by x. */
  static double derivative(Unary.Kind kind, double x) {
    return switch (kind) {
      case NEGATE -> -1;
      case ABS -> Math.signum(x);
      case EXP -> Math.exp(x);
      case LOG -> 1 / x;
      case SQRT -> 0.5 / Math.sqrt(x);
      case TANH -> 1 - Math.tanh(x) * Math.tanh(x);
      case ATAN -> 1 / (1 + x * x);
      case LOGISTIC -> logistic(x) * logistic(-x);
      case SOFTPLUS -> logistic(x);
      case RELU -> x > 0 ? 1 : 0;
      case RELU6 -> x > 0 && x < 6 ? 1 : 0;
      case LEAKY_RELU -> x > 0 ? 1 : Unary.LEAKY_SLOPE;
      case MISH -> {
        double t = Math.tanh(softplus(x));
        yield t + Math.min(finite(x), Double.MAX_VALUE) * logistic(x) * (1 - t * t);
      }
      case SWISH ->
          logistic(x) + Math.min(finite(x), Double.MAX_VALUE) * logistic(x) * logistic(-x);
      case HARD_SWISH -> x < -3 ? 0 : x > 3 ? 1 : (2 * x + 3) / 6;
    };
  }

  /** Minus infinity would be multiplied by 0; the product has the limit 0. */
  private static double finite(double x) {
    return Math.max(x, -Double.MAX_VALUE);
  }

  private static double logistic(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double softplus(double x) {
    // ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|): the exponential cannot overflow.
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  private static double combine(Binary.Kind kind, double a, double b) {
    return switch (kind) {
      case ADD -> a + b;
      case SUBTRACT -> a - b;
      case MULTIPLY -> a * b;
      case DIVIDE -> a / b;
      case MAXIMUM -> Math.max(a, b);
      case MINIMUM -> Math.min(a, b);
      case POWER -> Math.pow(a, b);
    };
  }

  private static boolean holds(Compare.Kind kind, double a, double b) {
    return switch (kind) {
      case LESS -> a < b;
      case LESS_OR_EQUAL -> a <= b;
      case GREATER -> a > b;
      case GREATER_OR_EQUAL -> a >= b;
      case EQUAL -> a == b;
    };
  }
}
