package dev.peregrine.yolo.augment;

import java.util.SplittableRandom;

/**
 * A way to make a training picture.
 *
 * <p>Implementations have no state: the result depends on the arguments alone.
 */
public interface Augmentation {
  /**
   * Makes one training picture.
   *
   * @param source the pictures; mosaics take others than the one asked for as well
   * @param index the picture that must be in it
   * @param width of the network's input
   * @param height of the network's input
   * @param random where all randomness comes from
   * @return the picture of these extents, with its labels
   */
  LabelledImage make(
      PictureSource source, int index, int width, int height, SplittableRandom random);

  /**
   * The augmentation at some point of a run, for those that change with it.
   *
   * @param epoch counted from 0
   * @param epochs of the whole run; 0 when that is not known
   * @return this one, or what it is then
   */
  default Augmentation during(long epoch, long epochs) {
    return this;
  }
}
