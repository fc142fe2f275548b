package dev.peregrine.yolo.train;

import dev.peregrine.nn.io.EventFile;
import dev.peregrine.nn.train.Progress;
import dev.peregrine.yolo.eval.CocoResult;
import dev.peregrine.yolo.plot.ResultsPlot;
import dev.peregrine.yolo.run.ResultsTable;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The record of a run while it trains: a row of {@code results.csv} and an event of TensorBoard for
 * each epoch, and their curves in {@code results.png}.
 *
 * <p>Scalars in event files are named as ultralytics names them.
 */
final class RunRecord {
  private static final String HEADER =
      "epoch,time,waited,train/loss,train/box,train/obj,train/cls,metrics/AP50,metrics/AP,"
          + "val/loss,val/box,val/obj,val/cls,lr";
  private static final Duration REDRAWN = Duration.ofSeconds(5);

  private final Path folder;
  private final Instant started = Instant.now();
  private final EventFile events;
  private ResultsTable table;
  private Instant drawn = Instant.EPOCH;

  RunRecord(Path folder) {
    this.folder = folder;
    this.table = new ResultsTable(folder.resolve("results.csv"), HEADER, 0);
    String name =
        "events.out.tfevents.%d.peregrine.%d"
            .formatted(started.getEpochSecond(), ProcessHandle.current().pid());
    this.events = new EventFile(folder.resolve(name));
  }

  /** Begins after so many epochs; what the table says of later ones goes. */
  void begin(int epochsDone) {
    table = new ResultsTable(folder.resolve("results.csv"), HEADER, epochsDone);
  }

  /** Adds an epoch, measured or not; losses are those of {@link ValidationLoss#means}. */
  void epoch(Progress progress, @Nullable CocoResult result, double[] losses) {
    Map<String, Double> means = progress.means();
    double loss = means.getOrDefault("loss", Double.NaN);
    double box = means.getOrDefault("box", Double.NaN);
    double objectness = means.getOrDefault("obj", Double.NaN);
    double classes = means.getOrDefault("cls", Double.NaN);
    String scores =
        result == null
            ? ",,,,,"
            : String.format(
                Locale.ROOT,
                "%.5f,%.5f,%.5f,%.5f,%.5f,%.5f",
                result.ap50(),
                result.ap(),
                losses[0],
                losses[1],
                losses[2],
                losses[3]);
    table.add(
        String.format(
            Locale.ROOT,
            "%d,%.1f,%.2f,%.5f,%.5f,%.5f,%.5f,%s,%.6f",
            progress.epoch() + 1,
            Duration.between(started, Instant.now()).toMillis() / 1e3,
            progress.waited(),
            loss,
            box,
            objectness,
            classes,
            scores,
            progress.rate()));
    Map<String, Double> scalars = new LinkedHashMap<>();
    scalars.put("train/loss", loss);
    scalars.put("train/box_loss", box);
    scalars.put("train/obj_loss", objectness);
    scalars.put("train/cls_loss", classes);
    if (result != null) {
      scalars.put("metrics/mAP50(B)", result.ap50());
      scalars.put("metrics/mAP50-95(B)", result.ap());
      scalars.put("val/loss", losses[0]);
      scalars.put("val/box_loss", losses[1]);
      scalars.put("val/obj_loss", losses[2]);
      scalars.put("val/cls_loss", losses[3]);
    }
    scalars.put("lr/pg0", progress.rate());
    events.add(progress.epoch() + 1, scalars);
    if (Duration.between(drawn, Instant.now()).compareTo(REDRAWN) > 0) {
      draw();
    }
  }

  /** Draws the curves. */
  void draw() {
    if (table.rows() > 0) {
      ResultsPlot.draw(folder.resolve("results.csv"), folder.resolve("results.png"));
      drawn = Instant.now();
    }
  }
}
