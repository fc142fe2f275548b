package dev.peregrine.yolo.augment;

import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.image.Image;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A map of the plane: tilted, turned, zoomed, sheared, moved.
 *
 * <p><b>Formula</b> {@code W = g x + h y + i}, {@code X = (a x + b y + c) / W}, {@code Y = (d x + e
 * y + f) / W}; pixels are unit squares, the upper left one has its centre at (0.5, 0.5). Points
 * whose W is not positive are behind the eye and not seen.
 *
 * <p><b>Source</b> ScaledYOLOv4 {@code random_perspective}. OpenCV takes pixel centres as whole
 * numbers, which shifts pictures against their boxes by up to half a pixel when zooming; here both
 * agree.
 */
record Projection(
    double a,
    double b,
    double c,
    double d,
    double e,
    double f,
    double g,
    double h,
    double i,
    double zoom) {
  private static final double LEAST_SIDE = 2;
  private static final double LEAST_VISIBLE = 0.2;
  private static final double MOST_ASPECT = 20;
  private static final double TINY = 1e-16;

  /** Points nearer to the horizon than this are not followed. */
  private static final double HORIZON = 1e-3;

  /** Draws the map from a canvas to a result of other extents, centre on (about) centre. */
  static Projection draw(
      TorchSettings settings,
      int canvasWidth,
      int canvasHeight,
      int width,
      int height,
      SplittableRandom random) {
    double tilt = settings.perspective();
    double g = Randomness.between(random, -tilt, tilt);
    double h = Randomness.between(random, -tilt, tilt);
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
    double i = 1 - g * x - h * y;
    double toX = byX * width;
    double toY = byY * height;
    return new Projection(
        a + toX * g,
        b + toX * h,
        toX * i - a * x - b * y,
        d + toY * g,
        e + toY * h,
        toY * i - d * x - e * y,
        g,
        h,
        i,
        zoom);
  }

  private static double radians(SplittableRandom random, double degrees) {
    return Math.toRadians(Randomness.between(random, -degrees, degrees));
  }

  /** True when nothing moves. */
  boolean isStill() {
    return equals(new Projection(1, 0, 0, 0, 1, 0, 0, 0, 1, 1));
  }

  /** The way back. */
  Projection inverse() {
    double det = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
    return new Projection(
        (e * i - f * h) / det,
        (c * h - b * i) / det,
        (b * f - c * e) / det,
        (f * g - d * i) / det,
        (a * i - c * g) / det,
        (c * d - a * f) / det,
        (d * h - e * g) / det,
        (b * g - a * h) / det,
        (a * e - b * d) / det,
        1 / zoom);
  }

  /** The same map from a part of the canvas that begins at a pixel. */
  Projection from(int left, int top) {
    return new Projection(
        a,
        b,
        a * left + b * top + c,
        d,
        e,
        d * left + e * top + f,
        g,
        h,
        g * left + h * top + i,
        zoom);
  }

  private double depth(double x, double y) {
    return g * x + h * y + i;
  }

  private double x(double px, double py) {
    return (a * px + b * py + c) / depth(px, py);
  }

  private double y(double px, double py) {
    return (d * px + e * py + f) / depth(px, py);
  }

  /** A rectangle of whole pixels. */
  record Window(int left, int top, int right, int bottom) {
    int width() {
      return right - left;
    }

    int height() {
      return bottom - top;
    }
  }

  /** The part of a canvas that shows in the result, at least one pixel of it. */
  Window window(int canvasWidth, int canvasHeight, int width, int height) {
    Projection back = inverse();
    double[] xs = new double[4];
    double[] ys = new double[4];
    for (int corner = 0; corner < 4; corner++) {
      double px = corner % 2 * width;
      double py = corner / 2 * height;
      if (back.depth(px, py) < HORIZON) {
        return new Window(0, 0, canvasWidth, canvasHeight); // the horizon crosses the result
      }
      xs[corner] = back.x(px, py);
      ys[corner] = back.y(px, py);
    }
    Arrays.sort(xs);
    Arrays.sort(ys);
    // Two more pixels, for those that the border of the result mixes.
    int left = (int) Math.clamp(Math.floor(xs[0]) - 2, 0, canvasWidth - 1.0);
    int top = (int) Math.clamp(Math.floor(ys[0]) - 2, 0, canvasHeight - 1.0);
    int right = (int) Math.clamp(Math.ceil(xs[3]) + 2, left + 1.0, canvasWidth);
    int bottom = (int) Math.clamp(Math.ceil(ys[3]) + 2, top + 1.0, canvasHeight);
    return new Window(left, top, right, bottom);
  }

  /** Bilinear picture of the canvas; outside it one grey. */
  Image warp(Image canvas, int width, int height, float grey) {
    Image out = new Image(width, height);
    Projection back = inverse();
    float[] xs = new float[width];
    float[] ys = new float[width];
    for (int row = 0; row < height; row++) {
      back.along(row, xs, ys);
      Sampling.row(canvas, xs, ys, out, row, grey);
    }
    return out;
  }

  /** Where the centres of a row's pixels go, counted from the centre of the first pixel. */
  private void along(int row, float[] xs, float[] ys) {
    double y = row + 0.5;
    double nx = 0.5 * a + b * y + c;
    double ny = 0.5 * d + e * y + f;
    double nw = 0.5 * g + h * y + i;
    if (g == 0 && h == 0) {
      for (int k = 0; k < xs.length; k++) {
        xs[k] = (float) ((nx + k * a) / nw - 0.5);
        ys[k] = (float) ((ny + k * d) / nw - 0.5);
      }
      return;
    }
    for (int k = 0; k < xs.length; k++) {
      double w = nw + k * g;
      boolean seen = w >= HORIZON;
      xs[k] = seen ? (float) ((nx + k * a) / w - 0.5) : Float.NEGATIVE_INFINITY;
      ys[k] = seen ? (float) ((ny + k * d) / w - 0.5) : Float.NEGATIVE_INFINITY;
    }
  }

  /**
   * The label of a box given in pixels of the canvas: the upright box around the four mapped
   * corners, cut to the result; null when too little of it is left to be recognised.
   *
   * <p>It must keep more than two pixels either way, more than a fifth of its zoomed area, and be
   * less than twenty times as long as wide.
   */
  @Nullable Label map(
      int classIndex, double x1, double y1, double x2, double y2, int width, int height) {
    double[] xs = {x1, x2, x1, x2};
    double[] ys = {y1, y1, y2, y2};
    for (int corner = 0; corner < 4; corner++) {
      double px = xs[corner];
      double py = ys[corner];
      if (depth(px, py) < HORIZON) {
        return null;
      }
      xs[corner] = x(px, py);
      ys[corner] = y(px, py);
    }
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
}
