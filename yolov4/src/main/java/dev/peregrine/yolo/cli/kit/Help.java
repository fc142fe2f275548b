package dev.peregrine.yolo.cli.kit;

import java.util.ArrayList;
import java.util.List;

/** The texts of {@code --help}, and suggestions for misspelt words. */
public final class Help {
  private static final int WIDTH = 100;

  private Help() {}

  /** All verbs. */
  public static String overview(List<Verb> verbs) {
    StringBuilder text = new StringBuilder("./yolo VERB key=value ...\n\n");
    for (Verb verb : verbs) {
      row(text, verb.name(), verb.summary(), 13);
    }
    return text.append("\n./yolo VERB --help lists the keys of a verb.\n").toString();
  }

  /** One verb with its keys and their defaults. */
  public static String of(Verb verb) {
    StringBuilder text = new StringBuilder();
    text.append("./yolo ").append(verb.name()).append(": ").append(verb.summary()).append("\n\n");
    text.append("  ").append(verb.example()).append("\n\n");
    for (Key<?> key : Call.keys(verb)) {
      String need = key.need() == Key.Need.REQUIRED ? " (required)" : "";
      row(text, key.name() + "=" + key.fallback(), key.description() + need, 22);
    }
    return text.toString();
  }

  private static void row(StringBuilder text, String left, String right, int indent) {
    List<String> lines = wrap(right, WIDTH - indent - 2);
    text.append("  ").append(left).append(" ".repeat(Math.max(1, indent - left.length())));
    text.append(String.join("\n" + " ".repeat(indent + 2), lines)).append('\n');
  }

  private static List<String> wrap(String text, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }

  /** {@code (did you mean 'x'?)} where a known word is near, or nothing. */
  public static String suggestion(String word, List<String> known) {
    String best = "";
    int fewest = Math.max(2, word.length() / 2);
    for (String candidate : known) {
      if (word.length() > 2 && candidate.startsWith(word)) {
        return " (did you mean '" + candidate + "'?)";
      }
      int edits = edits(word, candidate);
      if (edits <= fewest && (best.isEmpty() || edits < fewest)) {
        fewest = edits;
        best = candidate;
      }
    }
    return best.isEmpty() ? "" : " (did you mean '" + best + "'?)";
  }

  /** Insertions, deletions, replacements and swaps that turn one word into the other. */
  private static int edits(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        boolean same = a.charAt(i - 1) == b.charAt(j - 1);
        cost[i][j] =
            Math.min(
                cost[i - 1][j - 1] + (same ? 0 : 1), 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (swapped) {
          cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
      }
    }
    return cost[a.length()][b.length()];
  }
}
