package dev.peregrine.tensor.cpu.reference;

import dev.peregrine.tensor.op.Fill;
import dev.peregrine.tensor.op.Iota;
import dev.peregrine.tensor.op.Random;
import java.util.Arrays;

/** Operations that take no input. */
final class ReferenceGenerators {
  private ReferenceGenerators() {}

  static Numbers fill(Fill op) {
    Numbers y = Numbers.zeros(op.spec().shape());
    Arrays.fill(y.values, op.value());
    return y;
  }

  static Numbers iota(Iota op) {
    Numbers y = Numbers.zeros(op.spec().shape());
    int axis = y.shape.axis(op.axis());
    int stride = y.shape.strides()[axis];
    for (int i = 0; i < y.values.length; i++) {
      y.values[i] = i / stride % y.dim(axis);
    }
    return y;
  }

  static Numbers random(Random op) {
    Numbers y = Numbers.zeros(op.spec().shape());
    for (int i = 0; i < y.values.length; i++) {
      y.values[i] =
          switch (op.kind()) {
            case UNIFORM -> uniform(op.seed(), i);
            case NORMAL -> normal(op.seed(), i);
          };
    }
    return y;
  }

  private static double uniform(long seed, long i) {
    return (mix(seed + (i + 1) * 0x9E3779B97F4A7C15L) >>> 40) * 0x1p-24;
  }

  private static double normal(long seed, long i) {
    // StrictMath rather than Math: these bits must be the same on every machine.
    double radius = Math.sqrt(-2 * StrictMath.log(1 - uniform(seed, 2 * i)));
    return radius * StrictMath.cos(2 * Math.PI * uniform(seed, 2 * i + 1));
  }

  /** The finaliser of SplitMix64: spreads every bit of a counter over all 64 bits. */
  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
