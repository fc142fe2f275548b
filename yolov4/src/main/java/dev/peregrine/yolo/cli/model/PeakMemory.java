package dev.peregrine.yolo.cli.model;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;

/** The most memory that this process had at one time, as Linux counts it. */
final class PeakMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String ROW = "VmHWM:";

  private PeakMemory() {}

  /** Returns 10^6 bytes; nothing on systems that do not say. */
  static OptionalDouble megabytes() {
    if (!Files.isReadable(STATUS)) {
      return OptionalDouble.empty();
    }
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith(ROW))
          .mapToDouble(line ->
              Long.parseLong(line.substring(ROW.length()).replace("kB", "").strip()) * 1024 / 1e6)
          .findFirst();
    } catch (IOException failure) {
      throw new UncheckedIOException(STATUS + " cannot be read", failure);
    }
  }
}
