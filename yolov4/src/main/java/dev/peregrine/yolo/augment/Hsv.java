package dev.peregrine.yolo.augment;

import dev.peregrine.yolo.image.Image;
import java.util.SplittableRandom;

/**
 * A change of colours in the hue, saturation, value model.
 *
 * <p><b>Formula</b> hue: {@code h * hueFactor + hueShift} around the circle; saturation and value:
 * times their factor, at most 1.
 *
 * <p><b>Units</b> hue in fractions of the circle.
 *
 * @param hueFactor multiplies the hue
 * @param hueShift added to the hue
 * @param saturation multiplies the saturation
 * @param value multiplies the brightness
 */
record Hsv(float hueFactor, float hueShift, float saturation, float value) {
  private static final Hsv NONE = new Hsv(1, 0, 1, 1);

  /**
   * Darknet's draw. Its hue counts 180 steps and is shifted by up to 179 times the setting.
   *
   * <p><b>Source</b> darknet {@code image_data_augmentation}.
   */
  static Hsv darknet(SplittableRandom random, double hue, double saturation, double exposure) {
    double shift = Randomness.between(random, -hue, hue) * 179 / 180;
    double s = Randomness.scale(random, saturation);
    double v = Randomness.scale(random, exposure);
    return new Hsv(1, (float) shift, (float) s, (float) v);
  }

  /**
   * The PyTorch programs' draw: factors around 1, the hue's as well.
   *
   * <p><b>Source</b> ScaledYOLOv4 {@code augment_hsv}.
   */
  static Hsv torch(SplittableRandom random, double hue, double saturation, double value) {
    return new Hsv(
        (float) (1 + Randomness.between(random, -hue, hue)),
        0,
        (float) (1 + Randomness.between(random, -saturation, saturation)),
        (float) (1 + Randomness.between(random, -value, value)));
  }

  /** Changes a rectangle of a picture in place; right and bottom are exclusive. */
  void apply(Image image, int left, int top, int right, int bottom) {
    if (equals(NONE)) {
      return;
    }
    for (int y = top; y < bottom; y++) {
      int from = (y * image.width() + left) * 3;
      change(image.rgb(), from, from + (right - left) * 3);
    }
  }

  // Comparisons instead of Math.max and Math.min, which take twice the time for their rules on NaN.
  private void change(float[] rgb, int from, int to) {
    float shift = 6 * hueShift;
    for (int i = from; i < to; i += 3) {
      float r = rgb[i];
      float g = rgb[i + 1];
      float b = rgb[i + 2];
      float max = r > g ? r : g;
      max = b > max ? b : max;
      float min = r < g ? r : g;
      min = b < min ? b : min;
      float spread = max - min;
      float v = max * value;
      v = v < 1 ? v : 1;
      if (spread <= 0) {
        rgb[i] = v;
        rgb[i + 1] = v;
        rgb[i + 2] = v;
        continue;
      }
      float hue;
      if (max == r) {
        hue = (g - b) / spread;
        hue = hue < 0 ? hue + 6 : hue;
      } else if (max == g) {
        hue = (b - r) / spread + 2;
      } else {
        hue = (r - g) / spread + 4;
      }
      // The draws turn by less than a circle either way.
      hue = hue * hueFactor + shift;
      hue = hue < 0 ? hue + 6 : hue >= 6 ? hue - 6 : hue;
      float share = spread / max * saturation;
      store(rgb, i, hue, share < 1 ? v - v * share : 0, v);
    }
  }

  /** Red, green, blue of a hue from 0 to 6 between the smallest and the largest channel. */
  private static void store(float[] rgb, int at, float hue, float low, float high) {
    int sector = (int) hue;
    float step = (high - low) * (hue - sector);
    switch (sector) {
      case 1 -> put(rgb, at, high - step, high, low);
      case 2 -> put(rgb, at, low, high, low + step);
      case 3 -> put(rgb, at, low, high - step, high);
      case 4 -> put(rgb, at, low + step, low, high);
      case 5 -> put(rgb, at, high, low, high - step);
      // 0, and 6 where rounding closed the circle.
      default -> put(rgb, at, high, low + step, low);
    }
  }

  private static void put(float[] rgb, int at, float r, float g, float b) {
    rgb[at] = r;
    rgb[at + 1] = g;
    rgb[at + 2] = b;
  }
}
