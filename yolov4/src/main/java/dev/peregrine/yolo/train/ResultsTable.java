package dev.peregrine.yolo.train;

import dev.peregrine.tensor.FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** The table of a run, one row an epoch, rewritten whole so that it is never cut. */
final class ResultsTable {
  private static final String HEADER =
      "epoch,time,waited,train/loss,train/box,train/obj,train/cls,metrics/AP50,metrics/AP,"
          + "val/loss,val/box,val/obj,val/cls,lr";

  private final Path file;
  private final List<String> rows = new ArrayList<>();

  /** Opens the table of a run, with the rows of the epochs that it has done. */
  ResultsTable(Path file, int epochsDone) {
    this.file = file;
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

  int rows() {
    return rows.size();
  }

  void add(String row) {
    rows.add(row);
    Path beside = file.resolveSibling(file.getFileName() + ".part");
    try {
      Files.writeString(beside, HEADER + "\n" + String.join("\n", rows) + "\n");
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException failure) {
      throw new FormatException(
          file + ": the table of the run cannot be written: " + failure, failure);
    }
  }
}
