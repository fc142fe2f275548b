package dev.peregrine.yolo.cli.model;

import java.util.List;
import java.util.Locale;

/**
 * How far the outputs of two networks are apart on one input.
 *
 * @param largest the largest difference of two numbers
 * @param share the largest difference as a share of the number, or of 1 for smaller ones
 * @param magnitude the largest number
 */
record Difference(double largest, double share, double magnitude) {
  private static final Difference NONE_ALIKE =
      new Difference(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, 0);

  /** Compares outputs. */
  static Difference of(List<float[]> before, List<float[]> after) {
    if (before.size() != after.size()) {
      return NONE_ALIKE;
    }
    double largest = 0;
    double share = 0;
    double magnitude = 0;
    for (int head = 0; head < before.size(); head++) {
      float[] a = before.get(head);
      float[] b = after.get(head);
      if (a.length != b.length) {
        return NONE_ALIKE;
      }
      for (int i = 0; i < a.length; i++) {
        // The same bits are no difference, whatever they stand for; no number is one else.
        boolean same = Float.floatToIntBits(a[i]) == Float.floatToIntBits(b[i]);
        double apart = same ? 0 : Math.abs((double) a[i] - b[i]);
        apart = Double.isNaN(apart) ? Double.POSITIVE_INFINITY : apart;
        largest = Math.max(largest, apart);
        share = Math.max(share, apart / Math.max(1, Math.abs((double) a[i])));
        magnitude = Math.max(magnitude, Math.abs((double) a[i]));
      }
    }
    return new Difference(largest, share, magnitude);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "largest difference %s between the outputs of both sides on one input (outputs up to %.6g)",
        largest == 0 ? "0" : String.format(Locale.ROOT, "%.3g", largest),
        magnitude);
  }
}
