package dev.peregrine.yolo.augment.effect;

import dev.peregrine.yolo.image.Image;
import java.util.SplittableRandom;

/** Normal noise on every value of a picture. */
public final class Noise {
  private static final int BITS = 12;
  private static final float[] NORMAL = quantiles(1 << BITS);

  private Noise() {}

  /**
   * Adds noise to a rectangle, in place; values stay in 0..1.
   *
   * <p>The numbers come from 4096 equally likely values of the normal distribution, five of one
   * random word.
   *
   * @param image the picture
   * @param left first column
   * @param top first row
   * @param right column after the last
   * @param bottom row after the last
   * @param sigma standard deviation, white being 1
   * @param random where the noise comes from
   */
  public static void gaussian(
      Image image,
      int left,
      int top,
      int right,
      int bottom,
      double sigma,
      SplittableRandom random) {
    float[] rgb = image.rgb();
    float scale = (float) sigma;
    for (int y = top; y < bottom; y++) {
      int end = (y * image.width() + right) * 3;
      for (int i = (y * image.width() + left) * 3; i < end; ) {
        long word = random.nextLong();
        for (int stop = Math.min(end, i + 64 / BITS); i < stop; i++, word >>>= BITS) {
          float value = rgb[i] + scale * NORMAL[(int) word & (1 << BITS) - 1];
          rgb[i] = value < 0 ? 0 : value > 1 ? 1 : value;
        }
      }
    }
  }

  /**
   * The middles of {@code count} slices of equal area under the bell curve, scaled to variance 1.
   */
  private static float[] quantiles(int count) {
    float[] values = new float[count];
    double step = 1.0 / (1 << 14);
    double area = 0;
    double square = 0;
    int next = 0;
    for (double x = -6; next < count / 2; x += step) {
      area += step * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
      for (; next < count / 2 && area >= (next + 0.5) / count; next++) {
        values[next] = (float) x;
        values[count - 1 - next] = (float) -x;
        square += 2 * x * x;
      }
    }
    float scale = (float) Math.sqrt(count / square);
    for (int i = 0; i < count; i++) {
      values[i] *= scale;
    }
    return values;
  }
}
