package dev.peregrine.yolo.augment.effect;

import dev.peregrine.yolo.image.Image;
import java.util.SplittableRandom;

/** Regular patterns of hidden places, in the picture's mean colour; all labels stay. */
final class Grids {
  /** Extents of the cells of hide-and-seek; 0 hides nothing. */
  private static final int[] CELLS = {0, 16, 32, 44, 56};

  private static final int LEAST_UNIT = 96;
  private static final int MOST_UNIT = 224;

  /** Part of a unit of the grid mask that stays, in each direction. */
  private static final double KEPT = 0.6;

  private Grids() {}

  /** Hides each cell of a grid with a chance of one half. */
  static void hideAndSeek(Image image, SplittableRandom random) {
    int cell = CELLS[random.nextInt(CELLS.length)];
    if (cell == 0) {
      return;
    }
    float[] rgb = image.rgb();
    float[] mean = Light.mean(image);
    int columns = (image.width() + cell - 1) / cell;
    boolean[] hidden = new boolean[columns];
    for (int y = 0; y < image.height(); y++) {
      if (y % cell == 0) {
        for (int i = 0; i < columns; i++) {
          hidden[i] = random.nextBoolean();
        }
      }
      int at = y * image.width() * 3;
      for (int x = 0; x < image.width(); x++, at += 3) {
        if (hidden[x / cell]) {
          System.arraycopy(mean, 0, rgb, at, 3);
        }
      }
    }
  }

  /** Hides the squares of a turned grid whose unit and place are random. */
  static void gridMask(Image image, SplittableRandom random) {
    int most = Math.max(4, Math.min(MOST_UNIT, Math.min(image.width(), image.height())));
    double unit = random.nextInt(Math.min(LEAST_UNIT, most / 2), most + 1);
    // A quarter turn brings the grid back onto itself.
    double angle = random.nextDouble() * Math.PI / 2;
    double stepX = Math.cos(angle) / unit;
    double stepY = Math.sin(angle) / unit;
    // Far enough to the right that no coordinate is negative, which makes the cast a floor.
    double far = 2 + Math.ceil((image.width() + image.height()) / unit);
    double u0 = far + random.nextDouble();
    double v0 = far + random.nextDouble();
    float[] rgb = image.rgb();
    float[] mean = Light.mean(image);
    for (int y = 0; y < image.height(); y++) {
      int at = y * image.width() * 3;
      for (int x = 0; x < image.width(); x++, at += 3) {
        double u = u0 + x * stepX + y * stepY;
        double v = v0 - x * stepY + y * stepX;
        if (u - (int) u >= KEPT && v - (int) v >= KEPT) {
          System.arraycopy(mean, 0, rgb, at, 3);
        }
      }
    }
  }
}
