package dev.peregrine.yolo.recipe;

import dev.peregrine.nn.optim.Accumulation;
import dev.peregrine.nn.optim.Optimizer;
import dev.peregrine.nn.optim.Schedule;
import dev.peregrine.nn.optim.WeightAverage;
import dev.peregrine.yolo.augment.Adversary;
import dev.peregrine.yolo.augment.Augmentation;
import dev.peregrine.yolo.loss.DetectionLoss;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A way to train a detector: what it is taught, how far each step goes, and what it is shown.
 *
 * <p>A recipe has no state; what it makes begins anew.
 */
public sealed interface Recipe permits ScaledRecipe, DarknetRecipe {
  /** The recipes by name. */
  enum Kind {
    /** Scaled-YOLOv4's PyTorch code. */
    SCALED,
    /** The darknet program. */
    DARKNET;

    /**
     * Returns the name that users type.
     *
     * @return the name in lower case
     */
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Returns its numbers.
   *
   * @return the numbers
   */
  Hyperparameters hyper();

  /**
   * Makes what the heads of a network are taught.
   *
   * @param model the network
   * @return its loss
   */
  DetectionLoss loss(DetectionModel model);

  /**
   * Makes the optimiser.
   *
   * @param course the frame of the run
   * @return an optimiser without momentum yet
   */
  Optimizer optimizer(Course course);

  /**
   * Makes the course of the learning rate.
   *
   * @param course the frame of the run
   * @return the schedule
   */
  Schedule schedule(Course course);

  /**
   * Makes the rule by which mini-batches become steps.
   *
   * @param course the frame of the run
   * @return the rule
   */
  Accumulation accumulation(Course course);

  /**
   * Makes the average of weights by which a run is evaluated.
   *
   * @param course the frame of the run
   * @return the average, or null for none
   */
  @Nullable WeightAverage average(Course course);

  /**
   * Makes the way in which training pictures are changed.
   *
   * @param epoch the epoch, from 0
   * @return the augmentation
   */
  Augmentation augmentation(long epoch);

  /**
   * Returns the size of the network's input.
   *
   * @param course the frame of the run
   * @param iteration how many mini-batches came before
   * @return rows and columns
   */
  InputSize size(Course course, long iteration);

  /**
   * Returns how many pictures a mini-batch has.
   *
   * @param course the frame of the run
   * @param iteration how many mini-batches came before
   * @return at least those of the course
   */
  default int batch(Course course, long iteration) {
    return course.batch();
  }

  /**
   * Tells what becomes of pictures where sizes change from batch to batch.
   *
   * @return true if they are made at the run's size and then resampled, false if they are made at
   *     the new size
   */
  boolean resamples();

  /**
   * Makes what alters pictures by the network's own gradient, which grows from the end of the
   * warm-up to the end of the run.
   *
   * @param course the frame of the run
   * @return the adversary, which does nothing unless asked for
   */
  default Adversary adversary(Course course) {
    double rate = hyper().get(Hyper.ADVERSARIAL_LR);
    return rate == 0
        ? Adversary.NONE
        : new Adversary(
            rate,
            Adversary.USUAL_CHANCE,
            (long) hyper().get(Hyper.WARMUP, course.iterations() / 20.0),
            course.iterations(),
            course.seed());
  }

  /**
   * Returns the same recipe with the rates written down that follow from the run.
   *
   * @param course the frame of the run
   * @return a recipe that trains the same bits
   */
  default Recipe settled(Course course) {
    return this;
  }

  /**
   * Returns how fast the running statistics of normalisations follow.
   *
   * @return share of a batch
   */
  default double statisticsMomentum() {
    return hyper().get(Hyper.STATISTICS);
  }
}
