package dev.peregrine.yolo.augment;

/**
 * Training pictures by epoch and number: the same numbers give the same bits, on any thread and in
 * any order.
 *
 * @param source the pictures
 * @param augmentation what is done to them
 * @param seed of the run
 * @param epochs of the run, by which some augmentations grow or end; 0 for always the same
 */
public record TrainingSampler(
    PictureSource source, Augmentation augmentation, long seed, long epochs) {
  /**
   * Pictures of a run without an end.
   *
   * @param source the pictures
   * @param augmentation what is done to them
   * @param seed of the run
   */
  public TrainingSampler(PictureSource source, Augmentation augmentation, long seed) {
    this(source, augmentation, seed, 0);
  }

  /**
   * Makes a training picture.
   *
   * @param epoch counted from 0
   * @param index the picture, 0 to {@code source.size() - 1}
   * @param width of the network's input
   * @param height of the network's input
   * @return the picture with its labels
   */
  public LabelledImage sample(long epoch, int index, int width, int height) {
    return augmentation
        .during(epoch, epochs)
        .make(source, index, width, height, Randomness.of(seed, epoch, index));
  }
}
