package dev.peregrine.yolo.data;

import dev.peregrine.tensor.FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a darknet {@code .data} file.
 *
 * <p>Darknet resolves relative paths from where it was started, usually its own folder with the
 * file in {@code data/} or {@code cfg/}; so they are looked for beside the file, then above it,
 * then here.
 */
final class DarknetConfig {
  private DarknetConfig() {}

  static DataConfig read(Path file, Consumer<Fault> faults) {
    Map<String, String> values = values(file);
    Path folder = TextFile.folder(file);
    String list = values.get("names");
    Integer classes = classes(file, values.get("classes"));
    List<String> names;
    if (list != null) {
      names = ClassNames.read(resolve(file, list));
    } else if (classes != null) {
      names = java.util.stream.IntStream.range(0, classes).mapToObj(Integer::toString).toList();
    } else {
      throw new FormatException(file + " needs 'names = FILE' or 'classes = NUMBER'");
    }
    ClassNames.tellRepeated(file, names, faults);
    if (classes != null && classes != names.size()) {
      faults.accept(
          new Fault(
              FaultKind.CLASS_COUNT,
              file,
              TextFile.lineOf(file, "classes"),
              "classes = %d but %s has %d names; they must agree"
                  .formatted(classes, list, names.size())));
    }
    Map<Split, List<Path>> sources = new EnumMap<>(Split.class);
    Map<Split, String> keys = Map.of(Split.TRAIN, "train", Split.VAL, "valid", Split.TEST, "test");
    keys.forEach((split, key) -> {
      String value = values.get(key);
      if (value != null) {
        sources.put(split, List.of(resolve(file, value)));
      }
    });
    if (sources.isEmpty()) {
      throw new FormatException(
          file + " names no pictures: 'train = LIST' or 'valid = LIST' was expected");
    }
    return new DataConfig(file, folder, names, sources);
  }

  private static @Nullable Integer classes(Path file, @Nullable String value) {
    if (value == null) {
      return null;
    }
    if (value.matches("[1-9][0-9]{0,6}") && Integer.parseInt(value) <= ClassNames.MOST) {
      return Integer.valueOf(value);
    }
    throw new FormatException(
        "%s: classes = '%s' is not a positive whole number up to %d"
            .formatted(file, TextFile.shown(value), ClassNames.MOST));
  }

  private static Map<String, String> values(Path file) {
    List<String> lines;
    try {
      lines = TextFile.lines(file);
    } catch (IOException e) {
      throw new FormatException("%s cannot be read: %s".formatted(file, TextFile.reason(e)), e);
    }
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty() || line.startsWith("#") || line.startsWith(";")) {
        continue;
      }
      int equals = line.indexOf('=');
      if (equals < 1) {
        throw new FormatException(
            "%s:%d: '%s' is not of the form key = value"
                .formatted(file, i + 1, TextFile.shown(line)));
      }
      values.put(line.substring(0, equals).strip(), line.substring(equals + 1).strip());
    }
    return values;
  }

  private static Path resolve(Path file, String value) {
    Path path = TextFile.path(file, value);
    Path folder = TextFile.folder(file);
    Path beside = folder.resolve(path).normalize();
    Path parent = folder.getParent();
    Path above = parent == null ? beside : parent.resolve(path).normalize();
    Path here = path.toAbsolutePath();
    if (Files.exists(beside)) {
      return beside;
    }
    if (Files.exists(above)) {
      return above;
    }
    return Files.exists(here) ? here : beside;
  }
}
