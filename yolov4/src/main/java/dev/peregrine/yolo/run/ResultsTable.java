package dev.peregrine.yolo.run;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The table of a run, one row an epoch, rewritten whole so that it is never cut. */
public final class ResultsTable {
  private final String header;
  private final Path file;
  private final List<String> rows = new ArrayList<>();

  /**
   * Opens the table of a run, with the rows of the epochs that it has done.
   *
   * @param file the table
   * @param header its first line
   * @param epochsDone rows that stay
   */
  public ResultsTable(Path file, String header, int epochsDone) {
    this.file = file;
    this.header = header;
    if (epochsDone > 0 && Files.exists(file)) {
      try {
        List<String> lines = Files.readAllLines(file);
        rows.addAll(
            lines.subList(Math.min(1, lines.size()), Math.min(lines.size(), epochsDone + 1)));
      } catch (IOException failure) {
        throw new FormatException(
            file + ": the table of the run cannot be read: " + failure, failure);
      }
    }
  }

  /**
   * Returns its length.
   *
   * @return rows besides the header
   */
  public int rows() {
    return rows.size();
  }

  /**
   * Adds an epoch.
   *
   * @param row its fields with commas between
   */
  public void add(String row) {
    rows.add(row);
    try {
      WholeFile.write(file, header + "\n" + String.join("\n", rows) + "\n");
    } catch (IOException failure) {
      throw new FormatException(
          file + ": the table of the run cannot be written: " + failure, failure);
    }
  }
}
