package dev.peregrine.yolo.run;

import dev.peregrine.nn.data.Order;
import dev.peregrine.nn.train.Checkpoint;
import dev.peregrine.nn.train.Guard;
import dev.peregrine.nn.train.NonFinite;
import dev.peregrine.nn.train.Trainer;
import dev.peregrine.nn.train.TrainingState;
import dev.peregrine.tensor.FormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * What a run does when its numbers are no longer finite: keeps the step, and ends, or goes back to
 * the last good state and on with half the rate.
 *
 * @param keeper saves and takes up states
 * @param order of the pictures
 * @param batch pictures of a mini-batch
 * @param pictures the training pictures
 * @param <T> one example
 */
public record RunGuard<T>(RunKeeper keeper, Order order, int batch, Pictures<T> pictures)
    implements Guard<T> {
  /** The run as it was before the step, among the files of a kept one. */
  public static final String STATE = "state.safetensors";

  private static final int MOST_ROLLBACKS = 10;
  private static final double SLOWER = 0.5;
  private static final int NAMED = 4;

  /**
   * The training pictures of a run.
   *
   * @param <T> one example
   */
  public interface Pictures<T> {
    /**
     * Returns how many there are.
     *
     * @return the count
     */
    int size();

    /**
     * Names a picture.
     *
     * @param index which
     * @return the name of its file
     */
    String name(int index);

    /**
     * Writes a mini-batch beside the {@link #STATE} that it met.
     *
     * @param found the step that went wrong
     * @param folder where to; it exists
     * @return what to do with it, a part of a sentence
     */
    String keep(NonFinite<T> found, Path folder);
  }

  @Override
  public TrainingState onNonFinite(Trainer<T> trainer, NonFinite<T> found) {
    String advice = keep(trainer, found);
    String what = "training: " + found + "; its pictures are " + named(found) + "; " + advice;
    if (keeper.safety().onNonFinite() == Safety.OnNonFinite.STOP) {
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

  private String keep(Trainer<?> trainer, NonFinite<T> found) {
    Path kept = keeper.folder().resolve("nonfinite").resolve("step" + found.moment().step());
    try {
      Files.createDirectories(kept);
      keeper.saveAside(trainer, kept.resolve(STATE));
      String advice = pictures.keep(found, kept);
      Files.writeString(kept.resolve("report.txt"), found + "\npictures: " + named(found) + "\n");
      return advice;
    } catch (IOException failure) {
      throw new FormatException(kept + ": the batch cannot be kept: " + failure, failure);
    }
  }

  /** The first pictures of the batch; mosaics hold others besides. */
  private String named(NonFinite<T> found) {
    int[] indices = order.of(pictures.size(), found.epoch());
    int from = found.batch() * batch;
    int to = Math.min(indices.length, from + batch);
    String more = to - from > NAMED ? " and %d more".formatted(to - from - NAMED) : "";
    return Arrays.stream(indices, from, Math.min(to, from + NAMED))
            .mapToObj(pictures::name)
            .collect(Collectors.joining(", "))
        + more;
  }
}
