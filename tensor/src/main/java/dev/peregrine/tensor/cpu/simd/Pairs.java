package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.op.Binary;
import dev.peregrine.tensor.op.Compare;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** One function of {@link Binary} or {@link Compare} over neighbouring elements, at full speed. */
abstract class Pairs {
  private static final Map<Enum<?>, Pairs> ALL = all();

  private static Map<Enum<?>, Pairs> all() {
    Map<Enum<?>, Pairs> all = new HashMap<>();
    for (Binary.Kind kind : Binary.Kind.values()) {
      if (kind != Binary.Kind.POWER) {
        all.put(kind, Specialization.of(PairLoop.class, kind, Pairs.class));
      }
    }
    for (Compare.Kind kind : Compare.Kind.values()) {
      all.put(kind, Specialization.of(PairLoop.class, kind, Pairs.class));
    }
    return Map.copyOf(all);
  }

  /**
   * Returns the loops of a function.
   *
   * @param kind a {@link Binary.Kind} other than the power, or a {@link Compare.Kind}
   * @return always the same object
   */
  static Pairs of(Enum<?> kind) {
    return Objects.requireNonNull(ALL.get(kind));
  }

  /** Writes {@code f(a, b)} for {@code size} elements of both; y may be a or b. */
  abstract void both(float[] a, int aAt, float[] b, int bAt, float[] y, int yAt, int size);

  /** Writes {@code f(a, b)} for one number b. */
  abstract void right(float[] a, int aAt, float b, float[] y, int yAt, int size);

  /** Writes {@code f(a, b)} for one number a. */
  abstract void left(float a, float[] b, int bAt, float[] y, int yAt, int size);
}
