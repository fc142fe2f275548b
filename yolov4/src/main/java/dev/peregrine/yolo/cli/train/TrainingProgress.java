package dev.peregrine.yolo.cli.train;

import dev.peregrine.nn.train.Listener;
import dev.peregrine.nn.train.Progress;
import dev.peregrine.nn.train.Trainer;
import dev.peregrine.yolo.cli.kit.Console;
import dev.peregrine.yolo.cli.kit.Meter;
import dev.peregrine.yolo.cli.kit.RunFolder;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Shows a training: a meter within an epoch, and a line for each epoch. */
final class TrainingProgress implements Listener, AutoCloseable {
  private static final double NEWEST_SHARE = 0.05;
  private static final double WORTH_A_WORD = 0.05;

  private final Console console;
  private final Path folder;
  private final Supplier<Optional<String>> scores;
  private long epochStarted = System.nanoTime();
  private long lastBatch = epochStarted;
  private double secondsPerBatch;
  private long batches;
  private @Nullable Meter meter;

  /**
   * Makes a watcher.
   *
   * @param console where it shows
   * @param folder the run's, whose args.yaml hears of what the run changed by itself
   * @param scores tells the last evaluation
   */
  TrainingProgress(Console console, Path folder, Supplier<Optional<String>> scores) {
    this.console = console;
    this.folder = folder;
    this.scores = scores;
  }

  @Override
  public void onBatch(Trainer<?> trainer, Progress progress) {
    long now = System.nanoTime();
    double seconds = (now - lastBatch) / 1e9;
    lastBatch = now;
    secondsPerBatch = mean(secondsPerBatch, seconds, ++batches);
    Meter current = meter;
    if (current == null) {
      current =
          Meter.open(
              console,
              "epoch %d/%d".formatted(progress.epoch() + 1, progress.epochs()),
              progress.batches());
      meter = current;
    }
    current.at(
        progress.batch(), parts(progress.losses()) + rate(progress) + ", run " + left(progress));
  }

  @Override
  public void onEpoch(Trainer<?> trainer, Progress progress) {
    close();
    long now = System.nanoTime();
    String score = scores.get().map(", "::concat).orElse("");
    console
        .out()
        .println(
            "epoch %d/%d: ".formatted(progress.epoch() + 1, progress.epochs())
                + parts(progress.means())
                + rate(progress)
                + score
                + ", "
                + Meter.time((now - epochStarted) / 1e9)
                + waited((now - epochStarted) / 1e9, progress.waited())
                + ", "
                + left(progress)
                + " left");
    epochStarted = now;
  }

  @Override
  public void onNotice(Trainer<?> trainer, String sentence) {
    close();
    console.out().println(sentence);
    RunFolder.note(folder, sentence);
  }

  /** Takes the meter off the screen; for the end of a run that stops within an epoch. */
  @Override
  public void close() {
    Meter current = meter;
    if (current != null) {
      current.close();
      meter = null;
    }
  }

  /** Whether there was nothing left to train. */
  boolean isIdle() {
    return batches == 0;
  }

  /**
   * What a batch takes. The first one is slow, while machine code is made: the second replaces it.
   * The next ones weigh the same, later ones more than those long ago.
   *
   * @param before of the batches before
   * @param newest seconds of this one
   * @param count batches with this one
   */
  static double mean(double before, double newest, long count) {
    double share = count <= 2 ? 1 : Math.max(NEWEST_SHARE, 1.0 / (count - 1));
    return before + (newest - before) * share;
  }

  /** What an epoch waited for its pictures, where that is worth a word. */
  private static String waited(double seconds, double waited) {
    return waited < 0.5 || waited < WORTH_A_WORD * seconds
        ? ""
        : String.format(Locale.ROOT, " (%.1f s of it waiting for pictures)", waited);
  }

  private static String parts(Map<String, Double> losses) {
    return losses.entrySet().stream()
        .map(part -> String.format(Locale.ROOT, "%s %.4g", part.getKey(), part.getValue()))
        .collect(Collectors.joining(" "));
  }

  private static String rate(Progress progress) {
    return progress.rate() > 0 ? String.format(Locale.ROOT, ", rate %.5f", progress.rate()) : "";
  }

  private String left(Progress progress) {
    long total = (long) progress.epochs() * progress.batches();
    return Meter.time(secondsPerBatch * (total - progress.iteration()));
  }
}
