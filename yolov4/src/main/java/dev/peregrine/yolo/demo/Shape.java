package dev.peregrine.yolo.demo;

import dev.peregrine.yolo.box.Box;
import java.util.Locale;

/**
 * One flat figure: a kind, a place, a size and a turn.
 *
 * <p><b>Units</b> pixels; pixel (i, j) covers the square from (i, j) to (i + 1, j + 1).
 *
 * @param kind which figure
 * @param centerX horizontal centre
 * @param centerY vertical centre
 * @param radius distance from the centre to the farthest point
 * @param angle turn in radians
 */
public record Shape(Kind kind, double centerX, double centerY, double radius, double angle) {

  /** The figures there are; the order is that of the class indices. */
  public enum Kind {
    /** A disc. */
    CIRCLE,
    /** Four equal sides. */
    SQUARE,
    /** Three equal sides. */
    TRIANGLE,
    /** Five points; the notches lie at 0.45 of the radius. */
    STAR;

    /**
     * The class name.
     *
     * @return lower-case name
     */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final double NOTCH = 0.45;

  /** Corners in order as x, y, x, y ...; none for a circle. */
  double[] corners() {
    return switch (kind) {
      case CIRCLE -> new double[0];
      case SQUARE -> regular(4, 1);
      case TRIANGLE -> regular(3, 1);
      case STAR -> regular(10, NOTCH);
    };
  }

  private double[] regular(int count, double everySecond) {
    double[] corners = new double[2 * count];
    for (int i = 0; i < count; i++) {
      double r = i % 2 == 1 ? radius * everySecond : radius;
      // StrictMath, so that every machine paints the same picture.
      double turn = angle + 2 * StrictMath.PI * i / count;
      corners[2 * i] = centerX + r * StrictMath.cos(turn);
      corners[2 * i + 1] = centerY + r * StrictMath.sin(turn);
    }
    return corners;
  }

  /**
   * The smallest upright box around the figure.
   *
   * @return exact edges, not rounded to pixels
   */
  public Box bounds() {
    if (kind == Kind.CIRCLE) {
      return Box.ofCenter(centerX, centerY, 2 * radius, 2 * radius);
    }
    double[] c = corners();
    double left = c[0];
    double right = c[0];
    double top = c[1];
    double bottom = c[1];
    for (int i = 2; i < c.length; i += 2) {
      left = Math.min(left, c[i]);
      right = Math.max(right, c[i]);
      top = Math.min(top, c[i + 1]);
      bottom = Math.max(bottom, c[i + 1]);
    }
    return new Box((float) left, (float) top, (float) right, (float) bottom);
  }

  /** The same figure about the same centre, larger or smaller. */
  Shape scaled(double factor) {
    return new Shape(kind, centerX, centerY, radius * factor, angle);
  }

  /** The same figure elsewhere. */
  Shape moved(double dx, double dy) {
    return new Shape(kind, centerX + dx, centerY + dy, radius, angle);
  }

  /**
   * Whether a point lies inside.
   *
   * @param x horizontal position
   * @param y vertical position
   * @return true inside
   */
  public boolean contains(double x, double y) {
    return contains(corners(), x, y);
  }

  private boolean contains(double[] corners, double x, double y) {
    if (kind == Kind.CIRCLE) {
      double dx = x - centerX;
      double dy = y - centerY;
      return dx * dx + dy * dy <= radius * radius;
    }
    boolean inside = false; // a ray to the right crosses the outline an odd number of times
    int last = corners.length - 2;
    for (int i = 0; i < corners.length; last = i, i += 2) {
      double y1 = corners[last + 1];
      double y2 = corners[i + 1];
      if (y1 > y != y2 > y) {
        double x1 = corners[last];
        double x2 = corners[i];
        inside ^= x < x1 + (y - y1) / (y2 - y1) * (x2 - x1);
      }
    }
    return inside;
  }

  /**
   * How much of every pixel the figure covers, from 4 x 4 samples a pixel.
   *
   * @param width pixels in a row
   * @param height rows
   * @return {@code height * width} shares in [0, 1]
   */
  float[] coverage(int width, int height) {
    float[] coverage = new float[width * height];
    double[] corners = corners();
    Box box = bounds();
    int top = Math.clamp((int) Math.floor(box.y1()), 0, height);
    int bottom = Math.clamp((int) Math.ceil(box.y2()), 0, height);
    int left = Math.clamp((int) Math.floor(box.x1()), 0, width);
    int right = Math.clamp((int) Math.ceil(box.x2()), 0, width);
    for (int y = top; y < bottom; y++) {
      for (int x = left; x < right; x++) {
        int hits = 0;
        for (int s = 0; s < 16; s++) {
          hits +=
              contains(corners, x + (s % 4 + 0.5) / 4, y + (Math.floorDiv(s, 4) + 0.5) / 4) ? 1 : 0;
        }
        coverage[y * width + x] = hits / 16f;
      }
    }
    return coverage;
  }
}
