package dev.peregrine.yolo.demo;

import dev.peregrine.yolo.box.Box;
import dev.peregrine.yolo.image.Image;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Paints scenes: a clouded, grainy gradient, stray lines, and one to five figures in colours that
 * stand out from it. A figure may cover part of another, but never more than a quarter of it.
 *
 * <p>Colour says nothing about the kind; a detector must learn the outlines.
 */
final class ScenePainter {
  private static final double LEAST_VISIBLE = 0.75;

  /** Figures lean but do not turn over: a small network learns them in minutes. */
  private static final double MOST_TURN = 0.3;

  private static final int MOST_SHAPES = 5;

  private final int size;
  private final SplittableRandom random;
  private final float[] rgb;

  private ScenePainter(int size, SplittableRandom random) {
    this.size = size;
    this.random = random;
    this.rgb = new float[size * size * 3];
  }

  /** The scene of a seed; equal seeds paint equal pixels. */
  static Scene paint(int size, long seed) {
    ScenePainter painter = new ScenePainter(size, new SplittableRandom(seed));
    float[] ground = painter.background();
    painter.lines();
    List<Shape> shapes = painter.place();
    for (Shape shape : shapes) {
      painter.draw(shape, ground);
    }
    painter.grain(0.02 + 0.03 * painter.random.nextDouble());
    return new Scene(new Image(size, size, painter.rgb), shapes);
  }

