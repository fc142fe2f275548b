package dev.peregrine.bench.tool;

import java.util.Locale;

/**
 * How one score stands to the same benchmark's score in a run from before.
 *
 * @param speedup how many times as fast it is now; above 1 is better whatever the unit
 * @param noise what the errors of both sides leave open of the speedup, relative to it; NaN where
 *     one side does not know its error
 * @param share how many times as large the percentage of the machine's peak is now, which holds on
 *     a machine that got busier; NaN where the benchmark has none
 */
record Comparison(double speedup, double noise, double share) {
  /**
   * Compares.
   *
   * @param before the stored score
   * @param now the new one, of the same benchmark
   */
  static Comparison of(Score before, Score now) {
    double ratio = now.score() / before.score();
    return new Comparison(
        now.isRate() ? ratio : 1 / ratio,
        Math.hypot(before.error() / before.score(), now.error() / now.score()),
        now.more(ScoreTable.PEAK) / before.more(ScoreTable.PEAK));
  }

  /** Faster, slower, or not to be told from the noise. */
  String verdict() {
    if (Double.isNaN(noise)) {
      return "? error unknown";
    }
    if (Math.abs(speedup - 1) <= noise * Math.max(1, speedup)) {
      return "~ within the noise";
    }
    return speedup > 1 ? "faster" : "SLOWER";
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%8s %6s %8s  %s",
        ScoreTable.cell("%.3f", speedup),
        ScoreTable.cell("%.1f%%", 100 * noise),
        ScoreTable.cell("%.3f", share),
        verdict());
  }
}
