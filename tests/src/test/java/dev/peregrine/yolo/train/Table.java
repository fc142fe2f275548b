package dev.peregrine.yolo.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Tables of other programs' numbers: columns between tabs, under a line of names. */
public final class Table {
  private Table() {}

  /**
   * One line.
   *
   * @param names of the columns
   * @param fields their texts
   */
  public record Row(List<String> names, List<String> fields) {
    /**
     * Returns a column.
     *
     * @param name of the column
     * @return its text
     */
    public String text(String name) {
      return fields.get(names.indexOf(name));
    }

    /**
     * Returns a column of numbers.
     *
     * @param name of the column
     * @return its number
     */
    public double number(String name) {
      return Double.parseDouble(text(name));
    }
  }

  /**
   * Reads a table.
   *
   * @param file where it is
   * @return its lines
   */
  public static List<Row> read(Path file) {
    try {
      List<String> lines = Files.readAllLines(file);
      List<String> names = List.of(lines.getFirst().split("\t", -1));
      return lines.stream()
          .skip(1)
          .map(line -> new Row(names, List.of(line.split("\t", -1))))
          .toList();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
