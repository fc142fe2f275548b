package dev.peregrine.yolo.model;

/**
 * The size of a network's input.
 *
 * @param height rows
 * @param width columns
 */
public record InputSize(int height, int width) {
  /**
   * Makes a square size.
   *
   * @param side rows and columns
   * @return the size
   */
  public static InputSize square(int side) {
    return new InputSize(side, side);
  }

  /** Returns the size as {@code 416x416}, height first. */
  @Override
  public String toString() {
    return height + "x" + width;
  }
}
