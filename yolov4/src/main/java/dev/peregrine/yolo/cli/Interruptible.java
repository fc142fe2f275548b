package dev.peregrine.yolo.cli;

import dev.peregrine.yolo.eval.CocoResult;
import dev.peregrine.yolo.train.TrainingRun;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Runs a training that Ctrl-C ends after its mini-batch, and saves. */
final class Interruptible {
  private Interruptible() {}

  /**
   * A training that came to an end, or was stopped.
   *
   * @param run the training
   * @param result of its last evaluation
   * @param stopped whether somebody stopped it
   */
  record Ended(TrainingRun run, @Nullable CocoResult result, boolean stopped) {}

  /**
   * Trains.
   *
   * @param console where it is told that the run was saved
   * @param run the training
   * @param checkpoint where to go on from, or null
   * @param resumable the folder that {@code resume=} takes
   */
  static Ended train(Console console, TrainingRun run, @Nullable Path checkpoint, Path resumable) {
    CountDownLatch saved = new CountDownLatch(1);
    AtomicBoolean stopped = new AtomicBoolean();
    Thread hook = new Thread(() -> stop(console, run, saved, stopped, resumable), "stop-training");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      CocoResult result = checkpoint == null ? run.start() : run.resume(checkpoint);
      return new Ended(run, result, stopped.get());
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
      Console console,
      TrainingRun run,
      CountDownLatch saved,
      AtomicBoolean stopped,
      Path resumable) {
    if (saved.getCount() == 0) {
      return; // the run had ended when the process did
    }
    console.err().println("stopping after this batch ...");
    stopped.set(true);
    run.stop();
    try {
      saved.await();
      console.err().println("saved; go on with: ./yolo train resume=" + resumable);
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
  }
}
