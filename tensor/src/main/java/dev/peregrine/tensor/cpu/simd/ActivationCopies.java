package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.op.Unary;
import java.util.Optional;

/**
 * The loops of each function, made when the first kernel asks for them.
 *
 * <p>A class for each, because a class is initialised once, when it is first used: so the copies
 * are shared by all devices, need no lock, and a program that uses two functions makes two.
 */
final class ActivationCopies {
  private ActivationCopies() {}

  static Activations of(Unary.Kind kind) {
    return switch (kind) {
      case NEGATE -> Negate.LOOPS;
      case ABS -> Abs.LOOPS;
      case EXP -> Exp.LOOPS;
      case LOG -> Log.LOOPS;
      case SQRT -> Sqrt.LOOPS;
      case TANH -> Tanh.LOOPS;
      case ATAN -> Atan.LOOPS;
      case LOGISTIC -> Logistic.LOOPS;
      case SOFTPLUS -> Softplus.LOOPS;
      case RELU -> Relu.LOOPS;
      case RELU6 -> Relu6.LOOPS;
      case LEAKY_RELU -> LeakyRelu.LOOPS;
      case MISH -> Mish.LOOPS;
      case SWISH -> Swish.LOOPS;
      case HARD_SWISH -> HardSwish.LOOPS;
    };
  }

  /** Returns the loops without a function. */
  static Activations none() {
    return None.LOOPS;
  }

  private static Activations make(Unary.Kind kind) {
    return make(Optional.of(kind));
  }

  private static Activations make(Optional<Unary.Kind> kind) {
    return Specialization.of(ActivationLoop.class, kind, Activations.class);
  }

  private static final class None {
    static final Activations LOOPS = make(Optional.empty());
  }

  private static final class Negate {
    static final Activations LOOPS = make(Unary.Kind.NEGATE);
  }

  private static final class Abs {
    static final Activations LOOPS = make(Unary.Kind.ABS);
  }

  private static final class Exp {
    static final Activations LOOPS = make(Unary.Kind.EXP);
  }

  private static final class Log {
    static final Activations LOOPS = make(Unary.Kind.LOG);
  }

  private static final class Sqrt {
    static final Activations LOOPS = make(Unary.Kind.SQRT);
  }

  private static final class Tanh {
    static final Activations LOOPS = make(Unary.Kind.TANH);
  }

  private static final class Atan {
    static final Activations LOOPS = make(Unary.Kind.ATAN);
  }

  private static final class Logistic {
    static final Activations LOOPS = make(Unary.Kind.LOGISTIC);
  }

  private static final class Softplus {
    static final Activations LOOPS = make(Unary.Kind.SOFTPLUS);
  }

  private static final class Relu {
    static final Activations LOOPS = make(Unary.Kind.RELU);
  }

  private static final class Relu6 {
    static final Activations LOOPS = make(Unary.Kind.RELU6);
  }

  private static final class LeakyRelu {
    static final Activations LOOPS = make(Unary.Kind.LEAKY_RELU);
  }

  private static final class Mish {
    static final Activations LOOPS = make(Unary.Kind.MISH);
  }

  private static final class Swish {
    static final Activations LOOPS = make(Unary.Kind.SWISH);
  }

  private static final class HardSwish {
    static final Activations LOOPS = make(Unary.Kind.HARD_SWISH);
  }
}
