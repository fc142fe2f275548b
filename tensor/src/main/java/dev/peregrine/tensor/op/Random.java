package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Spec;
import java.util.List;

/**
 * Random numbers by counter: element i depends on the seed and i alone; takes no input.
 *
 * <p><b>Formula</b> {@code u_i = (mix(seed + (i + 1) * 0x9E3779B97F4A7C15) >>> 40) * 2^-24}, the
 * finaliser mix of SplitMix64 (Steele, Lea and Flood 2014); {@code NORMAL} takes {@code sqrt(-2
 * ln(1 - u_2i)) * cos(2 pi u_2i+1)}.
 *
 * @param spec the spec of the output, floating point
 * @param kind the distribution
 * @param seed the seed
 */
public record Random(Spec spec, Kind kind, long seed) implements Op {
  /** The distributions. */
  public enum Kind {
    /** Uniform in 0 (included) to 1 (excluded). */
    UNIFORM,
    /** Normal with mean 0 and variance 1. */
    NORMAL;

    /** Returns the lower-case name used in graph texts. */
    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.arity("random", inputs);
    Laws.floating("random", "output", spec);
    Laws.computed("random", "output", spec);
    return List.of(spec);
  }
}
