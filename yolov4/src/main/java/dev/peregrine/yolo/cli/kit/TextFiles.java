package dev.peregrine.yolo.cli.kit;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.WholeFile;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads texts, and writes them whole or not at all. */
public final class TextFiles {
  private TextFiles() {}

  /**
   * Writes a text beside its place and then moves it there; missing folders are made.
   *
   * <p><b>Errors</b> {@link FormatException} where the folder cannot be written.
   */
  public static void write(Path file, String text) {
    Path place = file.toAbsolutePath();
    try {
      Files.createDirectories(place.getParent());
      WholeFile.write(place, text);
    } catch (IOException failure) {
      throw new FormatException(
          file
              + " cannot be written ("
              + reason(failure)
              + "); name a place that may be written to, on a disk with room",
          failure);
    }
  }

  /**
   * Reads a text.
   *
   * <p><b>Errors</b> {@link FormatException} where it is not there or is none.
   */
  public static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException failure) {
      throw new FormatException(file + " cannot be read: " + reason(failure), failure);
    }
  }

  /** Why a file could not be read or written, in words. */
  public static String reason(IOException failure) {
    return switch (failure) {
      case NoSuchFileException missing -> missing.getFile() + " does not exist";
      case AccessDeniedException _ -> "access is denied";
      case FileSystemException known when known.getReason() != null ->
          String.valueOf(known.getReason());
      default -> failure.getMessage() == null ? failure.toString() : failure.getMessage();
    };
  }

  /**
   * Checks before long work that a file can be written later; nothing is left behind.
   *
   * <p><b>Errors</b> {@link FormatException} where its folder is missing or cannot be written.
   */
  public static void requireWritable(Path file) {
    Path place = file.toAbsolutePath();
    if (Files.isDirectory(place)) {
      throw new FormatException(file + " is a folder; the name of a file was expected");
    }
    Path folder = place.getParent();
    while (folder != null && !Files.exists(folder)) {
      folder = folder.getParent();
    }
    if (folder == null || !Files.isDirectory(folder) || !Files.isWritable(folder)) {
      throw new FormatException(
          file
              + " cannot be written: "
              + folder
              + " is no folder that may be written to; take another place");
    }
  }
}
