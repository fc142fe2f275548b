package dev.peregrine.yolo.scaling;

import java.util.List;

/**
 * One table of the paper, computed anew.
 *
 * @param number the paper's, 1 to 7
 * @param title what it shows
 * @param columns heads of the columns
 * @param rows cells, as many in each row as there are columns
 * @param notes how the paper's print differs from what is computed here, a sentence each
 */
public record ScalingTable(
    int number, String title, List<String> columns, List<List<String>> rows, List<String> notes) {
  /** Copies the lists, and checks that every row is full. */
  public ScalingTable {
    columns = List.copyOf(columns);
    rows = rows.stream().map(List::copyOf).toList();
    notes = List.copyOf(notes);
    for (List<String> row : rows) {
      if (row.size() != columns.size()) {
        throw new IllegalArgumentException(
            "scaling: table %d has %d columns but a row of %d cells: %s"
                .formatted(number, columns.size(), row.size(), row));
      }
    }
  }

  /** Returns the table as aligned text, its title above and its notes below. */
  @Override
  public String toString() {
    int[] widths = new int[columns.size()];
    for (int i = 0; i < widths.length; i++) {
      int column = i;
      widths[i] =
          Math.max(
              columns.get(i).length(),
              rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0));
    }
    StringBuilder text = new StringBuilder("Table ").append(number).append(": ").append(title);
    text.append('\n');
    line(text, columns, widths);
    rows.forEach(row -> line(text, row, widths));
    notes.forEach(note -> text.append("note: ").append(note).append('\n'));
    return text.toString();
  }

  private static void line(StringBuilder text, List<String> cells, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      line.append(cells.get(i)).append(" ".repeat(widths[i] - cells.get(i).length() + 2));
    }
    text.append(line.toString().stripTrailing()).append('\n');
  }
}
