package dev.peregrine.yolo.data;

import dev.peregrine.tensor.FormatException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads a {@code data.yaml}. */
final class YamlConfig {
  private YamlConfig() {}

  static DataConfig read(Path file, Consumer<Fault> faults) {
    Map<?, ?> map = YamlMap.read(file, "a data set: keys such as 'train:' and 'names:'");
    Path folder = TextFile.folder(file);
    Path root = folder;
    Object path = map.get("path");
    if (path != null) {
      root = path(file, folder, "path", path);
      if (!Files.isDirectory(root)) {
        throw new FormatException(
            "%s: path '%s' means the folder %s, which does not exist; it is relative to the file"
                .formatted(file, path, root));
      }
    }
    List<String> names = names(file, root, map.get("names"), count(file, map.get("nc")), faults);
    Map<Split, List<Path>> sources = new EnumMap<>(Split.class);
    for (Split split : Split.values()) {
      Object value = map.get(split.toString());
      if (value instanceof List<?> several) {
        List<Path> paths = new ArrayList<>();
        for (Object one : several) {
          paths.add(path(file, root, split.toString(), one));
        }
        sources.put(split, List.copyOf(paths));
      } else if (value != null && !(value instanceof String s && s.isBlank())) {
        sources.put(split, List.of(path(file, root, split.toString(), value)));
      }
    }
    if (sources.isEmpty()) {
      throw new FormatException(
          file + " names no pictures: a key 'train', 'val' or 'test' was expected");
    }
    return new DataConfig(file, root, names, sources);
  }

  private static @Nullable Integer count(Path file, @Nullable Object value) {
    if (value == null) {
      return null;
    }
    if (value instanceof Integer count && count > 0 && count <= ClassNames.MOST) {
      return count;
    }
    throw new FormatException(
        "%s: nc '%s' is not a positive whole number up to %d"
            .formatted(file, TextFile.shown(value), ClassNames.MOST));
  }

  private static List<String> names(
      Path file,
      Path root,
      @Nullable Object value,
      @Nullable Integer count,
      Consumer<Fault> faults) {
    List<String> names = new ArrayList<>();
    switch (value) {
      case null -> {
        if (count == null) {
          throw new FormatException(
              file
                  + " names no classes: a key 'names' with a list or a map was expected, such as"
                  + " names: [cat, dog]");
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
      case String list -> names.addAll(ClassNames.read(path(file, root, "names", list)));
      default ->
          throw new FormatException(
              file + ": names is neither a list nor a map nor the path of a names file");
    }
    if (names.isEmpty()) {
      throw new FormatException(file + ": names is empty; a data set has at least one class");
    }
    if (count != null && count != names.size()) {
      faults.accept(
          new Fault(
              FaultKind.CLASS_COUNT,
              file,
              TextFile.lineOf(file, "nc"),
              "nc is %d but names has %d entries; they must agree".formatted(count, names.size())));
    }
    ClassNames.tellRepeated(file, names, faults);
    return names;
  }

  private static Path path(Path file, Path folder, String key, @Nullable Object value) {
    if (value instanceof String || value instanceof Number) {
      return folder.resolve(TextFile.path(file, value.toString())).normalize();
    }
    throw new FormatException(
        "%s: '%s' is not a path but %s".formatted(file, key, TextFile.shown(value)));
  }
}
