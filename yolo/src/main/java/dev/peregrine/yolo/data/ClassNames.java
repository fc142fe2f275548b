package dev.peregrine.yolo.data;

import dev.peregrine.tensor.FormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The classes' names from a {@code .names} file: one a line, the first is class 0. */
public final class ClassNames {
  private ClassNames() {}

  /**
   * Reads a names file. Blank lines at the end are ignored.
   *
   * <p><b>Errors</b> {@link FormatException} when the file cannot be read, names nothing, or has a
   * blank line between names (which would shift the classes after it).
   *
   * @param file one name a line
   * @return the names by class index
   */
  public static List<String> read(Path file) {
    List<String> lines;
    try {
      lines = TextFile.lines(file);
    } catch (IOException e) {
      throw new FormatException(
          "%s cannot be read (%s); class names were expected there, one a line"
              .formatted(file, TextFile.reason(e)),
          e);
    }
    List<String> names = new ArrayList<>(lines.stream().map(String::strip).toList());
    while (!names.isEmpty() && names.getLast().isEmpty()) {
      names.removeLast();
    }
    if (names.isEmpty()) {
      throw new FormatException(file + " is empty; class names were expected there, one a line");
    }
    int blank = names.indexOf("");
    if (blank >= 0) {
      throw new FormatException(
          "%s:%d: a blank line between class names would shift the classes after it; remove it"
              .formatted(file, blank + 1));
    }
    return List.copyOf(names);
  }
}
