package dev.peregrine.yolo.box;

import java.util.Locale;

/**
 * One object that a detector found in a picture.
 *
 * @param classIndex 0-based index of the class
 * @param name the class' name
 * @param score confidence, 0..1
 * @param box where it is, in pixels of the picture
 */
public record Detection(int classIndex, String name, float score, Box box) {
  /** Name, score and the two corners in whole pixels: {@code dog 0.93 [131, 218, 310, 541] px}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s %.2f [%d, %d, %d, %d] px",
        name,
        score,
        Math.round(box.x1()),
        Math.round(box.y1()),
        Math.round(box.x2()),
        Math.round(box.y2()));
  }
}
