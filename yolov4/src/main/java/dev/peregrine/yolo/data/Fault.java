package dev.peregrine.yolo.data;

import java.nio.file.Path;

/**
 * Something wrong in a data set.
 *
 * @param kind what it is, how bad, and what is done about it
 * @param file where
 * @param line line in the file, counted from 1; 0 when the whole file is meant
 * @param message what, which law, what to do
 */
public record Fault(FaultKind kind, Path file, int line, String message) {
  /**
   * Whether training refuses because of it.
   *
   * @return true for {@link FaultKind.Severity#ERROR}
   */
  public boolean isError() {
    return kind.severity() == FaultKind.Severity.ERROR;
  }

  /** {@code file:line: message}. */
  @Override
  public String toString() {
    return line > 0 ? file + ":" + line + ": " + message : file + ": " + message;
  }
}
