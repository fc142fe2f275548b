package dev.peregrine.yolo.augment;

import dev.peregrine.yolo.image.Image;
import java.util.Arrays;

/** Bilinear samples of a picture at given places. */
final class Sampling {
  private Sampling() {}

  /**
   * Fills a row with samples; places count from the centre of the first pixel. Outside of the
   * picture one grey stands, with which its outermost pixels mix.
   */
  static void row(Image in, float[] xs, float[] ys, Image out, int row, float grey) {
    float[] from = in.rgb();
    float[] to = out.rgb();
    int width = in.width();
    int height = in.height();
    int at = row * out.width() * 3;
    for (int i = 0; i < xs.length; i++, at += 3) {
      float x = xs[i];
      float y = ys[i];
      if (x >= 0 && y >= 0 && x < width - 1 && y < height - 1) {
        int left = (int) x;
        int top = (int) y;
        float wx = x - left;
        float wy = y - top;
        int p = (top * width + left) * 3;
        int q = p + width * 3;
        for (int k = 0; k < 3; k++) {
          float upper = from[p + k] + wx * (from[p + 3 + k] - from[p + k]);
          float lower = from[q + k] + wx * (from[q + 3 + k] - from[q + k]);
          to[at + k] = upper + wy * (lower - upper);
        }
      } else if (x > -1 && y > -1 && x < width && y < height) {
        border(in, x, y, to, at, grey);
      } else {
        Arrays.fill(to, at, at + 3, grey);
      }
    }
  }

  /** A pixel that mixes the picture's and grey. */
  private static void border(Image in, float x, float y, float[] to, int at, float grey) {
    int left = (int) Math.floor(x);
    int top = (int) Math.floor(y);
    float wx = x - left;
    float wy = y - top;
    for (int k = 0; k < 3; k++) {
      float upper =
          (1 - wx) * value(in, left, top, k, grey) + wx * value(in, left + 1, top, k, grey);
      float lower =
          (1 - wx) * value(in, left, top + 1, k, grey) + wx * value(in, left + 1, top + 1, k, grey);
      to[at + k] = (1 - wy) * upper + wy * lower;
    }
  }

  private static float value(Image in, int x, int y, int channel, float grey) {
    boolean inside = x >= 0 && y >= 0 && x < in.width() && y < in.height();
    return inside ? in.rgb()[(y * in.width() + x) * 3 + channel] : grey;
  }
}
