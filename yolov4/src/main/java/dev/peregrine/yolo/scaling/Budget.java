package dev.peregrine.yolo.scaling;

import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * The most that a network may cost.
 *
 * @param limit the most, above 0
 * @param unit in which it counts, for people
 * @param measure counts a network
 */
public record Budget(double limit, String unit, ToDoubleFunction<NetworkCost> measure) {
  /** Checks that the limit is above 0. */
  public Budget {
    if (!(limit > 0) || Double.isInfinite(limit)) {
      throw new IllegalArgumentException(
          "scaling: a budget of " + limit + " " + unit + " is wrong: it must be above 0");
    }
  }

  /**
   * A limit of time.
   *
   * @param milliseconds for one picture
   * @param times how long layers take
   * @return the budget
   */
  public static Budget latency(double milliseconds, LayerTimes times) {
    return new Budget(milliseconds, "ms", cost -> cost.milliseconds(times));
  }

  /**
   * A limit of operations.
   *
   * @param gigaflop 10^9 operations of convolutions for one picture, a multiply-add as two
   * @return the budget
   */
  public static Budget flops(double gigaflop) {
    return new Budget(gigaflop, "GFLOP", cost -> cost.flops() / 1e9);
  }

  /** Returns a cost with its unit. */
  String text(double cost) {
    return String.format(Locale.ROOT, "%.4g %s", cost, unit);
  }
}
