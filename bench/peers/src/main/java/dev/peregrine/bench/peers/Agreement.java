package dev.peregrine.bench.peers;

import java.util.List;
import java.util.Locale;

/** Compares what engines compute, before anything is timed. */
final class Agreement {
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
   * <p>Heads may differ by 2e-3, or by that share of the largest number where it is above 1;
   * changes of weights by a hundredth of the largest change of their array.
   *
   * @param side another engine
   * @return whether it may take part
   */
  boolean check(Side side) {
    side.run();
    List<float[]> found = side.results();
    double tolerance = training ? 1e-2 : 2e-3;
    double worst = 0;
    double worstShare = 0;
    boolean agrees = found.size() == expected.size();
    for (int i = 0; agrees && i < found.size(); i++) {
      float[] a = expected.get(i);
      float[] b = found.get(i);
      agrees = a.length == b.length;
      double difference = 0;
      double largest = 0;
      for (int k = 0; agrees && k < a.length; k++) {
        difference = Math.max(difference, Math.abs(a[k] - b[k]));
        largest = Math.max(largest, Math.abs(a[k]));
        agrees = Float.isFinite(b[k]);
      }
      worst = Math.max(worst, difference);
      worstShare = Math.max(worstShare, difference / (training ? largest : Math.max(1, largest)));
    }
    agrees &= worstShare <= tolerance;
    System.out.printf(
        Locale.ROOT,
        "%s %s: largest difference %.2e (%.1e of the largest %s), %d arrays%n",
        side.name(),
        agrees ? "agrees" : "DISAGREES and is not timed",
        worst,
        worstShare,
        training ? "change of its array" : "number or 1",
        found.size());
    return agrees;
  }
}
