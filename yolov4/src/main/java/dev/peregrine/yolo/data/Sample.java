package dev.peregrine.yolo.data;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A picture and what is marked in it.
 *
 * @param image the picture's file
 * @param labels the objects to be learned and found; none for a background picture
 * @param ignored crowds (COCO) and objects marked as difficult (Pascal VOC): they are not learned,
 *     and an evaluation neither asks for them nor minds when they are found
 * @param areas of labels whose outline is known, the square pixels that it covers; a label that is
 *     not listed covers its box
 */
public record Sample(
    Path image, List<Label> labels, List<Label> ignored, Map<Label, Double> areas) {
  /**
   * Keeps unchangeable copies.
   *
   * @param image the picture's file
   * @param labels the objects
   * @param ignored crowds and difficult objects
   * @param areas of labels whose outline is known
   */
  public Sample {
    labels = List.copyOf(labels);
    ignored = List.copyOf(ignored);
    areas = Map.copyOf(areas);
  }

  /**
   * A picture with ordinary objects.
   *
   * @param image the picture's file
   * @param labels the objects
   */
  public Sample(Path image, List<Label> labels) {
    this(image, labels, List.of(), Map.of());
  }

  /** The same picture with other class numbers. */
  Sample renumbered(UnaryOperator<Label> change) {
    Map<Label, Double> changed = new HashMap<>();
    areas.forEach((label, area) -> changed.put(change.apply(label), area));
    return new Sample(
        image,
        labels.stream().map(change).toList(),
        ignored.stream().map(change).toList(),
        changed);
  }

  /**
   * The area that an object covers.
   *
   * @param label one of {@link #labels} or {@link #ignored}
   * @param width pixels of the picture
   * @param height pixels of the picture
   * @return square pixels of its outline where that is known, else of its box
   */
  public double area(Label label, int width, int height) {
    Double known = areas.get(label);
    return known == null
        ? (label.right() * width - label.left() * width)
            * (label.bottom() * height - label.top() * height)
        : known;
  }
}
