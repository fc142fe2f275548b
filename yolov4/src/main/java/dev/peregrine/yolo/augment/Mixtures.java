package dev.peregrine.yolo.augment;

import dev.peregrine.yolo.image.ByteImage;
import dev.peregrine.yolo.image.Image;

/** Sums over whole pictures. */
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
}
