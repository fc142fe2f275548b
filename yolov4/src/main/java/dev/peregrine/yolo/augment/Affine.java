package dev.peregrine.yolo.augment;

import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.image.Image;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A map of the plane: turned, zoomed, sheared, moved.
 *
 * <p><b>Formula</b> {@code X = a x + b y + c}, {@code Y = d x + e y + f}; pixels are unit squares,
 * the upper left one has its centre at (0.5, 0.5).
 *
 * <p><b>Source</b> ScaledYOLOv4 {@code random_perspective}, without perspective. OpenCV takes pixel
 * centres as whole numbers, which shifts pictures against their boxes by up to half a pixel when
 * zooming; here both agree.
 */
record Affine(double a, double b, double c, double d, double e, double f, double zoom) {
  private static final double LEAST_SIDE = 2;
  private static final double LEAST_VISIBLE = 0.2;
  private static final double MOST_ASPECT = 20;
  private static final double TINY = 1e-16;

  /** Draws the map from a canvas to a result of other extents, centre on (about) centre. */
  static Affine draw(
      TorchSettings settings,
      int canvasWidth,
      int canvasHeight,
      int width,
      int height,
      SplittableRandom random) {
    double angle = radians(random, settings.degrees());
    double zoom = 1 + Randomness.between(random, -settings.scale(), settings.scale());
    double shearX = Math.tan(radians(random, settings.shear()));
    double shearY = Math.tan(radians(random, settings.shear()));
    double byX = Randomness.between(random, 0.5 - settings.translate(), 0.5 + settings.translate());
    double byY = Randomness.between(random, 0.5 - settings.translate(), 0.5 + settings.translate());
    double cos = zoom * Math.cos(angle);
    double sin = zoom * Math.sin(angle);
    // Shear after turn: [1 shearX; shearY 1] * [cos sin; -sin cos].
    double a = cos - shearX * sin;
    double b = sin + shearX * cos;
    double d = shearY * cos - sin;
    double e = shearY * sin + cos;
    double x = canvasWidth / 2.0;
    double y = canvasHeight / 2.0;
    return new Affine(a, b, byX * width - a * x - b * y, d, e, byY * height - d * x - e * y, zoom);
  }

  private static double radians(SplittableRandom random, double degrees) {
    return Math.toRadians(Randomness.between(random, -degrees, degrees));
  }

  /** Bilinear picture of the canvas; outside it the grey of the PyTorch programs. */
  Image warp(Image canvas, int width, int height, float grey) {
    Image out = new Image(width, height);
    double det = a * e - b * d;
    double stepX = e / det;
    double stepY = -d / det;
    for (int row = 0; row < height; row++) {
      double x = 0.5 - c;
      double y = row + 0.5 - f;
      double fromX = (e * x - b * y) / det - 0.5;
      double fromY = (a * y - d * x) / det - 0.5;
      warpRow(canvas, fromX, fromY, stepX, stepY, out, row, grey);
    }
    return out;
  }

  private static void warpRow(
      Image canvas,
      double fromX,
      double fromY,
      double stepX,
      double stepY,
      Image out,
      int row,
      float grey) {
    float[] in = canvas.rgb();
    float[] to = out.rgb();
    int width = canvas.width();
    int height = canvas.height();
    int at = row * out.width() * 3;
    for (int i = 0; i < out.width(); i++, at += 3) {
      double x = fromX + i * stepX;
      double y = fromY + i * stepY;
      if (x >= 0 && y >= 0 && x < width - 1 && y < height - 1) {
        int left = (int) x;
        int top = (int) y;
        float wx = (float) (x - left);
        float wy = (float) (y - top);
        int p = (top * width + left) * 3;
        int q = p + width * 3;
        for (int k = 0; k < 3; k++) {
          float upper = in[p + k] + wx * (in[p + 3 + k] - in[p + k]);
          float lower = in[q + k] + wx * (in[q + 3 + k] - in[q + k]);
          to[at + k] = upper + wy * (lower - upper);
        }
      } else if (x <= -1 || y <= -1 || x >= width || y >= height) {
        Arrays.fill(to, at, at + 3, grey);
      } else {
        border(canvas, x, y, to, at, grey);
      }
    }
  }

  /** A pixel that mixes canvas and grey. */
  private static void border(Image canvas, double x, double y, float[] to, int at, float grey) {
    int left = (int) Math.floor(x);
    int top = (int) Math.floor(y);
    float wx = (float) (x - left);
    float wy = (float) (y - top);
    for (int k = 0; k < 3; k++) {
      float upper =
          (1 - wx) * value(canvas, left, top, k, grey) + wx * value(canvas, left + 1, top, k, grey);
      float lower =
          (1 - wx) * value(canvas, left, top + 1, k, grey)
              + wx * value(canvas, left + 1, top + 1, k, grey);
      to[at + k] = (1 - wy) * upper + wy * lower;
    }
  }

  private static float value(Image canvas, int x, int y, int channel, float grey) {
    boolean inside = x >= 0 && y >= 0 && x < canvas.width() && y < canvas.height();
    return inside ? canvas.rgb()[(y * canvas.width() + x) * 3 + channel] : grey;
  }

  /**
   * The label of a box given in pixels of the canvas: the upright box around the four mapped
   * corners, cut to the result; null when too little of it is left to be recognised.
   */
  @Nullable Label map(
      int classIndex, double x1, double y1, double x2, double y2, int width, int height) {
    double[] xs = {x(x1, y1), x(x2, y1), x(x1, y2), x(x2, y2)};
    double[] ys = {y(x1, y1), y(x2, y1), y(x1, y2), y(x2, y2)};
    Arrays.sort(xs);
    Arrays.sort(ys);
    double left = Math.clamp(xs[0], 0, (double) width);
    double right = Math.clamp(xs[3], 0, (double) width);
    double top = Math.clamp(ys[0], 0, (double) height);
    double bottom = Math.clamp(ys[3], 0, (double) height);
    double w = right - left;
    double h = bottom - top;
    double before = (x2 - x1) * (y2 - y1) * zoom * zoom;
    boolean visible =
        w > LEAST_SIDE
            && h > LEAST_SIDE
            && w * h / (before + TINY) > LEAST_VISIBLE
            && Math.max(w / (h + TINY), h / (w + TINY)) < MOST_ASPECT;
    return visible
        ? Label.ofEdges(classIndex, left / width, top / height, right / width, bottom / height)
        : null;
  }

  private double x(double px, double py) {
    return a * px + b * py + c;
  }

  private double y(double px, double py) {
    return d * px + e * py + f;
  }
}
