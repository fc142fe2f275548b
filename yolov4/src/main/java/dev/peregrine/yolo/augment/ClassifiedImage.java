package dev.peregrine.yolo.augment;

import dev.peregrine.yolo.image.Image;
import java.util.List;

/**
 * A picture ready for a classifier, and what it shows.
 *
 * @param image of the network's extents
 * @param classes what it shows, and how much of it; the shares sum to 1
 */
public record ClassifiedImage(Image image, List<Share> classes) {
  /** Copies the list. */
  public ClassifiedImage {
    classes = List.copyOf(classes);
  }

  /**
   * A class and its part of a picture.
   *
   * @param classIndex 0-based index of the class
   * @param part 0 to 1
   */
  public record Share(int classIndex, double part) {}
}
