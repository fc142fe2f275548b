package dev.peregrine.yolo.data;

import java.nio.file.Path;

/**
 * Something wrong in a data set.
 *
 * @param file where
 * @param line line in the file, counted from 1; 0 when the whole file is meant
 * @param message what, which law, what to do
 */
public record Fault(Path file, int line, String message) {
  /** {@code file:line: message}. */
  @Override
  public String toString() {
    return line > 0 ? file + ":" + line + ": " + message : file + ": " + message;
  }
}
