package dev.peregrine.yolo.data;

import dev.peregrine.tensor.FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Reads a {@code data.yaml}. */
final class YamlConfig {
  private YamlConfig() {}

  static DataConfig read(Path file) {
    Map<?, ?> map = load(file);
    Path folder = TextFile.folder(file);
    Path root = folder;
    Object path = map.get("path");
    if (path != null) {
      root = folder.resolve(text(file, "path", path)).normalize();
      if (!Files.isDirectory(root)) {
        throw new FormatException(
            "%s: path '%s' means the folder %s, which does not exist; it is relative to the file"
                .formatted(file, path, root));
      }
    }
    List<String> names = names(file, root, map.get("names"), count(file, map.get("nc")));
    Map<Split, List<Path>> sources = new EnumMap<>(Split.class);
    for (Split split : Split.values()) {
      Object value = map.get(split.toString());
      if (value instanceof List<?> several) {
        List<Path> paths = new ArrayList<>();
        for (Object one : several) {
          paths.add(root.resolve(text(file, split.toString(), one)).normalize());
        }
        sources.put(split, List.copyOf(paths));
      } else if (value != null && !(value instanceof String s && s.isBlank())) {
        sources.put(split, List.of(root.resolve(text(file, split.toString(), value)).normalize()));
      }
    }
    if (sources.isEmpty()) {
      throw new FormatException(
          file + " names no pictures: a key 'train', 'val' or 'test' was expected");
    }
    return new DataConfig(file, root, names, sources);
  }

  private static Map<?, ?> load(Path file) {
    Object content;
    try {
      LoadSettings settings = LoadSettings.builder().setLabel(file.toString()).build();
      content = new Load(settings).loadFromString(TextFile.text(file));
    } catch (IOException e) {
      throw new FormatException("%s cannot be read: %s".formatted(file, TextFile.reason(e)), e);
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
      throw new FormatException(
          "%s:%d: not valid YAML: %s".formatted(file, line, e.getProblem()), e);
    } catch (YamlEngineException e) {
      throw new FormatException("%s is not valid YAML: %s".formatted(file, e.getMessage()), e);
    }
    if (content instanceof Map<?, ?> map) {
      return map;
    }
    throw new FormatException(
        file + " does not describe a data set: keys such as 'train:' and 'names:' were expected");
  }

  private static @Nullable Integer count(Path file, @Nullable Object value) {
    if (value == null) {
      return null;
    }
    if (value instanceof Integer count && count > 0) {
      return count;
    }
    throw new FormatException("%s: nc '%s' is not a positive whole number".formatted(file, value));
  }

  private static List<String> names(
      Path file, Path root, @Nullable Object value, @Nullable Integer count) {
    List<String> names = new ArrayList<>();
    switch (value) {
      case null -> {
        if (count == null) {
          throw new FormatException(
              file + " names no classes: a key 'names' with a list or a map was expected");
        }
        for (int i = 0; i < count; i++) {
          names.add(Integer.toString(i));
        }
      }
      case List<?> list -> list.forEach(name -> names.add(String.valueOf(name)));
      case Map<?, ?> map -> {
        for (int i = 0; i < map.size(); i++) {
          if (!map.containsKey(i)) {
            throw new FormatException(
                "%s: names has %d entries but none for class %d: indices run from 0 without gaps"
                    .formatted(file, map.size(), i));
          }
          names.add(String.valueOf(map.get(i)));
        }
      }
      case String list -> names.addAll(ClassNames.read(root.resolve(list)));
      default ->
          throw new FormatException(
              file + ": names is neither a list nor a map nor the path of a names file");
    }
    if (names.isEmpty()) {
      throw new FormatException(file + ": names is empty; a data set has at least one class");
    }
    if (count != null && count != names.size()) {
      throw new FormatException(
          "%s: nc is %d but names has %d entries; they must agree"
              .formatted(file, count, names.size()));
    }
    return names;
  }

  private static String text(Path file, String key, @Nullable Object value) {
    if (value instanceof String || value instanceof Number) {
      return value.toString();
    }
    throw new FormatException(
        "%s: '%s' is not a path but %s".formatted(file, key, String.valueOf(value)));
  }
}
