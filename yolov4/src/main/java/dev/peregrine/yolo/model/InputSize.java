package dev.peregrine.yolo.model;

import dev.peregrine.tensor.FormatException;

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

  /**
   * Reads a size: one number, or height and width as {@code 224x320}.
   *
   * @param text the text
   * @return the size
   */
  public static InputSize parse(String text) {
    int at = text.indexOf('x');
    try {
      InputSize size =
          at < 0
              ? square(Integer.parseInt(text))
              : new InputSize(
                  Integer.parseInt(text.substring(0, at)),
                  Integer.parseInt(text.substring(at + 1)));
      if (size.height < 1 || size.width < 1) {
        throw new FormatException("input size: '" + text + "' has no pixels");
      }
      return size;
    } catch (NumberFormatException failure) {
      throw new FormatException(
          "input size: '"
              + text
              + "' is neither one number nor HEIGHTxWIDTH, such as 416 or 224x320",
          failure);
    }
  }

  /**
   * Tells whether a network can take it.
   *
   * @param stride the largest one
   * @return whether both sides are multiples of it, and not 0
   */
  public boolean suits(int stride) {
    return Math.min(height, width) > 0 && height % stride == 0 && width % stride == 0;
  }

  /** Returns the size as {@code 416x416}, height first. */
  @Override
  public String toString() {
    return height + "x" + width;
  }
}
