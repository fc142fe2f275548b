package dev.peregrine.yolo.classify;

/**
 * Everything that a user may set of a classifier's run.
 *
 * @param epochs passes over the training pictures
 * @param batch pictures of a mini-batch
 * @param rate learning rate after the warm-up
 * @param finalShare share of the rate that is left at the end of its half cosine
 * @param momentum share of the last step that is kept
 * @param decay weight decay
 * @param warmup iterations in which rate and momentum grow to their values
 * @param labelSmoothing share of a label that is spread over all classes
 * @param cutMix how likely a picture gets a piece of another
 * @param smallestCrop least side of the piece of a picture that is seen, against its shorter side
 * @param flip whether pictures are mirrored at random
 * @param colour largest factor of saturation and brightness, 1 for none
 * @param seed of initial weights, order and augmentation
 */
public record ClassifierSettings(
    int epochs,
    int batch,
    double rate,
    double finalShare,
    double momentum,
    double decay,
    long warmup,
    double labelSmoothing,
    double cutMix,
    double smallestCrop,
    boolean flip,
    double colour,
    long seed) {

  /** Checks the ranges. */
  public ClassifierSettings {
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
    require(cutMix >= 0 && cutMix <= 1, "cutmix", cutMix, "between 0 and 1");
    require(
        smallestCrop > 0 && smallestCrop <= 1, "smallest crop", smallestCrop, "above 0, at most 1");
    require(colour >= 1, "colour", colour, "at least 1");
  }

  private static void require(boolean holds, String name, double value, String law) {
    if (!holds) {
      throw new IllegalArgumentException(
          "classifier training: " + name + " is " + value + " but must be " + law);
    }
  }

  /**
   * The usual settings of a run.
   *
   * @param epochs passes over the training pictures
   * @param batch pictures of a mini-batch
   * @return a rate of 0.1 for 128 pictures, and in proportion for fewer, smoothing of 0.1
   */
  public static ClassifierSettings usual(int epochs, int batch) {
    return new ClassifierSettings(
        epochs, batch, 0.1 * batch / 128, 0.01, 0.9, 0.0005, 100, 0.1, 0, 0.57, true, 1.75, 0);
  }
}
