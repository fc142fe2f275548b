package dev.peregrine.bench.peers;

import java.util.List;
import java.util.Locale;

/** Compares what engines compute, before anything is timed. */
final class Agreement {
  private static final double HEADS = 2e-3;
  private static final double CHANGES = 5e-2;

  private final List<float[]> expected;
  private final boolean training;

  Agreement(Side own, boolean training) {
    own.run();
    this.expected = own.results();
    this.training = training;
  }

  /**
   * Compares and reports.
   *
   * <p>Heads may differ by 2e-3, or by that share of the largest number where it is above 1. A
   * change of weights may be off by a twentieth of its length: activations and maxima have kinks,
   * and where two engines round to different sides of one, a single derivative jumps. Measured:
   * 5e-3 for yolov4-tiny, 2e-2 for yolov4-csp, and 1e-4 for both where no kink is near.
   *
   * @param side another engine
   * @return whether it may take part
   */
  boolean check(Side side) {
    side.run();
    List<float[]> found = side.results();
    boolean agrees = found.size() == expected.size();
    double worst = 0;
    double worstShare = 0;
    for (int i = 0; agrees && i < found.size(); i++) {
      float[] a = expected.get(i);
      float[] b = found.get(i);
      agrees = a.length == b.length;
      double difference = 0;
      double largest = 0;
      double squares = 0;
      double squaresOfDifference = 0;
      for (int k = 0; agrees && k < a.length; k++) {
        double d = (double) a[k] - b[k];
        difference = Math.max(difference, Math.abs(d));
        largest = Math.max(largest, Math.abs(a[k]));
        squares += (double) a[k] * a[k];
        squaresOfDifference += d * d;
        agrees = Float.isFinite(b[k]);
      }
      worst = Math.max(worst, difference);
      worstShare =
          Math.max(
              worstShare,
              training
                  ? Math.sqrt(squaresOfDifference / squares)
                  : difference / Math.max(1, largest));
    }
    agrees &= worstShare <= (training ? CHANGES : HEADS);
    System.out.printf(
        Locale.ROOT,
        "%s %s: largest difference %.2e (%.1e of %s), %d arrays%n",
        side.name(),
        agrees ? "agrees" : "DISAGREES and is not timed",
        worst,
        worstShare,
        training ? "the length of a change" : "the largest number or 1",
        found.size());
    return agrees;
  }
}
