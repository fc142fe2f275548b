package dev.peregrine.bench.gpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What was aimed at on a graphics card, held against what was measured in the same turns: portable
 * kernels at 0.6 of the speed of PyTorch's fp32, tensor cores at half of its mixed precision, and
 * one picture in less time than its fp32 takes.
 */
final class Goals {
  private static final double PORTABLE = 0.6;
  private static final double TENSOR_CORES = 0.5;

  private Goals() {}

  /** One line for each run of each network that has a goal. */
  static List<String> of(List<Report.Row> rows) {
    List<String> lines = new ArrayList<>();
    for (Report.Row own : rows) {
      boolean cores = own.side().contains("@");
      if (own.side().startsWith("peregrine")) {
        lines.add(line(own, cores ? "torch fp16" : "torch fp32", goal(own, cores), rows));
      }
    }
    return lines;
  }

  private static double goal(Report.Row own, boolean cores) {
    boolean latency = own.kind() == Side.Kind.INFERENCE && own.batch() == 1;
    return cores ? TENSOR_CORES : latency ? 1 : PORTABLE;
  }

  private static String line(Report.Row own, String peer, double goal, List<Report.Row> rows) {
    double speed =
        rows.stream()
            .filter(row -> row.side().equals(peer) && row.isSameRun(own))
            .mapToDouble(row -> row.milliseconds() / own.milliseconds())
            .findFirst()
            .orElse(Double.NaN);
    return String.format(
        Locale.ROOT,
        "goal: %s, %s of %d, %s at %.1f of the speed of %s: %s",
        own.network(),
        own.kind(),
        own.batch(),
        own.side(),
        goal,
        peer,
        Double.isNaN(speed)
            ? "open, one of them was not measured"
            : String.format(Locale.ROOT, "%s (%.2f)", speed >= goal ? "met" : "MISSED", speed));
  }
}
