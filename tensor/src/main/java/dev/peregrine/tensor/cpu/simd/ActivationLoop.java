package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.op.Unary;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** The loops of {@link Activations} for one function; a template of {@link Specialization}. */
final class ActivationLoop extends Activations {
  private static final VectorSpecies<Float> S = Lanes.SPECIES;
  private static final int L = S.length();
  private static final Unary.Kind KIND =
      Specialization.constant(MethodHandles.lookup(), Unary.Kind.class);
  private static final Activation.VectorFunction F = Activation.of(KIND);
  private static final Activation.VectorFunction SLOPE = Activation.derivativeOf(KIND);

  @Override
  void apply(float[] x, int xAt, float[] y, int yAt, int size) {
    int i = 0;
    for (; i <= size - L; i += L) {
      F.apply(FloatVector.fromArray(S, x, xAt + i)).intoArray(y, yAt + i);
    }
    if (i < size) {
      VectorMask<Float> mask = S.indexInRange(i, size);
      F.apply(FloatVector.fromArray(S, x, xAt + i, mask)).intoArray(y, yAt + i, mask);
    }
  }

  @Override
  void gradient(float[] x, int xAt, float[] dy, int dyAt, float[] dx, int dxAt, int size) {
    int i = 0;
    for (; i <= size - L; i += L) {
      SLOPE
          .apply(FloatVector.fromArray(S, x, xAt + i))
          .mul(FloatVector.fromArray(S, dy, dyAt + i))
          .intoArray(dx, dxAt + i);
    }
    if (i < size) {
      VectorMask<Float> mask = S.indexInRange(i, size);
      SLOPE
          .apply(FloatVector.fromArray(S, x, xAt + i, mask))
          .mul(FloatVector.fromArray(S, dy, dyAt + i, mask))
          .intoArray(dx, dxAt + i, mask);
    }
  }
}
