package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.op.Binary;
import dev.peregrine.tensor.op.Compare;

/** One function of {@link Binary} or {@link Compare} over neighbouring elements, at full speed. */
abstract class Pairs {
  /**
   * Returns the loops of a function, made at the first call.
   *
   * @param kind the function, not the power
   * @return always the same object
   */
  static Pairs of(Binary.Kind kind) {
    return switch (kind) {
      case ADD -> Add.LOOPS;
      case SUBTRACT -> Subtract.LOOPS;
      case MULTIPLY -> Multiply.LOOPS;
      case DIVIDE -> Divide.LOOPS;
      case MAXIMUM -> Maximum.LOOPS;
      case MINIMUM -> Minimum.LOOPS;
      case POWER -> throw new DeviceException("cpu: the power has no vector form");
    };
  }

  /**
   * Returns the loops of a relation, made at the first call.
   *
   * @param kind the relation
   * @return always the same object
   */
  static Pairs of(Compare.Kind kind) {
    return switch (kind) {
      case LESS -> Less.LOOPS;
      case LESS_OR_EQUAL -> LessOrEqual.LOOPS;
      case GREATER -> Greater.LOOPS;
      case GREATER_OR_EQUAL -> GreaterOrEqual.LOOPS;
      case EQUAL -> Equal.LOOPS;
    };
  }

  private static Pairs make(Enum<?> kind) {
    return Specialization.of(PairLoop.class, kind, Pairs.class);
  }

  /** Writes {@code f(a, b)} for {@code size} elements of both; y may be a or b. */
  abstract void both(float[] a, int aAt, float[] b, int bAt, float[] y, int yAt, int size);

  /** Writes {@code f(a, b)} for one number b. */
  abstract void right(float[] a, int aAt, float b, float[] y, int yAt, int size);

  /** Writes {@code f(a, b)} for one number a. */
  abstract void left(float a, float[] b, int bAt, float[] y, int yAt, int size);

  private static final class Add {
    static final Pairs LOOPS = make(Binary.Kind.ADD);
  }

  private static final class Subtract {
    static final Pairs LOOPS = make(Binary.Kind.SUBTRACT);
  }

  private static final class Multiply {
    static final Pairs LOOPS = make(Binary.Kind.MULTIPLY);
  }

  private static final class Divide {
    static final Pairs LOOPS = make(Binary.Kind.DIVIDE);
  }

  private static final class Maximum {
    static final Pairs LOOPS = make(Binary.Kind.MAXIMUM);
  }

  private static final class Minimum {
    static final Pairs LOOPS = make(Binary.Kind.MINIMUM);
  }

  private static final class Less {
    static final Pairs LOOPS = make(Compare.Kind.LESS);
  }

  private static final class LessOrEqual {
    static final Pairs LOOPS = make(Compare.Kind.LESS_OR_EQUAL);
  }

  private static final class Greater {
    static final Pairs LOOPS = make(Compare.Kind.GREATER);
  }

  private static final class GreaterOrEqual {
    static final Pairs LOOPS = make(Compare.Kind.GREATER_OR_EQUAL);
  }

  private static final class Equal {
    static final Pairs LOOPS = make(Compare.Kind.EQUAL);
  }
}
