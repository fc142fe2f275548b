package dev.peregrine.yolo.darknet;

/**
 * The extents of one picture's activations between two layers.
 *
 * @param height rows
 * @param width columns
 * @param channels channels
 */
public record FeatureMap(int height, int width, int channels) {
  /** An extent as it is kept; one that is too large stays so, and its map is refused. */
  static int extent(long value) {
    return Math.clamp(value, Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  /** What windows of some reach make of an extent. */
  static int windows(long padded, long reach, int stride) {
    return extent(Math.floorDiv(padded - reach, stride) + 1);
  }

  /**
   * The number of values.
   *
   * @return height times width times channels
   */
  public long size() {
    return (long) height * width * channels;
  }

  /**
   * Whether another map has the same height and width.
   *
   * @param other the map to compare with; its channels do not matter
   * @return true when it has
   */
  public boolean sameArea(FeatureMap other) {
    return height == other.height && width == other.width;
  }

  /**
   * The same area with another number of channels.
   *
   * @param count the channels
   * @return the new extents
   */
  public FeatureMap withChannels(int count) {
    return new FeatureMap(height, width, count);
  }

  /** Darknet's order, width first: {@code 416 x 320 x 3}. */
  @Override
  public String toString() {
    return width + " x " + height + " x " + channels;
  }
}
