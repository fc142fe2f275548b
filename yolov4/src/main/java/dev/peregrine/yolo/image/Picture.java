package dev.peregrine.yolo.image;

/**
 * Anything pixels can be taken from: an {@link Image} of floats or a {@link ByteImage} of bytes.
 *
 * <p>Resampling accepts both, so a cached byte picture need not be unpacked first.
 */
public sealed interface Picture permits Image, ByteImage {
  /**
   * Pixels in a row.
   *
   * @return the width
   */
  int width();

  /**
   * Number of rows.
   *
   * @return the height
   */
  int height();
}
