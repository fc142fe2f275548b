package dev.peregrine.yolo.data;

import dev.peregrine.tensor.FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The files of a split: those of a folder, or those that a list names. */
final class PictureList {
  /** A file that a list names, and where. */
  record Named(Path file, int line) {}

  private static final Set<String> ENDINGS =
      Set.of("jpg", "jpeg", "png", "bmp", "webp", "gif", "tif", "tiff");

  private PictureList() {}

  static boolean isPicture(Path file) {
    return ENDINGS.contains(TextFile.ending(file));
  }

  /** The endings of pictures, in lower case. */
  static Stream<String> endings() {
    return ENDINGS.stream();
  }

  static boolean isXml(Path file) {
    return TextFile.ending(file).equals("xml");
  }

  /** The files of a folder and of all folders in it, sorted. */
  static List<Path> inFolder(Path folder, Predicate<Path> wanted) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(wanted).filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new FormatException("%s cannot be listed: %s".formatted(folder, TextFile.reason(e)), e);
    }
  }

  /** The files and folders that lie in a folder itself, sorted. */
  static List<Path> directly(Path folder, Predicate<Path> wanted) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(wanted).sorted().toList();
    } catch (IOException e) {
      throw new FormatException("%s cannot be listed: %s".formatted(folder, TextFile.reason(e)), e);
    }
  }

  /**
   * The files that a list names, one a line: pictures or VOC's {@code .xml} files. A list below
   * {@code ImageSets} names VOC's files without folder and ending.
   *
   * @param list the list
   * @param root of the data set
   */
  static List<Named> inList(Path list, Path root) {
    List<String> lines;
    try {
      lines = TextFile.lines(list);
    } catch (IOException e) {
      throw new FormatException(
          "%s cannot be read (%s); a list of pictures, one a line, or a folder was expected there"
              .formatted(list, TextFile.reason(e)),
          e);
    }
    Path folder = TextFile.folder(list);
    Optional<Path> annotations =
        Optional.ofNullable(folder.getParent())
            .filter(sets -> sets.endsWith("ImageSets"))
            .map(sets -> sets.resolveSibling("Annotations"));
    List<Named> files = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty()) {
        continue;
      }
      try {
        Path file =
            annotations.isPresent()
                ? annotations.get().resolve(line.split("\\s", -1)[0] + ".xml")
                : resolve(line, folder, root);
        files.add(new Named(file, i + 1));
      } catch (InvalidPathException e) {
        throw new FormatException(
            "%s:%d: this line is not the path of a picture".formatted(list, i + 1), e);
      }
    }
    return files;
  }

  /**
   * Relative paths start at the list's folder, or at the data set's, or here; backslashes separate
   * folders where the path is none otherwise.
   */
  private static Path resolve(String line, Path folder, Path root) {
    Path first = folder.resolve(line).normalize();
    for (String text : List.of(line, line.replace('\\', '/'))) {
      for (Path start : List.of(folder, root, Path.of("").toAbsolutePath())) {
        Path file = start.resolve(text).normalize();
        if (Files.exists(file)) {
          return file;
        }
      }
    }
    return line.indexOf('\\') < 0 ? first : folder.resolve(line.replace('\\', '/')).normalize();
  }
}
