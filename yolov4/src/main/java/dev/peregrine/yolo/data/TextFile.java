package dev.peregrine.yolo.data;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Text files as they occur in data sets: a byte-order mark and any kind of line end. */
final class TextFile {
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private TextFile() {}

  static String text(Path file) throws IOException {
    // Bytes that are no UTF-8 become replacement characters: paths that then do not exist.
    String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
  }

  static List<String> lines(Path file) throws IOException {
    return text(file).lines().toList();
  }

  /** The folder that a file lies in, from the root on. */
  static Path folder(Path file) {
    return file.toAbsolutePath().resolveSibling("");
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
