package dev.peregrine.yolo.data;

import dev.peregrine.tensor.FormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Reads YAML files that hold names and values. */
public final class YamlMap {
  private static final int DEEPEST = 16;

  private YamlMap() {}

  /**
   * Reads a file.
   *
   * <p><b>Errors</b> {@link FormatException} where it is missing, too large or nested too deeply,
   * no YAML or no map.
   *
   * @param file the file
   * @param expected what it should describe, for the error
   * @return its names and values, of the types that YAML gives them
   */
  public static Map<?, ?> read(Path file, String expected) {
    Object content;
    try {
      // Lists that are named and used again could stand for more than any memory holds.
      LoadSettings settings =
          LoadSettings.builder().setLabel(file.toString()).setMaxAliasesForCollections(0).build();
      String text = TextFile.text(file);
      YamlText.requirePlain(file.toString(), text, settings, DEEPEST);
      content = new Load(settings).loadFromString(text);
    } catch (IOException e) {
      throw new FormatException("%s cannot be read: %s".formatted(file, TextFile.reason(e)), e);
    } catch (YamlEngineException failure) {
      throw YamlText.failure(file.toString(), failure);
    }
    if (content instanceof Map<?, ?> map) {
      return map;
    }
    throw new FormatException(file + " does not describe " + expected + " were expected");
  }
}
