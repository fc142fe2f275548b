package dev.peregrine.testkit;

import java.util.SplittableRandom;

/** How the numbers of a test input are drawn; the same seed gives the same numbers everywhere. */
public enum Values {
  /** Normal with mean 0 and variance 1. */
  NORMAL,
  /** Normal with standard deviation 4, to reach the flat ends of activations. */
  WIDE,
  /** Normal around 1000 with variance 1: sums of squares would cancel. */
  FAR,
  /** Uniform in 0.5 to 2. */
  POSITIVE,
  /**
   * Like {@link #WIDE}, but at least 0.05 away from -3, 0, 3 and 6, where activations have kinks.
   */
  SMOOTH,
  /** Any two at least 1/64 apart, so that the largest stays the largest when all move a little. */
  DISTINCT,
  /** Small whole numbers, many of them equal. */
  TIES,
  /** Normal, every seventh NaN. */
  HOLES,
  /** Numbers at which exponentials or squares overflow, vanish or are subnormal. */
  EXTREME,
  /** Ones and zeros. */
  MASK,
  /** Quarters from -20 to 300: beyond a byte at both ends, halves to round. */
  QUARTERS,
  /** Whole numbers from 0 up to the bound of the input, which is not reached. */
  INDICES;

  private static final double[] KINKS = {-3, 0, 3, 6};

  private static final double[] EXTREMES = {
    -1e30, -1000, -104, -100, -89, -88, -45, -21, -20, -1e-30, -0.0, 0, 1e-30, 19, 20, 21, 44, 45,
    88, 89, 100, 1000, 1e19, 1e30
  };

  /**
   * Draws numbers.
   *
   * @param count how many
   * @param bound for {@link #INDICES}
   * @param seed the seed
   * @return the numbers, each of which f32 holds exactly
   */
  double[] draw(int count, int bound, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] numbers = new double[count];
    for (int i = 0; i < count; i++) {
      numbers[i] =
          (float)
              switch (this) {
                case NORMAL -> random.nextGaussian();
                case WIDE -> 4 * random.nextGaussian();
                case FAR -> 1000 + random.nextGaussian();
                case POSITIVE -> 0.5 + 1.5 * random.nextDouble();
                case SMOOTH -> awayFromKinks(4 * random.nextGaussian());
                case DISTINCT -> (i - count / 2) / 64.0;
                case TIES -> random.nextInt(4);
                case HOLES -> i % 7 == 3 ? Double.NaN : random.nextGaussian();
                case EXTREME -> EXTREMES[i % EXTREMES.length];
                case MASK -> random.nextInt(2);
                case QUARTERS -> random.nextInt(-80, 1200) / 4.0;
                case INDICES -> random.nextInt(bound);
              };
    }
    if (this == DISTINCT) {
      shuffle(numbers, random);
    }
    return numbers;
  }

  private static double awayFromKinks(double x) {
    for (double kink : KINKS) {
      if (Math.abs(x - kink) < 0.05) {
        return kink + (x < kink ? -0.05 : 0.05);
      }
    }
    return x;
  }

  private static void shuffle(double[] numbers, SplittableRandom random) {
    for (int i = numbers.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      double kept = numbers[i];
      numbers[i] = numbers[other];
      numbers[other] = kept;
    }
  }
}
