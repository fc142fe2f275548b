package dev.peregrine.tensor;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Files that are there whole or not at all: written beside their place under the name {@link
 * #beside}, then renamed. A failure leaves what was there before, and nothing beside it.
 *
 * <p>A program that is killed leaves what it wrote beside; the next writing begins there anew, so
 * that nothing piles up. Two writers of one file at a time are the callers' to prevent.
 */
public final class WholeFile {
  private WholeFile() {}

  /** Makes a file, or a folder, under another name than it will have. */
  @FunctionalInterface
  public interface Writing {
    /**
     * Writes all of it.
     *
     * @param beside where to; a file of a writing that was killed may lie there
     * @throws IOException where that fails
     */
    void to(Path beside) throws IOException;
  }

  /** Writes the bytes of a file. */
  @FunctionalInterface
  public interface Sending {
    /**
     * Writes all of them.
     *
     * @param channel takes them; it is empty and is closed by the caller
     * @throws IOException where that fails
     */
    void to(FileChannel channel) throws IOException;
  }

  /**
   * Returns where a file is written before it is renamed.
   *
   * @param file its place
   * @return the place beside, in the same folder
   */
  public static Path beside(Path file) {
    Path absolute = file.toAbsolutePath();
    return absolute.resolveSibling(absolute.getFileName() + ".part");
  }

  /**
   * Makes a file by whatever writes to a path.
   *
   * @param file its place; one that is there is replaced
   * @param content writes it
   * @throws IOException where it cannot be written or renamed
   */
  public static void make(Path file, Writing content) throws IOException {
    Path beside = beside(file);
    try {
      content.to(beside);
      rename(beside, file);
    } catch (IOException | RuntimeException failure) {
      remove(beside, failure);
      throw failure;
    }
  }

  /**
   * Gives a file or a folder its name, all at once.
   *
   * @param beside what was made, on the same disk
   * @param file its place; a file that is there is replaced
   * @throws IOException where that fails
   */
  public static void rename(Path beside, Path file) throws IOException {
    Files.move(
        beside,
        file.toAbsolutePath(),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /** A full disk should not keep half a file as well. */
  private static void remove(Path beside, Exception failure) {
    try {
      if (Files.isRegularFile(beside)) {
        Files.delete(beside);
      }
    } catch (IOException second) {
      failure.addSuppressed(second);
    }
  }

  /**
   * Writes a file and forces it to the disk, since renaming may reach that before the bytes do.
   *
   * @param file its place; one that is there is replaced
   * @param content writes its bytes
   * @throws IOException where it cannot be written or renamed
   */
  public static void send(Path file, Sending content) throws IOException {
    make(
        file,
        beside -> {
          try (FileChannel channel =
              FileChannel.open(
                  beside,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.TRUNCATE_EXISTING,
                  StandardOpenOption.WRITE)) {
            content.to(channel);
            channel.force(true);
          }
        });
  }

  /**
   * Writes bytes.
   *
   * @param file their place; a file that is there is replaced
   * @param bytes all of it
   * @throws IOException where it cannot be written or renamed
   */
  public static void write(Path file, byte[] bytes) throws IOException {
    make(file, beside -> Files.write(beside, bytes));
  }

  /**
   * Writes a text in UTF-8.
   *
   * @param file its place; a file that is there is replaced
   * @param text all of it
   * @throws IOException where it cannot be written or renamed
   */
  public static void write(Path file, String text) throws IOException {
    write(file, text.getBytes(StandardCharsets.UTF_8));
  }
}
