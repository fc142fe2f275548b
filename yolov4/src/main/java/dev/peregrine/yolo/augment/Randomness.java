package dev.peregrine.yolo.augment;

import java.util.SplittableRandom;

/** Random streams that depend on numbers, not on the order in which threads ask. */
final class Randomness {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private Randomness() {}

  /** The stream of one picture in one epoch of one run. */
  static SplittableRandom of(long seed, long epoch, long index) {
    return new SplittableRandom(mix(mix(mix(seed + GOLDEN) + epoch * GOLDEN) + index * GOLDEN));
  }

  /** The finishing step of SplitMix64: neighbours become unlike. */
  private static long mix(long z) {
    long a = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    long b = (a ^ a >>> 27) * 0x94D049BB133111EBL;
    return b ^ b >>> 31;
  }

  /** Uniform between two bounds, which may be equal. */
  static double between(SplittableRandom random, double low, double high) {
    return low + (high - low) * random.nextDouble();
  }

  /** A factor between 1 and s, or with the same chance its inverse. */
  static double scale(SplittableRandom random, double s) {
    double factor = between(random, 1, s);
    return random.nextBoolean() ? factor : 1 / factor;
  }

  /** Beta distribution of two equal whole parameters. */
  static double beta(SplittableRandom random, int shape) {
    double a = gamma(random, shape);
    double b = gamma(random, shape);
    return a / (a + b);
  }

  private static double gamma(SplittableRandom random, int shape) {
    double sum = 0;
    for (int i = 0; i < shape; i++) {
      sum -= Math.log1p(-random.nextDouble());
    }
    return sum;
  }
}
