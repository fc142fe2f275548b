package dev.peregrine.yolo.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Finds label files whose names are nearly those of pictures that have none: other letter case, or
 * blanks, brackets and other marks that some tool replaced. A picture with such a file beside it is
 * no background.
 */
final class MisnamedLabels {
  private static final Pattern ENCODED = Pattern.compile("%[0-9a-fA-F]{2}");
  private static final Pattern MARKS = Pattern.compile("[^\\p{L}\\p{N}]+");

  /** For each folder its label files by the letters and digits of their names. */
  private final Map<Path, Map<String, List<Path>>> folders = new ConcurrentHashMap<>();

  /** The label file that seems to be meant for a picture without one. */
  Optional<Path> of(Path image) {
    String key = key(image);
    if (key.isEmpty()) {
      return Optional.empty();
    }
    return LabelFile.candidates(image).stream()
        .map(TextFile::folder)
        .distinct()
        .flatMap(folder -> labels(folder).getOrDefault(key, List.of()).stream())
        .filter(file -> !ofAnother(file, image))
        .findFirst();
  }

  private Map<String, List<Path>> labels(Path folder) {
    return folders.computeIfAbsent(
        folder,
        _ -> {
          Map<String, List<Path>> byKey = new HashMap<>();
          PictureList.directly(folder, file -> TextFile.ending(file).equals("txt"))
              .forEach(file -> byKey.computeIfAbsent(key(file), _ -> new ArrayList<>()).add(file));
          return byKey;
        });
  }

  /** Whether a picture beside this one has exactly the file's name. */
  private static boolean ofAnother(Path labels, Path image) {
    String stem = TextFile.stem(labels);
    return PictureList.endings()
        .flatMap(ending -> Stream.of(ending, ending.toUpperCase(Locale.ROOT)))
        .map(ending -> image.resolveSibling(stem + "." + ending))
        .anyMatch(other -> !other.equals(image) && Files.isRegularFile(other));
  }

  private static String key(Path file) {
    String stem = ENCODED.matcher(TextFile.stem(file)).replaceAll("");
    return MARKS.matcher(stem).replaceAll("").toLowerCase(Locale.ROOT);
  }
}
