package dev.peregrine.yolo.data;

import java.nio.file.Path;
import java.util.List;

/**
 * A picture and what is marked in it.
 *
 * @param image the picture's file
 * @param labels the objects; empty for a background picture
 */
public record Sample(Path image, List<Label> labels) {
  /**
   * Keeps an unchangeable copy of the labels.
   *
   * @param image the picture's file
   * @param labels the objects
   */
  public Sample {
    labels = List.copyOf(labels);
  }
}
