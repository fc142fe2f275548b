package dev.peregrine.yolo.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file for readers that take no bytes. */
final class Scratch {
  private Scratch() {}

  /** Writes a file of the temporary folder, whose name tells its kind, over what it was. */
  static Path write(String ending, byte[] content) {
    try {
      Path folder =
          Path.of(System.getProperty("java.io.tmpdir"))
              .resolve("peregrine-fuzz-" + ProcessHandle.current().pid());
      Files.createDirectories(folder);
      Path file = folder.resolve("evil" + ending);
      file.toFile().deleteOnExit();
      return Files.write(file, content);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