  /** Fills the picture and gives its mean colour. */
  private float[] background() {
    double hue = random.nextDouble();
    float[] from = hsv(hue, between(0.05, 0.45), between(0.15, 0.85));
    float[] to = hsv(hue + between(-0.2, 0.2), between(0.05, 0.45), between(0.15, 0.85));
    double turn = between(0, 2 * StrictMath.PI);
    double dx = StrictMath.cos(turn);
    double dy = StrictMath.sin(turn);
    float[] clouds = clouds();
    float depth = (float) between(0.08, 0.3);
    float[] mean = new float[3];
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        double along = 0.5 + 0.5 * ((2.0 * x / size - 1) * dx + (2.0 * y / size - 1) * dy);
        float t = (float) Math.clamp(along, 0.0, 1.0);
        float light = (clouds[y * size + x] - 0.5f) * depth;
        for (int c = 0; c < 3; c++) {
          float value = Math.clamp(from[c] + t * (to[c] - from[c]) + light, 0f, 1f);
          rgb[(y * size + x) * 3 + c] = value;
          mean[c] += value / (size * size);
        }
      }
    }
    return mean;
  }

  /** Smooth noise: three lattices of random numbers, each twice as fine and half as strong. */
  private float[] clouds() {
    float[] clouds = new float[size * size];
    float strength = 4 / 7f;
    for (int cells = 4; cells <= 16; cells *= 2, strength /= 2) {
      double[] lattice = random.doubles((cells + 1L) * (cells + 1L)).toArray();
      for (int y = 0; y < size; y++) {
        for (int x = 0; x < size; x++) {
          double u = (double) x * cells / size;
          double v = (double) y * cells / size;
          int i = (int) u;
          int j = (int) v;
          double a = smooth(u - i);
          double b = smooth(v - j);
          int at = j * (cells + 1) + i;
          double upper = lattice[at] + a * (lattice[at + 1] - lattice[at]);
          int below = at + cells + 1;
          double lower = lattice[below] + a * (lattice[below + 1] - lattice[below]);
          clouds[y * size + x] += strength * (float) (upper + b * (lower - upper));
        }
      }
    }
    return clouds;
  }

  private static double smooth(double t) {
    return t * t * (3 - 2 * t);
  }

  /** Stray strokes, which are no figures and must not be taken for any. */
  private void lines() {
    int count = random.nextInt(7);
    for (int i = 0; i < count; i++) {
      double x1 = between(-0.1, 1.1) * size;
      double y1 = between(-0.1, 1.1) * size;
      double x2 = between(-0.1, 1.1) * size;
      double y2 = between(-0.1, 1.1) * size;
      double half = between(0.4, 1.6);
      float[] colour = hsv(random.nextDouble(), between(0, 0.8), between(0.1, 1));
      float strength = (float) between(0.35, 0.9);
      double length2 = Math.max(1e-9, (x2 - x1) * (x2 - x1) + (y2 - y1) * (y2 - y1));
      for (int y = 0; y < size; y++) {
        for (int x = 0; x < size; x++) {
          double px = x + 0.5 - x1;
          double py = y + 0.5 - y1;
          double t = Math.clamp((px * (x2 - x1) + py * (y2 - y1)) / length2, 0.0, 1.0);
          double ex = px - t * (x2 - x1);
          double ey = py - t * (y2 - y1);
          double distance = Math.sqrt(ex * ex + ey * ey);
          blend(
              y * size + x, colour, strength * (float) Math.clamp(half + 0.5 - distance, 0.0, 1.0));
        }
      }
    }
  }

  /** Chooses figures that lie inside the picture and leave each other visible. */
  private List<Shape> place() {
    int wanted = 1 + random.nextInt(MOST_SHAPES);
    List<Shape> shapes = new ArrayList<>();
    List<float[]> visible = new ArrayList<>();
    List<Double> whole = new ArrayList<>();
    for (int attempt = 0; attempt < 40 && shapes.size() < wanted; attempt++) {
      Shape.Kind kind = Shape.Kind.values()[random.nextInt(Shape.Kind.values().length)];
      // Small figures are more frequent than large ones, as in photographs.
      double radius = size * (0.085 + 0.175 * StrictMath.pow(random.nextDouble(), 1.6));
      Shape shape =
          new Shape(
              kind,
              between(radius + 1, size - radius - 1),
              between(radius + 1, size - radius - 1),
              radius,
              between(-MOST_TURN, MOST_TURN));
      float[] coverage = shape.coverage(size, size);
      if (leavesVisible(coverage, visible, whole)) {
        for (float[] behind : visible) {
          for (int i = 0; i < coverage.length; i++) {
            behind[i] *= 1 - coverage[i];
          }
        }
        shapes.add(shape);
        visible.add(coverage);
        whole.add(sum(coverage));
      }
    }
    return shapes;
  }

  private static boolean leavesVisible(float[] front, List<float[]> visible, List<Double> whole) {
    for (int s = 0; s < visible.size(); s++) {
      float[] behind = visible.get(s);
      double left = 0;
      for (int i = 0; i < front.length; i++) {
        left += behind[i] * (1 - front[i]);
      }
      if (left < LEAST_VISIBLE * whole.get(s)) {
        return false;
      }
    }
    return true;
  }

  private void draw(Shape shape, float[] ground) {
    float[] main = standingOut(ground);
    float[] second = new float[3];
    float[] rim = new float[3];
    double shade = between(0.55, 0.85);
    double rimShade = random.nextBoolean() ? between(0.35, 0.6) : between(1.1, 1.4);
    for (int c = 0; c < 3; c++) {
      second[c] = (float) (main[c] * shade);
      rim[c] = (float) Math.min(1, main[c] * rimShade);
    }
    int style = random.nextInt(3); // a soft gradient, stripes, or dots
    double turn = between(0, 2 * StrictMath.PI);
    double dx = StrictMath.cos(turn);
    double dy = StrictMath.sin(turn);
    double period = between(4, 8);
    float[] shadow = shape.moved(1.5, 2).coverage(size, size);
    float[] outer = shape.coverage(size, size);
    float[] inner = shape.scaled(between(0.78, 0.92)).coverage(size, size);
    Box box = shape.moved(1, 1).scaled(1.2).bounds();
    int top = Math.max(0, (int) box.y1() - 3);
    int bottom = Math.min(size, (int) box.y2() + 4);
    for (int y = top; y < bottom; y++) {
      for (int x = 0; x < size; x++) {
        int pixel = y * size + x;
        double u = (x - shape.centerX()) * dx + (y - shape.centerY()) * dy;
        double v = (y - shape.centerY()) * dx - (x - shape.centerX()) * dy;
        double t =
            switch (style) {
              case 0 -> 0.5 + 0.5 * u / shape.radius();
              case 1 -> 0.5 + 0.5 * StrictMath.sin(2 * StrictMath.PI * u / period);
              default ->
                  StrictMath.sin(2 * StrictMath.PI * u / period)
                              * StrictMath.sin(2 * StrictMath.PI * v / period)
                          > 0.25
                      ? 1
                      : 0;
            };
        float mix = (float) Math.clamp(t, 0.0, 1.0);
        float[] fill = {
          main[0] + mix * (second[0] - main[0]),
          main[1] + mix * (second[1] - main[1]),
          main[2] + mix * (second[2] - main[2])
        };
        blend(pixel, new float[3], 0.25f * shadow[pixel] * (1 - outer[pixel]));
        blend(pixel, rim, outer[pixel]);
        blend(pixel, fill, inner[pixel]);
      }
    }
  }

  /** A strong colour well away from the background's. */
  private float[] standingOut(float[] ground) {
    float[] best = {1, 1, 1};
    double farthest = -1;
    for (int i = 0; i < 4; i++) {
      float[] colour = hsv(random.nextDouble(), between(0.55, 1), between(0.6, 1));
      double distance = 0;
      for (int c = 0; c < 3; c++) {
        distance += (colour[c] - ground[c]) * (colour[c] - ground[c]);
      }
      if (distance > 0.25) {
        return colour;
      }
      if (distance > farthest) {
        farthest = distance;
        best = colour;
      }
    }
    return best;
  }

  private void grain(double amount) {
    for (int i = 0; i < rgb.length; i++) {
      double noise = random.nextDouble() + random.nextDouble() + random.nextDouble() - 1.5;
      rgb[i] = Math.clamp((float) (rgb[i] + amount * noise), 0f, 1f);
    }
  }

  private void blend(int pixel, float[] colour, float alpha) {
    for (int c = 0; c < 3 && alpha > 0; c++) {
      rgb[pixel * 3 + c] += alpha * (colour[c] - rgb[pixel * 3 + c]);
    }
  }

  private double between(double low, double high) {
    return low + (high - low) * random.nextDouble();
  }

  private static double sum(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }

  /** Hue (any number, one turn is 1), saturation and value to red, green and blue. */
  private static float[] hsv(double hue, double saturation, double value) {
    float[] colour = new float[3];
    for (int c = 0; c < 3; c++) {
      double position = (hue - Math.floor(hue)) * 6 + new double[] {5, 3, 1}[c];
      double k = position % 6;
      double strength = Math.clamp(Math.min(k, 4 - k), 0.0, 1.0);
      colour[c] = (float) (value * (1 - saturation * strength));
    }
    return colour;
  }
}
