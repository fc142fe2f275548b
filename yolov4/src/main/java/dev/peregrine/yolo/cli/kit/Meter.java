package dev.peregrine.yolo.cli.kit;

import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;

/** Shows how far long work is: a bar for a person, a line now and then otherwise. */
public interface Meter extends AutoCloseable {
  /**
   * Tells how much is done.
   *
   * @param done of the total
   * @param extra further numbers, may be empty
   */
  void at(long done, String extra);

  @Override
  void close();

  /** Opens a meter on the error stream, so that results stay apart. */
  static Meter open(Console console, String task, long total) {
    return console.terminal() ? new Bar(task, total) : new Lines(console, task, total);
  }

  /** Hours, minutes and seconds. */
  static String time(double seconds) {
    Duration time = Duration.ofSeconds(Math.round(seconds));
    return time.toHours() > 0
        ? String.format(
            Locale.ROOT, "%d:%02d:%02d", time.toHours(), time.toMinutesPart(), time.toSecondsPart())
        : String.format(Locale.ROOT, "%d:%02d", time.toMinutes(), time.toSecondsPart());
  }

  /** A bar that is drawn again and again on one line of the terminal, as wide as that is. */
  final class Bar implements Meter {
    private static final int REDRAW_MILLIS = 250;

    private final ProgressBar bar;

    private Bar(String task, long total) {
      bar =
          new ProgressBarBuilder()
              .setTaskName(task)
              .setInitialMax(total)
              .setUpdateIntervalMillis(REDRAW_MILLIS)
              .build();
    }

    @Override
    public void at(long done, String extra) {
      bar.setExtraMessage(" " + extra);
      bar.stepTo(done);
    }

    @Override
    public void close() {
      bar.close();
    }
  }

  /** Plain lines, at most one in some seconds. */
  final class Lines implements Meter {
    private static final double SECONDS_BETWEEN = 15;

    private final Console console;
    private final String task;
    private final long total;
    private final long started = System.nanoTime();
    private long told = started;

    private Lines(Console console, String task, long total) {
      this.console = console;
      this.task = task;
      this.total = total;
    }

    @Override
    public void at(long done, String extra) {
      long now = System.nanoTime();
      if (done == 0 || done >= total || (now - told) / 1e9 < SECONDS_BETWEEN) {
        return;
      }
      told = now;
      double rate = done / ((now - started) / 1e9);
      console
          .err()
          .println(
              String.format(
                  Locale.ROOT,
                  "%s %d/%d, %.2f/s, %s left%s",
                  task,
                  done,
                  total,
                  rate,
                  time((total - done) / rate),
                  extra.isEmpty() ? "" : ", " + extra));
    }

    @Override
    public void close() {
      // each line is complete
    }
  }
}
