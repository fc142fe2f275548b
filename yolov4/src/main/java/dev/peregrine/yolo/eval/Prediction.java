package dev.peregrine.yolo.eval;

/**
 * One box a detector claims to see in one picture.
 *
 * <p><b>Units</b> corners in pixels of the original picture.
 *
 * @param imageId the picture
 * @param category the category's id, as in the annotation file
 * @param score the detector's confidence; only the order matters to the averages
 * @param x1 left edge
 * @param y1 top edge
 * @param x2 right edge
 * @param y2 bottom edge
 */
public record Prediction(
    long imageId, int category, double score, double x1, double y1, double x2, double y2) {

  /**
   * The area of the box.
   *
   * @return width times height, in square pixels
   */
  public double area() {
    return (x2 - x1) * (y2 - y1);
  }
}
