package dev.peregrine.yolo.augment;

import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.image.ByteImage;
import dev.peregrine.yolo.image.Image;

/** Mixing, mirroring and averaging whole pictures. */
final class Mixtures {
  /** Enough pixels for a mean colour. */
  private static final int MEAN_PIXELS = 1 << 15;

  private Mixtures() {}

  /** Lays {@code other} over {@code image}: {@code share * image + (1 - share) * other}. */
  static void blend(Image image, Image other, float share) {
    float[] a = image.rgb();
    float[] b = other.rgb();
    float rest = 1 - share;
    for (int i = 0; i < a.length; i++) {
      a[i] = share * a[i] + rest * b[i];
    }
  }

  /** The mean of red, green, blue; of large pictures an even choice of pixels is taken. */
  static float[] meanColour(ByteImage picture) {
    byte[] rgb = picture.rgb();
    int pixels = rgb.length / 3;
    // An odd step does not fall into the rhythm of rows of even length.
    int step = 3 * (pixels / MEAN_PIXELS | 1);
    long red = 0;
    long green = 0;
    long blue = 0;
    int count = 0;
    for (int i = 0; i < rgb.length; i += step) {
      red += rgb[i] & 0xff;
      green += rgb[i + 1] & 0xff;
      blue += rgb[i + 2] & 0xff;
      count++;
    }
    float scale = 1 / (255f * count);
    return new float[] {red * scale, green * scale, blue * scale};
  }

  /** Copies the pixels of a box; of those it covers in part as well. */
  static void copy(float[] from, Image image, Label box) {
    int left = (int) Math.max(0, Math.floor(box.left() * image.width()));
    int right = (int) Math.min(image.width(), Math.ceil(box.right() * image.width()));
    int top = (int) Math.max(0, Math.floor(box.top() * image.height()));
    int bottom = (int) Math.min(image.height(), Math.ceil(box.bottom() * image.height()));
    for (int y = top; y < bottom; y++) {
      int at = (y * image.width() + left) * 3;
      System.arraycopy(from, at, image.rgb(), at, 3 * (right - left));
    }
  }

  static void flipUpDown(Image image) {
    float[] rgb = image.rgb();
    int row = image.width() * 3;
    float[] kept = new float[row];
    for (int y = 0; y < image.height() / 2; y++) {
      int other = (image.height() - 1 - y) * row;
      System.arraycopy(rgb, y * row, kept, 0, row);
      System.arraycopy(rgb, other, rgb, y * row, row);
      System.arraycopy(kept, 0, rgb, other, row);
    }
  }

  static void flipLeftRight(Image image) {
    float[] rgb = image.rgb();
    int row = image.width() * 3;
    for (int y = 0; y < image.height(); y++) {
      int left = y * row;
      int right = left + row - 3;
      for (; left < right; left += 3, right -= 3) {
        for (int k = 0; k < 3; k++) {
          float value = rgb[left + k];
          rgb[left + k] = rgb[right + k];
          rgb[right + k] = value;
        }
      }
    }
  }
}
