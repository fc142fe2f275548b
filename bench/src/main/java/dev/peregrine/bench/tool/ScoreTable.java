package dev.peregrine.bench.tool;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Prints scores as they come, each beside its score from before where there is one. */
final class ScoreTable {
  /** The result that holds the arithmetic against the machine's own, in percent. */
  static final String PEAK = "percentOfPeak";

  private static final String ROW = "%-36s %14s %11s %-7s %9s %7s %7s";

  private final PrintWriter out;
  private final List<Score> before;
  private final List<Score> met = new ArrayList<>();

  /**
   * Makes a table.
   *
   * @param out where it is printed
   * @param before a run to compare with; empty for none
   */
  ScoreTable(PrintWriter out, List<Score> before) {
    this.out = out;
    this.before = List.copyOf(before);
  }

  /** Prints the names of the columns. */
  void header() {
    String titles =
        String.format(
            Locale.ROOT, ROW, "benchmark", "score", "error", "unit", "GFLOP/s", "% peak", "% copy");
    out.println(
        before.isEmpty()
            ? titles
            : titles
                + String.format(
                    Locale.ROOT, " %8s %6s %8s  %s", "x before", "noise", "x share", "verdict"));
  }

  /** Prints what one benchmark measured. */
  void row(Score score) {
    if (!score.parameters().isEmpty()) {
      out.println(score.settings());
    }
    String line =
        String.format(
            Locale.ROOT,
            ROW,
            score.name(),
            cell("%.4g", score.score()),
            "± " + cell("%.2g", score.error()),
            score.unit(),
            cell("%.1f", score.more("gflop")),
            cell("%.1f", score.more(PEAK)),
            cell("%.1f", score.more("percentOfCopy")));
    Optional<Score> old = before.stream().filter(score::matches).findFirst();
    old.ifPresent(met::add);
    String side =
        old.map(each -> " " + Comparison.of(each, score)).orElse(before.isEmpty() ? "" : " new");
    out.println(line + side);
    out.flush(); // the next row may take a minute
  }

  /**
   * Prints what the run from before has beyond this one.
   *
   * @param file where it was stored
   * @param java the version of Java that runs now
   */
  void footer(String file, String java) {
    if (before.isEmpty()) {
      return;
    }
    out.println("compared with " + file + ": " + met.size() + " of its " + before.size() + " rows");
    before.stream()
        .map(Score::java)
        .filter(version -> !version.isEmpty() && !version.equals(java))
        .findFirst()
        .ifPresent(version -> out.println("note: it ran on Java " + version + ", this on " + java));
  }

  /** A number, or a dash for what is none. */
  static String cell(String format, double number) {
    return Double.isFinite(number) ? String.format(Locale.ROOT, format, number) : "-";
  }
}
