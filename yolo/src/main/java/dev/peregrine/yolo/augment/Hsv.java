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
   * <p><b>Source</b> SPEC C.2.4.
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
   * <p><b>Source</b> SPEC C.1.8.
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
    boolean turns = hueFactor != 1 || hueShift != 0;
    for (int y = top; y < bottom; y++) {
      int from = (y * image.width() + left) * 3;
      int to = from + (right - left) * 3;
      if (turns) {
        turn(image.rgb(), from, to);
      } else {
        fade(image.rgb(), from, to);
      }
    }
  }

  /** Hue unchanged: each channel keeps its place between the smallest and the largest. */
  private void fade(float[] rgb, int from, int to) {
    for (int i = from; i < to; i += 3) {
      float r = rgb[i];
      float g = rgb[i + 1];
      float b = rgb[i + 2];
      float max = Math.max(r, Math.max(g, b));
      float spread = max - Math.min(r, Math.min(g, b));
      float v = Math.min(1, max * value);
      // The share of the spread is exact up to the clip of saturation.
      float share =
          spread > 0 ? v * Math.min(1 / spread, saturation / Math.max(max, Float.MIN_NORMAL)) : 0;
      rgb[i] = v - share * (max - r);
      rgb[i + 1] = v - share * (max - g);
      rgb[i + 2] = v - share * (max - b);
    }
  }

  private void turn(float[] rgb, int from, int to) {
    float shift = 6 * hueShift;
    for (int i = from; i < to; i += 3) {
      float r = rgb[i];
      float g = rgb[i + 1];
      float b = rgb[i + 2];
      float max = Math.max(r, Math.max(g, b));
      float spread = max - Math.min(r, Math.min(g, b));
      float v = Math.min(1, max * value);
      if (spread <= 0) {
        rgb[i] = v;
        rgb[i + 1] = v;
        rgb[i + 2] = v;
        continue;
      }
      float inverse = 1 / spread;
      float hue;
      if (max == r) {
        hue = (g - b) * inverse;
        hue = hue < 0 ? hue + 6 : hue;
      } else if (max == g) {
        hue = (b - r) * inverse + 2;
      } else {
        hue = (r - g) * inverse + 4;
      }
      hue = hue * hueFactor + shift;
      // The draws turn by less than a circle either way.
      hue = hue < 0 ? hue + 6 : hue >= 6 ? hue - 6 : hue;
      float drop = v * Math.min(1, spread / max * saturation);
      rgb[i] = v - drop * wave(hue + 5);
      rgb[i + 1] = v - drop * wave(hue + 3);
      rgb[i + 2] = v - drop * wave(hue + 1);
    }
  }

  /** How far a channel falls below the largest: 0 for a third of the circle, 1 for another. */
  private static float wave(float position) {
    float k = position >= 6 ? position - 6 : position;
    return Math.clamp(Math.min(k, 4 - k), 0f, 1f);
  }
}
