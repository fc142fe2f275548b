package dev.peregrine.yolo.classify;

import dev.peregrine.yolo.augment.ClassifierChanges;

/**
 * How a classifier is trained.
 *
 * @param epochs passes over the training pictures
 * @param batch pictures of a mini-batch
 * @param rate learning rate after the warm-up
 * @param finalShare share of the rate that is left at the end of its half cosine
 * @param momentum share of the last step that is kept
 * @param decay weight decay
 * @param warmup iterations in which rate and momentum grow to their values
 * @param labelSmoothing share of a label that is spread over all classes
 * @param augmentation how pictures are changed and mixed
 * @param seed of initial weights, order and augmentation
 */
public record ClassifierRecipe(
    int epochs,
    int batch,
    double rate,
    double finalShare,
    double momentum,
    double decay,
    long warmup,
    double labelSmoothing,
    ClassifierChanges augmentation,
    long seed) {

  /** Checks the ranges. */
  public ClassifierRecipe {
    require(epochs >= 1, "epochs", epochs, "at least 1");
    require(batch >= 1, "batch", batch, "at least 1");
    require(rate > 0, "rate", rate, "above 0");
    require(finalShare > 0 && finalShare <= 1, "final share", finalShare, "above 0, at most 1");
    require(momentum >= 0 && momentum < 1, "momentum", momentum, "0 or more and below 1");
    require(decay >= 0, "decay", decay, "0 or more");
    require(warmup >= 0, "warm-up", warmup, "0 or more");
    require(
        labelSmoothing >= 0 && labelSmoothing < 1,
        "label smoothing",
        labelSmoothing,
        "0 or more and below 1");
  }

  private static void require(boolean holds, String name, double value, String law) {
    if (!holds) {
      throw new IllegalArgumentException(
          "classifier training: " + name + " is " + value + " but must be " + law);
    }
  }

  /**
   * The usual recipe, with the augmentation of {@code csdarknet53.cfg}.
   *
   * @param epochs passes over the training pictures
   * @param batch pictures of a mini-batch
   * @param side of the network's input
   * @return a rate of 0.1 for 128 pictures, and in proportion for fewer, smoothing of 0.1
   */
  public static ClassifierRecipe usual(int epochs, int batch, int side) {
    return new ClassifierRecipe(
        epochs,
        batch,
        0.1 * batch / 128,
        0.01,
        0.9,
        0.0005,
        100,
        0.1,
        ClassifierChanges.plain(side),
        0);
  }
}
