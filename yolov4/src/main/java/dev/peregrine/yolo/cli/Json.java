package dev.peregrine.yolo.cli;

import java.nio.file.Path;
import tools.jackson.databind.json.JsonMapper;

/** Writes JSON files. */
final class Json {
  private Json() {}

  /**
   * Writes maps, lists, records, texts and numbers as JSON.
   *
   * @param file where to; appears whole or not at all
   * @param value what
   */
  static void write(Path file, Object value) {
    TextFiles.write(
        file,
        JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(value) + "\n");
  }
}
