package dev.peregrine.yolo.train;

import dev.peregrine.nn.data.Order;
import dev.peregrine.nn.train.Checkpoint;
import dev.peregrine.nn.train.Guard;
import dev.peregrine.nn.train.NonFinite;
import dev.peregrine.nn.train.Trainer;
import dev.peregrine.nn.train.TrainingState;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.augment.LabelledImage;
import dev.peregrine.yolo.data.DataSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * What a run does when its numbers are no longer finite: keeps the step for {@link Replay}, and
 * ends, or goes back to the last good state and on with half the rate.
 *
 * @param keeper saves and takes up states
 * @param order of the pictures
 * @param data the training pictures
 * @param settings of the run
 */
record RunGuard(RunKeeper keeper, Order order, DataSet data, TrainingSettings settings)
    implements Guard<LabelledImage> {
  private static final int MOST_ROLLBACKS = 10;
  private static final double SLOWER = 0.5;
  private static final int NAMED = 4;

  @Override
  public TrainingState onNonFinite(Trainer<LabelledImage> trainer, NonFinite<LabelledImage> found) {
    Path kept = keep(trainer, found);
    String what =
        "training: "
            + found
            + "; its pictures are "
            + pictures(found)
            + "; './yolo train replay="
            + kept
            + "' computes that step again";
    if (settings.safety().onNonFinite() == Safety.OnNonFinite.STOP) {
      throw new ArithmeticException(
          what + "; train with a lower lr0=, or with nonfinite=rollback to go on by itself");
    }
    if (keeper.rollbacks().size() >= MOST_ROLLBACKS) {
      throw new ArithmeticException(
          what
              + "; it is the fault of data or settings, since "
              + MOST_ROLLBACKS
              + " halvings of the rate did not help");
    }
    Path file = keeper.backTo();
    TrainingState good =
        Checkpoint.load(file, trainer.params()).withRateShare(SLOWER * trainer.rateShare());
    keeper.rollBack(trainer, file, good, found.toString());
    return good;
  }

  private Path keep(Trainer<?> trainer, NonFinite<LabelledImage> found) {
    Path kept = keeper.folder().resolve("nonfinite").resolve("step" + found.moment().step());
    try {
      Files.createDirectories(kept);
      keeper.saveAside(trainer, kept.resolve(Replay.STATE));
      int batches = Math.ceilDiv(data.size(), settings.batch());
      new KeptBatch(found, batches).write(kept.resolve(Replay.BATCH));
      new RunPictures(kept, data.names()).trainBatch(0, found.whole());
      Files.writeString(
          kept.resolve("report.txt"), found + "\npictures: " + pictures(found) + "\n");
    } catch (IOException failure) {
      throw new FormatException(kept + ": the batch cannot be kept: " + failure, failure);
    }
    return kept;
  }

  /** The first pictures of the batch; mosaics hold others besides. */
  private String pictures(NonFinite<LabelledImage> found) {
    int[] indices = order.of(data.size(), found.epoch());
    int from = found.batch() * settings.batch();
    int to = Math.min(indices.length, from + settings.batch());
    String more = to - from > NAMED ? " and %d more".formatted(to - from - NAMED) : "";
    return Arrays.stream(indices, from, Math.min(to, from + NAMED))
            .mapToObj(index -> data.samples().get(index).image().getFileName().toString())
            .collect(Collectors.joining(", "))
        + more;
  }
}
