package dev.peregrine.yolo.augment;

import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.image.Image;
import java.util.List;

/**
 * A picture ready for a network, and what is marked in it.
 *
 * @param image of the network's extents
 * @param labels in fractions of that image
 */
public record LabelledImage(Image image, List<Label> labels) {
  /**
   * Keeps an unchangeable copy of the labels.
   *
   * @param image of the network's extents
   * @param labels in fractions of that image
   */
  public LabelledImage {
    labels = List.copyOf(labels);
  }
}
