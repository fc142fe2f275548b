package dev.peregrine.yolo.run;

import dev.peregrine.tensor.FormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a second training out of the folder that a first one writes into.
 *
 * <p>The system lets go of the lock of a process that ends in whatever way, so that a run that was
 * killed can go on at once.
 */
public final class RunLock implements AutoCloseable {
  private static final String NAME = "run.lock";
  private static final int LONGEST_NOTE = 200;

  private final Path file;
  private final FileChannel channel;

  private RunLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Makes a run's folder and locks it.
   *
   * <p><b>Errors</b> {@link FormatException} if the folder cannot be made, or another run trains
   * into it, which is named.
   *
   * @param folder the run's folder
   * @param parts folders to be made within
   * @return the lock, to be closed at the end of the run
   */
  public static RunLock of(Path folder, String... parts) {
    Path file = folder.resolve(NAME);
    try {
      Files.createDirectories(folder);
      for (String part : parts) {
        Files.createDirectories(folder.resolve(part));
      }
      while (true) {
        FileChannel channel =
            FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        if (lock(channel) == null) {
          throw taken(folder, channel);
        }
        if (Files.exists(file)) { // else its last owner removed it after it was opened here
          note(channel);
          return new RunLock(file, channel);
        }
        channel.close();
      }
    } catch (IOException failure) {
      throw new FormatException(
          folder + ": the run's folder cannot be made: " + failure + "; choose another with out=",
          failure);
    }
  }

  /** Locks what lies behind the note, which others may read on any system; null if others have. */
  private static @Nullable FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock(LONGEST_NOTE, 1, false);
    } catch (OverlappingFileLockException _) {
      return null; // a run of this very process
    }
  }

  private static void note(FileChannel channel) throws IOException {
    String note =
        "process "
            + ProcessHandle.current().pid()
            + " since "
            + LocalDateTime.now().truncatedTo(ChronoUnit.SECONDS);
    channel.truncate(0).write(ByteBuffer.wrap(note.getBytes(StandardCharsets.UTF_8)), 0);
  }

  private static FormatException taken(Path folder, FileChannel channel) throws IOException {
    try (channel) {
      ByteBuffer note = ByteBuffer.allocate(LONGEST_NOTE);
      channel.read(note, 0);
      String other = new String(note.array(), 0, note.position(), StandardCharsets.UTF_8);
      return new FormatException(
          folder
              + ": another run trains into this folder ("
              + other
              + "); wait for its end or end it, or begin a run of its own folder with name= or"
              + " out=");
    }
  }

  /** Lets others train into the folder. */
  @Override
  public void close() {
    try (channel) {
      Files.deleteIfExists(file);
    } catch (IOException failure) {
      throw new FormatException(file + ": cannot be removed: " + failure, failure);
    }
  }
}
