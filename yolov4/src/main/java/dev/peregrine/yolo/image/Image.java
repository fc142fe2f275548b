package dev.peregrine.yolo.image;

/**
 * A colour picture in memory.
 *
 * <p><b>Shapes</b> {@code rgb} has {@code height * width * 3} values: row by row, each pixel as
 * red, green, blue. This is the order of one picture of a channels-last batch.
 *
 * <p><b>Units</b> 0 is black, 1 is full intensity.
 *
 * <p><b>Errors</b> {@link IllegalArgumentException} when an extent is not positive or the array has
 * another length.
 */
public final class Image implements Picture {
  private final int width;
  private final int height;
  private final float[] rgb;

  /**
   * Wraps pixel values; the array is used as it is, not copied.
   *
   * @param width pixels in a row
   * @param height number of rows
   * @param rgb values, {@code height * width * 3} of them
   */
  public Image(int width, int height, float[] rgb) {
    if (width <= 0 || height <= 0 || rgb.length != 3L * width * height) {
      throw new IllegalArgumentException(
          "an image of %d x %d pixels needs 3 * width * height = %d values (both extents positive) but got %d"
              .formatted(width, height, 3L * width * height, rgb.length));
    }
    this.width = width;
    this.height = height;
    this.rgb = rgb;
  }

  /**
   * An all-black picture.
   *
   * @param width pixels in a row
   * @param height number of rows
   */
  public Image(int width, int height) {
    this(width, height, new float[Math.multiplyExact(3, Math.multiplyExact(width, height))]);
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public int height() {
    return height;
  }

  /**
   * The values themselves, not a copy.
   *
   * @return {@code height * width * 3} values, row by row, red green blue
   */
  public float[] rgb() {
    return rgb;
  }

  @Override
  public String toString() {
    return "Image " + width + " x " + height;
  }
}
