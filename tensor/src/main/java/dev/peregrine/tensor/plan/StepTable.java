package dev.peregrine.tensor.plan;

import java.util.List;
import java.util.Locale;

/** The columns that plans and profiles print for each step. */
final class StepTable {
  static final List<String> HEAD = List.of("step", "kernel", "algorithm", "output", "MB", "GFLOP");

  /** Words stand at the left of their columns, numbers at the right. */
  private static final int WORDS = 4;

  private StepTable() {}

  static List<String> cells(Step step) {
    return List.of(
        step.value(),
        step.op(),
        step.algorithm(),
        step.output().toString(),
        String.format(Locale.ROOT, "%.2f", step.bytes() / 1e6),
        String.format(Locale.ROOT, "%.3f", step.flops() / 1e9));
  }

  static String align(List<List<String>> lines) {
    return align(lines, WORDS);
  }

  /** Puts cells below each other, the first columns as words and the others as numbers. */
  static String align(List<List<String>> lines, int words) {
    int columns = lines.get(0).size();
    int[] widths = new int[columns];
    for (List<String> line : lines) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> line : lines) {
      StringBuilder row = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        String padding = " ".repeat(widths[i] - line.get(i).length());
        row.append(i < words ? line.get(i) + padding : padding + line.get(i)).append("  ");
      }
      text.append(row.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }
}
