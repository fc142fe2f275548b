package dev.peregrine.yolo.box;

/**
 * An axis-parallel rectangle by two corners.
 *
 * <p><b>Units</b> those of the place that made it: pixels of the picture in detections. x grows to
 * the right, y downwards.
 *
 * @param x1 left edge
 * @param y1 upper edge
 * @param x2 right edge
 * @param y2 lower edge
 */
public record Box(float x1, float y1, float x2, float y2) {
  /**
   * A box by its centre and its size.
   *
   * @param centerX horizontal centre
   * @param centerY vertical centre
   * @param width horizontal extent
   * @param height vertical extent
   * @return the box
   */
  public static Box ofCenter(double centerX, double centerY, double width, double height) {
    return new Box(
        (float) (centerX - width / 2),
        (float) (centerY - height / 2),
        (float) (centerX + width / 2),
        (float) (centerY + height / 2));
  }

  /**
   * Horizontal extent.
   *
   * @return {@code x2 - x1}
   */
  public float width() {
    return x2 - x1;
  }

  /**
   * Vertical extent.
   *
   * @return {@code y2 - y1}
   */
  public float height() {
    return y2 - y1;
  }

  /**
   * The area; 0 for a box that is empty or turned inside out.
   *
   * @return the area in square units
   */
  public float area() {
    return Math.max(0, width()) * Math.max(0, height());
  }

  /**
   * The part inside the rectangle from (0, 0) to (width, height).
   *
   * @param width right limit
   * @param height lower limit
   * @return each coordinate moved to the nearest one inside
   */
  public Box clip(float width, float height) {
    return new Box(
        Math.clamp(x1, 0f, width),
        Math.clamp(y1, 0f, height),
        Math.clamp(x2, 0f, width),
        Math.clamp(y2, 0f, height));
  }
}
