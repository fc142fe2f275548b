package dev.peregrine.bench.gpu;

import dev.peregrine.tensor.plan.Profile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

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

  private final Map<String, String> facts = new LinkedHashMap<>();
  private final Map<String, Double> peaks = new LinkedHashMap<>();
  private final List<Row> rows = new ArrayList<>();
  private final Map<String, Profile> profiles = new LinkedHashMap<>();
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

  void profile(String name, Profile profile) {
    profiles.put(name, profile);
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
    profiles.forEach((name, profile) -> {
      Profile sorted = profile.slowestFirst();
      List<Profile.Row> first = sorted.rows().subList(0, Math.min(slowest, sorted.rows().size()));
      text.append("\nslowest steps of ").append(name).append(", then all kernels by kind\n");
      for (Profile.Row row : first) {
        text.append(
            String.format(
                Locale.ROOT,
                "%9.3f ms %5.1f %% of peak  %s%n",
                row.milliseconds(),
                profile.percentOfPeak(row.gigaflopsPerSecond()),
                row.step().op() + ", " + row.step().algorithm() + ", " + row.step().output()));
      }
      for (Profile.Family family : profile.families()) {
        text.append(
            String.format(
                Locale.ROOT,
                "%9.3f ms %5.1f %% of peak  %s, %d steps%n",
                family.milliseconds(),
                profile.percentOfPeak(family.gigaflopsPerSecond()),
                family.name(),
                family.steps()));
      }
    });
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
    profiles.forEach((name, profile) -> {
      List<String> families = new ArrayList<>();
      for (Profile.Family family : profile.families()) {
        families.add(
            "{\"kernels\":%s,\"steps\":%d,\"ms\":%s,\"percent_of_peak\":%s}"
                .formatted(
                    quoted(family.name()),
                    family.steps(),
                    number(family.milliseconds()),
                    number(profile.percentOfPeak(family.gigaflopsPerSecond()))));
      }
      kinds.add(quoted(name) + ":[" + String.join(",", families) + "]");
    });
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
