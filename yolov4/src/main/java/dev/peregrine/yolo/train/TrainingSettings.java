package dev.peregrine.yolo.train;

import dev.peregrine.nn.LayerStyle;
import dev.peregrine.yolo.augment.PictureCache;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Sample;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import dev.peregrine.yolo.recipe.Course;
import dev.peregrine.yolo.recipe.Recipe;
import dev.peregrine.yolo.run.MemoryBudget;
import dev.peregrine.yolo.run.Safety;

/**
 * Everything that a user may set of a run.
 *
 * @param recipe what is taught, how, and from what pictures
 * @param size rows and columns of the network's input
 * @param epochs passes over the training pictures
 * @param batch pictures of a mini-batch
 * @param rectangular whether pictures are measured on in batches of their own proportions
 * @param imageWeights whether pictures of rare and badly found classes are shown more often
 * @param evaluateEvery epochs from one evaluation to the next
 * @param saveSeconds seconds from one saving to the next within an epoch; 0 saves after each batch
 * @param replicas copies of the network that share each mini-batch
 * @param safety what it does so that it is not lost
 * @param seed of initial weights, order and augmentation
 */
public record TrainingSettings(
    Recipe recipe,
    InputSize size,
    int epochs,
    int batch,
    boolean rectangular,
    boolean imageWeights,
    int evaluateEvery,
    double saveSeconds,
    int replicas,
    Safety safety,
    long seed) {

  /** Checks the ranges. */
  public TrainingSettings {
    require(epochs >= 1, "epochs", epochs, "at least 1");
    require(batch >= 1, "batch", batch, "at least 1");
    require(evaluateEvery >= 1, "evaluation interval", evaluateEvery, "at least 1");
    require(replicas >= 1, "replicas", replicas, "at least 1");
    require(saveSeconds >= 0, "save interval", saveSeconds, "0 or more");
  }

  private static void require(boolean holds, String name, double value, String law) {
    if (!holds) {
      throw new IllegalArgumentException(
          "training: " + name + " is " + value + " but must be " + law);
    }
  }

  /**
   * A run that is evaluated after every epoch and saved every minute.
   *
   * @param recipe what is taught, how, and from what pictures
   * @param size rows and columns of the network's input
   * @param epochs passes over the training pictures
   * @param batch pictures of a mini-batch
   * @param seed of initial weights, order and augmentation
   * @return the settings
   */
  public static TrainingSettings of(
      Recipe recipe, InputSize size, int epochs, int batch, long seed) {
    return new TrainingSettings(
        recipe, size, epochs, batch, false, false, 1, 60, 1, Safety.USUAL, seed);
  }

  /**
   * The same run with other intervals.
   *
   * @param evaluations epochs from one evaluation to the next
   * @param seconds from one saving to the next within an epoch
   * @return changed settings
   */
  public TrainingSettings every(int evaluations, double seconds) {
    return new TrainingSettings(
        recipe,
        size,
        epochs,
        batch,
        rectangular,
        imageWeights,
        evaluations,
        seconds,
        replicas,
        safety,
        seed);
  }

  /**
   * Returns what a run asks for of memory.
   *
   * @param model the network
   * @param style how its layers normalise, and whether they are computed again
   * @param train the training data
   * @return the demand, at the largest size that the recipe will draw
   */
  public MemoryBudget.Demand demand(DetectionModel model, LayerStyle style, DataSet train) {
    Course course = course(model.maxStride(), Math.ceilDiv(train.size(), batch));
    return new MemoryBudget.Demand(
        model,
        style,
        recipe.optimizer(course),
        size,
        largest(course),
        Math.min(batch, train.size()),
        safety.subdivisions(),
        replicas,
        PictureCache.need(
            train.samples().stream().map(Sample::image).toList(), PictureCache.usualBudget()));
  }

  private InputSize largest(Course course) {
    InputSize largest = size;
    for (long i = 0; i < course.iterations(); i++) {
      InputSize drawn = recipe.size(course, i);
      if ((long) drawn.height() * drawn.width() > (long) largest.height() * largest.width()) {
        largest = drawn;
      }
    }
    return largest;
  }

  /**
   * Returns the frame by which the parts of the recipe are measured.
   *
   * @param stride every input size is a multiple of this
   * @param batches mini-batches of an epoch
   * @return the frame
   */
  public Course course(int stride, int batches) {
    return new Course(size, stride, epochs, batches, batch, seed);
  }
}
