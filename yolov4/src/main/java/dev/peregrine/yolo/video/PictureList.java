package dev.peregrine.yolo.video;

import dev.peregrine.tensor.FormatException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/** Finds the pictures that a name, a folder, a pattern or a list means. */
public final class PictureList {
  private static final Set<String> ENDINGS =
      Set.of("jpg", "jpeg", "png", "bmp", "webp", "gif", "tif", "tiff");

  private PictureList() {}

  /**
   * One picture.
   *
   * @param file where it lies
   * @param name what results call it: its path inside the folder that was named, else its file
   *     name, with as many folders as tell files of the same name apart
   */
  private record Entry(Path file, String name) {}

  /**
   * Lists pictures in a fixed order.
   *
   * <p><b>Errors</b> {@link FormatException} where nothing is found.
   *
   * @param source a picture, a folder, a glob such as {@code pictures/*.jpg}, or {@code -}
   * @param in the list for {@code -}, one path a line
   * @return at least one picture, read when it is asked for
   */
  public static FrameSource of(String source, InputStream in) {
    List<Entry> entries;
    if (source.equals("-")) {
      entries = apart(lines(in));
    } else if (Files.isDirectory(Path.of(source))) {
      Path folder = Path.of(source);
      entries = walk(folder, PictureList::isPicture, folder);
    } else if (!Files.exists(Path.of(source)) && source.matches(".*[*?\\[{].*")) {
      entries = apart(glob(source));
    } else {
      entries = List.of(entry(Path.of(source)));
    }
    if (entries.isEmpty()) {
      throw new FormatException(
          "source="
              + source
              + ": no picture was found there (jpg, png, bmp, webp, gif, tif); give a picture, a"
              + " folder of pictures, or a pattern in quotes such as 'pictures/*.jpg'");
    }
    return new PictureFrames(
        entries.stream().map(Entry::file).toList(), entries.stream().map(Entry::name).toList());
  }

  /** Where files of two folders have the same name, results call all by their path from both. */
  private static List<Entry> apart(List<Entry> entries) {
    List<Path> whole =
        entries.stream().map(entry -> entry.file().toAbsolutePath().normalize()).toList();
    if (entries.stream().map(Entry::name).distinct().count() == whole.stream().distinct().count()) {
      return entries;
    }
    int depth = 0;
    Path first = whole.getFirst();
    while (depth < first.getNameCount() - 1 && sharedBy(whole, first, depth + 1)) {
      depth++;
    }
    List<Entry> named = new ArrayList<>();
    for (int i = 0; i < whole.size(); i++) {
      Path file = whole.get(i);
      Path name = file.subpath(Math.min(depth, file.getNameCount() - 1), file.getNameCount());
      named.add(new Entry(entries.get(i).file(), name.toString()));
    }
    return named;
  }

  private static boolean sharedBy(List<Path> files, Path first, int depth) {
    Path start = first.subpath(0, depth);
    return files.stream()
        .allMatch(file -> file.getNameCount() > depth && file.subpath(0, depth).equals(start));
  }

  private static Entry entry(Path file) {
    return new Entry(file, String.valueOf(file.getFileName()));
  }

  private static List<Entry> lines(InputStream in) {
    try {
      return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty())
          .map(line -> entry(Path.of(line)))
          .toList();
    } catch (java.io.UncheckedIOException failure) {
      throw new FormatException("source=-: the list cannot be read: " + failure, failure);
    }
  }

  private static List<Entry> glob(String pattern) {
    // The folder to search is what stands before the first part with a special character.
    Path whole = Path.of(pattern);
    Path base = whole.isAbsolute() ? whole.getRoot() : Path.of("");
    for (Path part : whole) {
      if (part.toString().matches(".*[*?\\[{].*")) {
        break;
      }
      base = base.resolve(part);
    }
    Path folder = base.toString().isEmpty() ? Path.of(".") : base;
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    PathMatcher matcher;
    try {
      matcher = FileSystems.getDefault().getPathMatcher("glob:" + whole.normalize());
    } catch (PatternSyntaxException failure) {
      throw new FormatException(
          "source=" + pattern + " is no valid pattern: " + failure.getDescription(), failure);
    }
    return walk(folder, file -> matcher.matches(file.normalize()), Path.of(""));
  }

  private static List<Entry> walk(
      Path folder, java.util.function.Predicate<Path> wanted, Path named) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .filter(wanted)
          .sorted()
          .map(file ->
              named.toString().isEmpty()
                  ? entry(file)
                  : new Entry(file, named.relativize(file).toString()))
          .toList();
    } catch (IOException | java.io.UncheckedIOException failure) {
      throw new FormatException(folder + ": cannot be listed: " + failure, failure);
    }
  }

  private static boolean isPicture(Path file) {
    String name = file.toString();
    return ENDINGS.contains(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
  }
}
