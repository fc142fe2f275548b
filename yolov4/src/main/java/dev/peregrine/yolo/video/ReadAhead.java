package dev.peregrine.yolo.video;

import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Reads the next frame while the caller works on the one before, and the first one while the
 * network loads.
 *
 * <p><b>Errors</b> those of the source, thrown by {@link #next} in their place in the sequence.
 */
public final class ReadAhead implements FrameSource {
  private final FrameSource source;
  private final ExecutorService reader =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().name("peregrine-pictures").daemon().factory());
  private CompletableFuture<Optional<Frame>> coming;

  /**
   * Begins to read.
   *
   * @param source where frames come from; from here on asked by the reading thread alone, and
   *     closed with this
   */
  public ReadAhead(FrameSource source) {
    this.source = source;
    this.coming = read();
  }

  private CompletableFuture<Optional<Frame>> read() {
    return CompletableFuture.supplyAsync(
        () -> source.hasNext() ? Optional.of(source.next()) : Optional.empty(), reader);
  }

  /** Waits for the frame, and tells whether there is one, or a fault in its place. */
  @Override
  public boolean hasNext() {
    try {
      return coming.join().isPresent();
    } catch (CompletionException told) {
      return true; // next() throws what was found
    }
  }

  @Override
  public Frame next() {
    if (!hasNext()) {
      throw new NoSuchElementException("all frames were read");
    }
    CompletableFuture<Optional<Frame>> ready = coming;
    coming = read();
    try {
      return ready.join().orElseThrow();
    } catch (CompletionException failure) {
      switch (failure.getCause()) {
        case RuntimeException fault -> throw fault;
        case Error fault -> throw fault;
        case null, default -> throw failure;
      }
    }
  }

  /** Ends the reading, after the frame that is being read, and closes the source. */
  @Override
  public void close() {
    reader.close();
    source.close();
  }
}
