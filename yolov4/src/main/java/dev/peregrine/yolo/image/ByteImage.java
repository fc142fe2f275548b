package dev.peregrine.yolo.image;

/**
 * A colour picture with one byte per value: a quarter of the memory of an {@link Image}, exact for
 * all 8-bit files. Made for caches and as the source of resampling.
 *
 * <p><b>Shapes</b> {@code rgb} has {@code height * width * 3} unsigned bytes in the order of {@link
 * Image#rgb()}.
 *
 * <p><b>Units</b> 0 is black, 255 is full intensity.
 */
public final class ByteImage implements Picture {
  private final int width;
  private final int height;
  private final byte[] rgb;

  /**
   * Wraps pixel values; the array is used as it is, not copied.
   *
   * @param width pixels in a row
   * @param height number of rows
   * @param rgb unsigned values, {@code height * width * 3} of them
   */
  public ByteImage(int width, int height, byte[] rgb) {
    if (width <= 0 || height <= 0 || rgb.length != 3L * width * height) {
      throw new IllegalArgumentException(
          "an image of %d x %d pixels needs 3 * width * height = %d bytes (both extents positive) but got %d"
              .formatted(width, height, 3L * width * height, rgb.length));
    }
    this.width = width;
    this.height = height;
    this.rgb = rgb;
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
   * @return {@code height * width * 3} unsigned bytes
   */
  public byte[] rgb() {
    return rgb;
  }

  /**
   * Memory of the values.
   *
   * @return bytes
   */
  public long bytes() {
    return rgb.length;
  }

  /**
   * The same picture as floats.
   *
   * <p><b>Formula</b> value / 255.
   *
   * @return a new image
   */
  public Image toImage() {
    float[] out = new float[rgb.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (rgb[i] & 0xff) / 255f;
    }
    return new Image(width, height, out);
  }

  /**
   * A float picture rounded to bytes.
   *
   * @param image values outside 0..1 are clipped
   * @return a new image
   */
  public static ByteImage of(Image image) {
    float[] in = image.rgb();
    byte[] out = new byte[in.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (byte) (int) (Math.clamp(in[i], 0f, 1f) * 255f + 0.5f);
    }
    return new ByteImage(image.width(), image.height(), out);
  }
}
