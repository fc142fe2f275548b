package dev.peregrine.yolo.augment;

/**
 * Training pictures by epoch and number: the same numbers give the same bits, on any thread and in
 * any order.
 *
 * @param source the pictures
 * @param augmentation what is done to them
 * @param seed of the run
 */
public record TrainingSampler(PictureSource source, Augmentation augmentation, long seed) {
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
    return augmentation.make(source, index, width, height, Randomness.of(seed, epoch, index));
  }
}
