package dev.peregrine.yolo.data;

import dev.peregrine.tensor.FormatException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Text files as they occur in data sets: a byte-order mark and any kind of line end. */
final class TextFile {
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private static final int SHOWN = 60;
  private static final int MOST_NAMES = 20;
  private static final int LONGEST_PATH = 4096;

  private TextFile() {}

  static String text(Path file) throws IOException {
    // A description may name a device that never ends.
    if (!Files.isRegularFile(file) && Files.exists(file)) {
      throw new IOException("it is no regular file");
    }
    // Bytes that are no UTF-8 become replacement characters: paths that then do not exist.
    String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
  }

  /** A path that a file names; relative ones are still to be resolved. */
  static Path path(Path file, String text) {
    try {
      if (text.length() <= LONGEST_PATH) {
        return Path.of(text);
      }
    } catch (InvalidPathException failure) {
      throw new FormatException(
          "%s: '%s' is not a path: %s".formatted(file, shown(text), failure.getReason()), failure);
    }
    throw new FormatException("%s: '%s' is too long for a path".formatted(file, shown(text)));
  }

  /** A value of a file as an error shows it. */
  static String shown(@Nullable Object value) {
    String text = String.valueOf(value).replaceAll("\\p{Cntrl}", "?");
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
  }

  /** The first of many names, for an error. */
  static String few(Collection<?> names) {
    String text =
        names.stream().limit(MOST_NAMES).map(TextFile::shown).collect(Collectors.joining(", "));
    int more = names.size() - MOST_NAMES;
    return more > 0 ? text + " and " + more + " more" : text;
  }

  static List<String> lines(Path file) throws IOException {
    return text(file).lines().toList();
  }

  /** The folder that a file lies in, from the root on. */
  static Path folder(Path file) {
    return file.toAbsolutePath().resolveSibling("");
  }

  /** What stands behind the last dot of a file's name, in lower case. */
  static String ending(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }

  /** A file's name without its ending. */
  static String stem(Path file) {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }

  /**
   * The line on which a key of a description stands.
   *
   * @return counted from 1; 0 when it is not found
   */
  static int lineOf(Path file, String key) {
    Pattern pattern = Pattern.compile("\\s*[\"']?" + Pattern.quote(key) + "[\"']?\\s*[:=].*");
    List<String> lines;
    try {
      lines = lines(file);
    } catch (IOException e) {
      throw new FormatException("%s cannot be read: %s".formatted(file, reason(e)), e);
    }
    for (int i = 0; i < lines.size(); i++) {
      if (pattern.matcher(lines.get(i)).matches()) {
        return i + 1;
      }
    }
    return 0;
  }

  /** Why a file could not be read, in words. */
  static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "it does not exist";
      case AccessDeniedException _ -> "access is denied";
      default -> e.getMessage() == null ? e.toString() : e.getMessage();
    };
  }
}
