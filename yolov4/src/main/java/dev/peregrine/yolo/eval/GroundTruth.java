package dev.peregrine.yolo.eval;

/**
 * One true object in one picture.
 *
 * <p><b>Units</b> corners in pixels of the original picture, {@code area} in square pixels. COCO
 * gives the area of the object's outline there, not of its box; size ranges are judged by it.
 *
 * @param imageId the picture
 * @param category the category's id, as in the annotation file
 * @param x1 left edge
 * @param y1 top edge
 * @param x2 right edge
 * @param y2 bottom edge
 * @param area the area that decides between small, medium and large
 * @param crowd whether this marks a group of objects (COCO) or an object too difficult to count
 *     (Pascal VOC): nobody has to find it, and whoever does is neither rewarded nor punished
 * @param boxArea the area of the box in square pixels, which overlaps are measured by
 */
public record GroundTruth(
    long imageId,
    int category,
    double x1,
    double y1,
    double x2,
    double y2,
    double area,
    boolean crowd,
    double boxArea) {

  /**
   * An object by its corners.
   *
   * @param imageId the picture
   * @param category the category's id, as in the annotation file
   * @param x1 left edge
   * @param y1 top edge
   * @param x2 right edge
   * @param y2 bottom edge
   * @param area the area that decides between small, medium and large
   * @param crowd whether nobody has to find it
   */
  public GroundTruth(
      long imageId,
      int category,
      double x1,
      double y1,
      double x2,
      double y2,
      double area,
      boolean crowd) {
    this(imageId, category, x1, y1, x2, y2, area, crowd, (x2 - x1) * (y2 - y1));
  }

  /**
   * An ordinary object whose area is that of its box.
   *
   * @param imageId the picture
   * @param category the category's id
   * @param x1 left edge
   * @param y1 top edge
   * @param x2 right edge
   * @param y2 bottom edge
   * @return the object
   */
  public static GroundTruth of(
      long imageId, int category, double x1, double y1, double x2, double y2) {
    return new GroundTruth(imageId, category, x1, y1, x2, y2, (x2 - x1) * (y2 - y1), false);
  }
}
