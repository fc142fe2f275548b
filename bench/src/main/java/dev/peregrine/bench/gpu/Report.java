package dev.peregrine.bench.gpu;

import dev.peregrine.tensor.plan.Profile;
import dev.peregrine.tensor.plan.Step;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** What the race found, as a table for people and as JSON. */
final class Report {
  /**
   * One side's time for one kind of run.
   *
   * @param network the network and its size
   * @param kind what was run
   * @param batch pictures of a run
   * @param side who ran
   * @param milliseconds the median over the rounds of each turn's median; not a number where it
   *     could not run
   * @param flops multiplications and additions of a run, the same for all sides
   * @param note why it did not run, else empty
   */
  record Row(
      String network,
      Side.Kind kind,
      int batch,
      String side,
      double milliseconds,
      double flops,
      String note) {
    double pictures() {
      return batch / milliseconds * 1e3;
    }

    double gigaflops() {
      return flops / milliseconds / 1e6;
    }

    boolean isSameRun(Row other) {
      return network.equals(other.network) && kind == other.kind && batch == other.batch;
    }
  }

  /** What follows a side's name where the peak is that of its tensor cores. */
  static final String TENSOR_CORES = ", tensor cores";

  /** How tiles that tensor cores multiply are told from others in the name of an algorithm. */
  private static final Pattern PRECISION = Pattern.compile("\\b(tf32|bf16|fp16)\\b");

  /** The times of a side's steps in one network. */
  private record Timed(String network, String side, Profile profile) {
    String name() {
      return network + ", " + side;
    }
  }

  private final Map<String, String> facts = new LinkedHashMap<>();
  private final Map<String, Double> peaks = new LinkedHashMap<>();
  private final List<Row> rows = new ArrayList<>();
  private final List<Timed> profiles = new ArrayList<>();
  private final int slowest;

  Report(int slowest) {
    this.slowest = slowest;
  }

  void fact(String name, String value) {
    facts.put(name, value);
  }

  /** The most that a side computes, in 10^9 operations a second. */
  void peak(String side, double gigaflops) {
    peaks.put(side, gigaflops);
  }

  void row(Row row) {
    rows.add(row);
  }

  void profile(String network, String side, Profile profile) {
    profiles.add(new Timed(network, side, profile));
  }

  /**
   * What tensor cores computed in some steps, as percent of their peak; not a number where they did
   * not.
   */
  private double shareOfCores(Timed timed, Predicate<Step> some) {
    double milliseconds = 0;
    double flops = 0;
    for (Profile.Row row : timed.profile().rows()) {
      if (some.test(row.step()) && PRECISION.matcher(row.step().algorithm()).find()) {
        milliseconds += row.milliseconds();
        flops += row.step().flops();
      }
    }
    double peak = peaks.getOrDefault(timed.side() + TENSOR_CORES, Double.NaN);
    return 100 * flops / milliseconds / 1e6 / peak;
  }

  private static String line(double milliseconds, double share, double ofCores, String what) {
    String cores =
        Double.isFinite(ofCores)
            ? String.format(Locale.ROOT, "%5.1f %% of tensor cores", ofCores)
            : "";
    return String.format(
        Locale.ROOT, "%9.3f ms %5.1f %% of peak %23s  %s%n", milliseconds, share, cores, what);
  }

  /** The speed of the first side, which is ours, over that of another one. */
  private double ours(Row row) {
    return rows.stream()
        .filter(row::isSameRun)
        .findFirst()
        .map(own -> row.milliseconds() / own.milliseconds())
        .orElse(Double.NaN);
  }

  private double share(Row row) {
    return 100 * row.gigaflops() / peaks.getOrDefault(row.side(), Double.NaN);
  }

