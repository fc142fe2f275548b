package dev.peregrine.yolo.plot;

import dev.peregrine.yolo.box.Box;
import dev.peregrine.yolo.box.Detection;
import dev.peregrine.yolo.data.Label;
import java.util.Locale;

/**
 * What is drawn for one object: a box and the words on it.
 *
 * @param classIndex chooses the colour
 * @param text the words, may be empty
 * @param weight of boxes that cover each other the heavier one is drawn on top
 * @param box in pixels of the picture drawn on
 */
public record Mark(int classIndex, String text, double weight, Box box) {

  /**
   * The mark of a detection: name and score.
   *
   * @param detection what was found
   * @return its mark; heavier for higher scores
   */
  public static Mark of(Detection detection) {
    return new Mark(
        detection.classIndex(),
        String.format(Locale.ROOT, "%s %.2f", detection.name(), detection.score()),
        detection.score(),
        detection.box());
  }

  /**
   * The mark of a label.
   *
   * @param label a true object
   * @param name its class
   * @param width width of the picture in pixels
   * @param height height of the picture in pixels
   * @return its mark; heavier for smaller boxes, so that they stay in sight
   */
  public static Mark of(Label label, String name, int width, int height) {
    Box box =
        Box.ofCenter(
            label.centerX() * width,
            label.centerY() * height,
            label.width() * width,
            label.height() * height);
    return new Mark(label.classIndex(), name, -box.area(), box);
  }

  /** The same mark on a picture that was scaled and then moved. */
  Mark placed(double scale, double dx, double dy) {
    Box moved =
        new Box(
            (float) (box.x1() * scale + dx),
            (float) (box.y1() * scale + dy),
            (float) (box.x2() * scale + dx),
            (float) (box.y2() * scale + dy));
    return new Mark(classIndex, text, weight, moved);
  }
}
