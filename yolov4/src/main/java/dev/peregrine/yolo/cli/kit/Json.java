package dev.peregrine.yolo.cli.kit;

import java.nio.file.Path;
import tools.jackson.databind.json.JsonMapper;

/** Writes JSON files. */
public final class Json {
  private Json() {}

  /**
   * Writes maps, lists, records, texts and numbers as JSON.
   *
   * @param file where to; appears whole or not at all
   * @param value what
   */
  public static void write(Path file, Object value) {
    TextFiles.write(
        file,
        JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(value) + "\n");
  }
}