  String markdown() {
    StringBuilder text = new StringBuilder();
    facts.forEach((name, value) -> text.append(name).append(": ").append(value).append('\n'));
    peaks.forEach((side, peak) ->
        text.append(String.format(Locale.ROOT, "peak of %s: %,.0f GFLOP/s%n", side, peak)));
    text.append("\n| network | run | batch | side | ms | pictures/s | GFLOP/s | % of its peak |")
        .append(" our speed over its |\n|---|---|---|---|---|---|---|---|---|\n");
    for (Row row : rows) {
      text.append(
          row.note().isEmpty()
              ? String.format(
                  Locale.ROOT,
                  "| %s | %s | %d | %s | %.3f | %.1f | %,.0f | %.1f | %.2f |%n",
                  row.network(),
                  row.kind(),
                  row.batch(),
                  row.side(),
                  row.milliseconds(),
                  row.pictures(),
                  row.gigaflops(),
                  share(row),
                  ours(row))
              : String.format(
                  Locale.ROOT,
                  "| %s | %s | %d | %s | - | | | | %s |%n",
                  row.network(),
                  row.kind(),
                  row.batch(),
                  row.side(),
                  row.note()));
    }
    text.append('\n');
    Goals.of(rows).forEach(line -> text.append(line).append('\n'));
    for (Timed timed : profiles) {
      Profile profile = timed.profile();
      List<Profile.Row> sorted = profile.slowestFirst().rows();
      text.append("\nslowest steps of ")
          .append(timed.name())
          .append(", then all kernels by kind\n");
      for (Profile.Row row : sorted.subList(0, Math.min(slowest, sorted.size()))) {
        Step step = row.step();
        text.append(
            line(
                row.milliseconds(),
                profile.percentOfPeak(row.gigaflopsPerSecond()),
                shareOfCores(timed, step::equals),
                step.op() + ", " + step.algorithm() + ", " + step.output()));
      }
      for (Profile.Family family : profile.families()) {
        text.append(
            line(
                family.milliseconds(),
                profile.percentOfPeak(family.gigaflopsPerSecond()),
                shareOfCores(timed, step -> step.family().equals(family.name())),
                family.name() + ", " + family.steps() + " steps"));
      }
    }
    return text.toString();
  }

  String json() {
    List<String> parts = new ArrayList<>();
    facts.forEach((name, value) -> parts.add(quoted(name) + ":" + quoted(value)));
    List<String> most = new ArrayList<>();
    peaks.forEach((side, peak) -> most.add(quoted(side) + ":" + number(peak)));
    parts.add("\"peak_gflops\":{" + String.join(",", most) + "}");
    List<String> all = new ArrayList<>();
    for (Row row : rows) {
      all.add(
          "{\"network\":%s,\"run\":%s,\"batch\":%d,\"side\":%s,\"ms\":%s,\"gflops\":%s,\"note\":%s}"
              .formatted(
                  quoted(row.network()),
                  quoted(row.kind().toString()),
                  row.batch(),
                  quoted(row.side()),
                  number(row.milliseconds()),
                  number(row.gigaflops()),
                  quoted(row.note())));
    }
    parts.add("\"rows\":[" + String.join(",", all) + "]");
    List<String> kinds = new ArrayList<>();
    for (Timed timed : profiles) {
      Profile profile = timed.profile();
      List<String> families = new ArrayList<>();
      for (Profile.Family family : profile.families()) {
        families.add(
            "{\"kernels\":%s,\"steps\":%d,\"ms\":%s,\"percent_of_peak\":%s,\"percent_of_tensor_cores\":%s}"
                .formatted(
                    quoted(family.name()),
                    family.steps(),
                    number(family.milliseconds()),
                    number(profile.percentOfPeak(family.gigaflopsPerSecond())),
                    number(shareOfCores(timed, step -> step.family().equals(family.name())))));
      }
      kinds.add(quoted(timed.name()) + ":[" + String.join(",", families) + "]");
    }
    parts.add("\"profiles\":{" + String.join(",", kinds) + "}");
    return "{" + String.join(",", parts) + "}";
  }

  private static String number(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.6g", value) : "null";
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("\\s", " ") + '"';
  }
}
