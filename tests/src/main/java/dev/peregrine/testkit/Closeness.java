package dev.peregrine.testkit;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Compares computed numbers with true ones under the law of {@link OpCase#tolerance}. */
public final class Closeness {
  private Closeness() {}

  /**
   * Compares element by element; NaN agrees with NaN only, an infinity with itself only.
   *
   * @param actual computed in f32 or integers
   * @param expected the true values
   * @param tolerance relative to a value's magnitude plus the root mean square of all finite ones;
   *     a true value counts as its nearest float
   * @return a sentence about the worst disagreement, null where all agree
   */
  public static @Nullable String compare(double[] actual, double[] expected, double tolerance) {
    if (actual.length != expected.length) {
      return actual.length + " elements where " + expected.length + " are expected";
    }
    double scale = rootMeanSquare(expected);
    int worst = -1;
    int wrong = 0;
    double worstExcess = 0;
    for (int i = 0; i < expected.length; i++) {
      float exact = (float) expected[i];
      double error = Math.abs(actual[i] - exact);
      if (actual[i] == exact || (Double.isNaN(actual[i]) && Float.isNaN(exact))) {
        continue;
      }
      // Written so that a NaN or an infinite error fails.
      boolean close = error <= tolerance * (Math.abs(exact) + scale);
      if (!close) {
        wrong++;
        double excess = Double.isFinite(error) ? error : Double.MAX_VALUE;
        if (worst < 0 || excess > worstExcess) {
          worst = i;
          worstExcess = excess;
        }
      }
    }
    if (worst < 0) {
      return null;
    }
    return String.format(
        Locale.ROOT,
        "%d of %d elements are wrong, the worst at %d: %.9g where %.9g is expected (rms %.3g,"
            + " tolerance %.2g)",
        wrong,
        expected.length,
        worst,
        actual[worst],
        expected[worst],
        scale,
        tolerance);
  }

  private static double rootMeanSquare(double[] numbers) {
    double sum = 0;
    int count = 0;
    for (double number : numbers) {
      if (Double.isFinite(number)) {
        sum += number * number;
        count++;
      }
    }
    return Math.sqrt(sum / Math.max(1, count));
  }
}
