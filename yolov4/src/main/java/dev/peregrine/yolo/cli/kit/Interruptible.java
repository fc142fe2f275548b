package dev.peregrine.yolo.cli.kit;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/** Runs a training that Ctrl-C ends after its mini-batch, and saves. */
public final class Interruptible {
  private Interruptible() {}

  /**
   * A training that came to an end, or was stopped.
   *
   * @param result of its last evaluation
   * @param stopped whether somebody stopped it
   * @param <R> the result
   */
  public record Ended<R>(Optional<R> result, boolean stopped) {}

  /**
   * Trains.
   *
   * @param console where it is told that the run was saved
   * @param training the training
   * @param end ends it after its mini-batch
   * @param resumable the folder that {@code resume=} takes
   * @param <R> what it results in
   */
  public static <R> Ended<R> train(
      Console console, Supplier<Optional<R>> training, Runnable end, Path resumable) {
    CountDownLatch saved = new CountDownLatch(1);
    AtomicBoolean stopped = new AtomicBoolean();
    Thread hook = new Thread(() -> stop(console, end, saved, stopped, resumable), "stop-training");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      Optional<R> result = training.get();
      return new Ended<>(result, stopped.get());
    } finally {
      saved.countDown();
      if (!stopped.get()) {
        forget(hook);
      }
    }
  }

  /** A search has many trainings; their hooks would keep all of them in memory. */
  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // The process is ending, and the hook finds that the training has ended too.
    }
  }

  private static void stop(
      Console console, Runnable end, CountDownLatch saved, AtomicBoolean stopped, Path resumable) {
    if (saved.getCount() == 0) {
      return; // the run had ended when the process did
    }
    console.err().println("stopping after this batch ...");
    stopped.set(true);
    end.run();
    try {
      saved.await();
      console.err().println("saved; go on with: ./yolo train resume=" + resumable);
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
  }
}
