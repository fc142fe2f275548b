package dev.peregrine.tensor.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How long each step of a plan took.
 *
 * @param rows the steps in order
 */
public record Profile(List<Row> rows) {
  /**
   * One step and its time.
   *
   * @param step the step
   * @param milliseconds the median over the runs
   */
  public record Row(Step step, double milliseconds) {
    /**
     * Returns how fast it computed.
     *
     * @return 10^9 floating-point operations a second
     */
    public double gigaflopsPerSecond() {
      return milliseconds == 0 ? 0 : step.flops() / milliseconds / 1e6;
    }
  }

  /** Copies the list of rows. */
  public Profile {
    rows = List.copyOf(rows);
  }

  /**
   * Returns the time of all steps.
   *
   * @return milliseconds
   */
  public double milliseconds() {
    return rows.stream().mapToDouble(Row::milliseconds).sum();
  }

  /** Returns a table with the time, its share in percent and the speed of each step. */
  @Override
  public String toString() {
    double total = milliseconds();
    List<List<String>> lines = new ArrayList<>();
    List<String> head = new ArrayList<>(StepTable.HEAD);
    head.addAll(List.of("ms", "%", "GFLOP/s"));
    lines.add(head);
    for (Row row : rows) {
      List<String> line = new ArrayList<>(StepTable.cells(row.step()));
      line.add(String.format(Locale.ROOT, "%.3f", row.milliseconds()));
      line.add(String.format(Locale.ROOT, "%.1f", 100 * row.milliseconds() / total));
      line.add(String.format(Locale.ROOT, "%.1f", row.gigaflopsPerSecond()));
      lines.add(line);
    }
    long flops = rows.stream().mapToLong(row -> row.step().flops()).sum();
    return StepTable.align(lines)
        + String.format(
            Locale.ROOT,
            "%d steps, %.3f ms, %.3f GFLOP, %.1f GFLOP/s%n",
            rows.size(),
            total,
            flops / 1e9,
            total == 0 ? 0 : flops / total / 1e6);
  }
}
