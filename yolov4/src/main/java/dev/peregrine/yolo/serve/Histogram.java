package dev.peregrine.yolo.serve;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.DoubleAdder;

/** Counts of values up to each of some bounds, as Prometheus reads them. */
final class Histogram {
  private final double[] bounds;
  private final AtomicLongArray counts;
  private final DoubleAdder sum = new DoubleAdder();

  /** Counts up to rising bounds; whatever is above the last is counted too. */
  Histogram(double... bounds) {
    this.bounds = bounds.clone();
    this.counts = new AtomicLongArray(bounds.length + 1);
  }

  void add(double value) {
    int at = 0;
    while (at < bounds.length && value > bounds[at]) {
      at++;
    }
    counts.incrementAndGet(at);
    sum.add(value);
  }

  /** Writes the samples of a family with its two lines of introduction. */
  void write(StringBuilder text, String name, String help) {
    Metrics.introduce(text, name, "histogram", help);
    long below = 0;
    for (int i = 0; i <= bounds.length; i++) {
      below += counts.get(i);
      String bound = i == bounds.length ? "+Inf" : Metrics.number(bounds[i]);
      text.append(name).append("_bucket{le=\"").append(bound).append("\"} ").append(below);
      text.append('\n');
    }
    text.append(name).append("_sum ").append(Metrics.number(sum.sum())).append('\n');
    text.append(name).append("_count ").append(below).append('\n');
  }
}
