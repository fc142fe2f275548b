package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.op.Binary;
import dev.peregrine.tensor.op.Compare;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The loops of {@link Pairs} for one function; a template of {@link Specialization}. */
final class PairLoop extends Pairs {
  private static final VectorSpecies<Float> S = Lanes.SPECIES;
  private static final int L = S.length();
  private static final Function F =
      function(Specialization.constant(MethodHandles.lookup(), Enum.class));

  /** A function of two vectors. */
  @FunctionalInterface
  private interface Function {
    FloatVector apply(FloatVector a, FloatVector b);
  }

  private static Function function(Enum<?> kind) {
    if (kind instanceof Binary.Kind binary) {
      return function(binary);
    }
    return function((Compare.Kind) kind);
  }

  private static Function function(Binary.Kind kind) {
    return switch (kind) {
      case ADD -> FloatVector::add;
      case SUBTRACT -> FloatVector::sub;
      case MULTIPLY -> FloatVector::mul;
      case DIVIDE -> FloatVector::div;
      case MAXIMUM -> FloatVector::max;
      case MINIMUM -> FloatVector::min;
      case POWER -> throw new DeviceException("cpu: the power has no vector form");
    };
  }

  private static Function function(Compare.Kind kind) {
    return switch (kind) {
      case LESS -> (a, b) -> indicator(a.compare(VectorOperators.LT, b));
      case LESS_OR_EQUAL -> (a, b) -> indicator(a.compare(VectorOperators.LE, b));
      case GREATER -> (a, b) -> indicator(a.compare(VectorOperators.GT, b));
      case GREATER_OR_EQUAL -> (a, b) -> indicator(a.compare(VectorOperators.GE, b));
      case EQUAL -> (a, b) -> indicator(a.compare(VectorOperators.EQ, b));
    };
  }

  private static FloatVector indicator(VectorMask<Float> mask) {
    return FloatVector.zero(S).blend(1f, mask);
  }

  @Override
  void both(float[] a, int aAt, float[] b, int bAt, float[] y, int yAt, int size) {
    int i = 0;
    for (; i <= size - L; i += L) {
      F.apply(FloatVector.fromArray(S, a, aAt + i), FloatVector.fromArray(S, b, bAt + i))
          .intoArray(y, yAt + i);
    }
    if (i < size) {
      VectorMask<Float> mask = S.indexInRange(i, size);
      F.apply(
              FloatVector.fromArray(S, a, aAt + i, mask),
              FloatVector.fromArray(S, b, bAt + i, mask))
          .intoArray(y, yAt + i, mask);
    }
  }

  @Override
  void right(float[] a, int aAt, float b, float[] y, int yAt, int size) {
    FloatVector bs = FloatVector.broadcast(S, b);
    int i = 0;
    for (; i <= size - L; i += L) {
      F.apply(FloatVector.fromArray(S, a, aAt + i), bs).intoArray(y, yAt + i);
    }
    if (i < size) {
      VectorMask<Float> mask = S.indexInRange(i, size);
      F.apply(FloatVector.fromArray(S, a, aAt + i, mask), bs).intoArray(y, yAt + i, mask);
    }
  }

  @Override
  void left(float a, float[] b, int bAt, float[] y, int yAt, int size) {
    FloatVector as = FloatVector.broadcast(S, a);
    int i = 0;
    for (; i <= size - L; i += L) {
      F.apply(as, FloatVector.fromArray(S, b, bAt + i)).intoArray(y, yAt + i);
    }
    if (i < size) {
      VectorMask<Float> mask = S.indexInRange(i, size);
      F.apply(as, FloatVector.fromArray(S, b, bAt + i, mask)).intoArray(y, yAt + i, mask);
    }
  }
}
