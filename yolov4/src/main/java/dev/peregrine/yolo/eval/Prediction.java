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
 * @param area of the box in square pixels: files give widths, which corners only give back to a
 *     rounding error, and a box of exactly 32 x 32 pixels must stay on the line
 */
public record Prediction(
    long imageId,
    int category,
    double score,
    double x1,
    double y1,
    double x2,
    double y2,
    double area) {

  /**
   * A box by its corners.
   *
   * @param imageId the picture
   * @param category the category's id, as in the annotation file
   * @param score the detector's confidence
   * @param x1 left edge
   * @param y1 top edge
   * @param x2 right edge
   * @param y2 bottom edge
   */
  public Prediction(
      long imageId, int category, double score, double x1, double y1, double x2, double y2) {
    this(imageId, category, score, x1, y1, x2, y2, (x2 - x1) * (y2 - y1));
  }
}
