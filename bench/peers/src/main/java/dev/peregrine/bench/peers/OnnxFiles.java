package dev.peregrine.bench.peers;

import dev.peregrine.yolo.onnx.MishForm;
import dev.peregrine.yolo.onnx.OnnxFile;
import dev.peregrine.yolo.onnx.OnnxOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files of our exporter, gone when the program ends. */
final class OnnxFiles {
  private OnnxFiles() {}

  static Path write(Subject subject, MishForm mish) {
    try {
      Path file = Files.createTempFile("peregrine-", ".onnx");
      file.toFile().deleteOnExit();
      OnnxFile.write(subject.trace(), OnnxOptions.of(subject.model().name()).mish(mish), file);
      return file;
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
