package dev.peregrine.yolo.data;

/**
 * One object marked in a picture, as a line of a label file says it.
 *
 * <p><b>Units</b> fractions of the picture: 0..1 from its left (upper) to its right (lower) edge.
 *
 * @param classIndex 0-based index of the class
 * @param centerX horizontal centre of the box
 * @param centerY vertical centre of the box
 * @param width horizontal extent of the box
 * @param height vertical extent of the box
 */
public record Label(int classIndex, double centerX, double centerY, double width, double height) {
  /**
   * A label by the edges of its box.
   *
   * @param classIndex 0-based index of the class
   * @param left left edge
   * @param top upper edge
   * @param right right edge
   * @param bottom lower edge
   * @return the label
   */
  public static Label ofEdges(
      int classIndex, double left, double top, double right, double bottom) {
    return new Label(
        classIndex, (left + right) / 2, (top + bottom) / 2, right - left, bottom - top);
  }

  /** The same box of the class that a number became. */
  Label renumbered(int[] to) {
    return new Label(to[classIndex], centerX, centerY, width, height);
  }

  /**
   * The left edge.
   *
   * @return {@code centerX - width / 2}
   */
  public double left() {
    return centerX - width / 2;
  }

  /**
   * The upper edge.
   *
   * @return {@code centerY - height / 2}
   */
  public double top() {
    return centerY - height / 2;
  }

  /**
   * The right edge.
   *
   * @return {@code centerX + width / 2}
   */
  public double right() {
    return centerX + width / 2;
  }

  /**
   * The lower edge.
   *
   * @return {@code centerY + height / 2}
   */
  public double bottom() {
    return centerY + height / 2;
  }
}
