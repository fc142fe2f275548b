package dev.peregrine.tensor.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How long each step of a plan took, beside what the device can do at most.
 *
 * @param rows the steps in order
 * @param peakGigaflops the most that the device can multiply and add, in 10^9 operations a second,
 *     measured beside the steps; not a number where nobody knows
 */
public record Profile(List<Row> rows, double peakGigaflops) {
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
      return rate(step.flops(), milliseconds);
    }
  }

  /**
   * All steps that one kind of kernel computed.
   *
   * @param name the kind, see {@link Step#family}
   * @param steps how many
   * @param milliseconds their time
   * @param flops their floating-point operations
   */
  public record Family(String name, int steps, double milliseconds, long flops) {
    /**
     * Returns how fast they computed.
     *
     * @return 10^9 floating-point operations a second
     */
    public double gigaflopsPerSecond() {
      return rate(flops, milliseconds);
    }

    private Family plus(Row row) {
      return new Family(
          name, steps + 1, milliseconds + row.milliseconds(), flops + row.step().flops());
    }
  }

  /** Copies the list of rows. */
  public Profile {
    rows = List.copyOf(rows);
  }

  private static double rate(long flops, double milliseconds) {
    return milliseconds == 0 ? 0 : flops / milliseconds / 1e6;
  }

  /**
   * Returns the time of all steps.
   *
   * @return milliseconds
   */
  public double milliseconds() {
    return rows.stream().mapToDouble(Row::milliseconds).sum();
  }

  /**
   * Returns the operations of all steps.
   *
   * @return floating-point operations of a run
   */
  public long flops() {
    return rows.stream().mapToLong(row -> row.step().flops()).sum();
  }

  /**
   * Compares a speed with the peak. Operations are those of the definition, so a Winograd
   * convolution, which needs fewer, may be above 100.
   *
   * @param gigaflopsPerSecond the speed
   * @return percent; not a number where the peak is none
   */
  public double percentOfPeak(double gigaflopsPerSecond) {
    return 100 * gigaflopsPerSecond / peakGigaflops;
  }

  /**
   * Sums the steps up by the kind of their kernels.
   *
   * @return the kinds, those that took longest first
   */
  public List<Family> families() {
    Map<String, Family> families = new LinkedHashMap<>();
    for (Row row : rows) {
      String name = row.step().family();
      families.put(name, families.getOrDefault(name, new Family(name, 0, 0, 0)).plus(row));
    }
    return families.values().stream()
        .sorted(Comparator.comparingDouble(Family::milliseconds).reversed())
        .toList();
  }

  /**
   * Returns the same with the slowest steps first.
   *
   * @return the profile
   */
  public Profile slowestFirst() {
    List<Row> sorted = new ArrayList<>(rows);
    sorted.sort(Comparator.comparingDouble(Row::milliseconds).reversed());
    return new Profile(sorted, peakGigaflops);
  }

  /** Returns a table of the steps, one of the kinds of kernels, and the sum. */
  @Override
  public String toString() {
    List<List<String>> lines = new ArrayList<>();
    lines.add(with(StepTable.HEAD, "ms", "%", "GFLOP/s", "% of peak"));
    for (Row row : rows) {
      lines.add(timed(StepTable.cells(row.step()), row.milliseconds(), row.gigaflopsPerSecond()));
    }
    return StepTable.align(lines) + "\n" + familyTable() + sum();
  }

  private String familyTable() {
    List<List<String>> lines = new ArrayList<>();
    lines.add(with(List.of("kernels", "steps", "GFLOP"), "ms", "%", "GFLOP/s", "% of peak"));
    for (Family family : families()) {
      lines.add(
          timed(
              List.of(
                  family.name(),
                  String.valueOf(family.steps()),
                  String.format(Locale.ROOT, "%.3f", family.flops() / 1e9)),
              family.milliseconds(),
              family.gigaflopsPerSecond()));
    }
    return StepTable.align(lines, 1);
  }

  private String sum() {
    double speed = rate(flops(), milliseconds());
    return String.format(
        Locale.ROOT,
        "%d steps, %.3f ms, %.3f GFLOP, %.1f GFLOP/s%s%n",
        rows.size(),
        milliseconds(),
        flops() / 1e9,
        speed,
        Double.isNaN(peakGigaflops)
            ? ""
            : String.format(
                Locale.ROOT,
                ", %.1f %% of the peak of %.1f measured now",
                percentOfPeak(speed),
                peakGigaflops));
  }

  /** Adds the columns of time and speed; what computes nothing has no share of the peak. */
  private List<String> timed(List<String> cells, double milliseconds, double speed) {
    double share = percentOfPeak(speed);
    return with(
        cells,
        String.format(Locale.ROOT, "%.3f", milliseconds),
        String.format(Locale.ROOT, "%.1f", 100 * milliseconds / milliseconds()),
        String.format(Locale.ROOT, "%.1f", speed),
        speed == 0 || Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.1f", share));
  }

  private static List<String> with(List<String> cells, String... more) {
    List<String> line = new ArrayList<>(cells);
    line.addAll(List.of(more));
    return line;
  }
}
