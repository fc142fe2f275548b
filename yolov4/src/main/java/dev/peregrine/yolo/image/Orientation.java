package dev.peregrine.yolo.image;

/** Turns and mirrors a picture as its EXIF orientation asks. */
final class Orientation {
  private Orientation() {}

  static ByteImage apply(ByteImage image, int orientation) {
    if (orientation == 1) {
      return image;
    }
    int width = image.width();
    int height = image.height();
    byte[] in = image.rgb();
    byte[] out = new byte[in.length];
    Walk walk = walk(width, height, orientation);
    int to = 0;
    for (int y = 0; y < walk.height(); y++) {
      for (int x = 0; x < walk.width(); x++) {
        int from = 3 * (walk.first() + x * walk.right() + y * walk.down());
        out[to++] = in[from];
        out[to++] = in[from + 1];
        out[to++] = in[from + 2];
      }
    }
    return new ByteImage(walk.width(), walk.height(), out);
  }

  static Image apply(Image image, int orientation) {
    if (orientation == 1) {
      return image;
    }
    int width = image.width();
    int height = image.height();
    float[] in = image.rgb();
    float[] out = new float[in.length];
    Walk walk = walk(width, height, orientation);
    int to = 0;
    for (int y = 0; y < walk.height(); y++) {
      for (int x = 0; x < walk.width(); x++) {
        int from = 3 * (walk.first() + x * walk.right() + y * walk.down());
        out[to++] = in[from];
        out[to++] = in[from + 1];
        out[to++] = in[from + 2];
      }
    }
    return new Image(walk.width(), walk.height(), out);
  }

  /** Where the first pixel comes from, the source steps to the right and down, the new extents. */
  private record Walk(int first, int right, int down, int width, int height) {}

  private static Walk walk(int width, int height, int orientation) {
    int last = width * height - 1;
    return switch (orientation) {
      case 2 -> new Walk(width - 1, -1, width, width, height);
      case 3 -> new Walk(last, -1, -width, width, height);
      case 4 -> new Walk(last - width + 1, 1, -width, width, height);
      case 5 -> new Walk(0, width, 1, height, width);
      case 6 -> new Walk(last - width + 1, -width, 1, height, width);
      case 7 -> new Walk(last, -width, -1, height, width);
      case 8 -> new Walk(width - 1, width, -1, height, width);
      default -> new Walk(0, 1, width, width, height);
    };
  }
}
