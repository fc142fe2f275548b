package dev.peregrine.yolo.augment.effect;

import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.image.Image;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Rectangles that hide a part of a picture; a label that is mostly hidden goes. */
final class Holes {
  /** The most of a box that one hole may cover without taking its label away. */
  private static final double MOST_COVERED = 0.6;

  private static final int TRIES = 100;

  private Holes() {}

  /** A rectangle of pixels, inside the picture. */
  private record Hole(int left, int top, int right, int bottom) {
    /** Around a centre, cut at the picture's edges. */
    static Hole around(Image image, int x, int y, int width, int height) {
      int left = x - width / 2;
      int top = y - height / 2;
      return new Hole(
          Math.max(0, left),
          Math.max(0, top),
          Math.min(image.width(), left + width),
          Math.min(image.height(), top + height));
    }

    void fill(Image image, float red, float green, float blue) {
      float[] rgb = image.rgb();
      for (int y = top; y < bottom; y++) {
        int end = (y * image.width() + right) * 3;
        for (int i = (y * image.width() + left) * 3; i < end; i += 3) {
          rgb[i] = red;
          rgb[i + 1] = green;
          rgb[i + 2] = blue;
        }
      }
    }

    void fill(Image image, SplittableRandom random) {
      float[] rgb = image.rgb();
      for (int y = top; y < bottom; y++) {
        int end = (y * image.width() + right) * 3;
        for (int i = (y * image.width() + left) * 3; i < end; ) {
          long word = random.nextLong();
          for (int stop = Math.min(end, i + 8); i < stop; i++, word >>>= 8) {
            rgb[i] = (word & 0xff) / 255f;
          }
        }
      }
    }

    /** The labels of which this hole leaves enough. */
    List<Label> spare(List<Label> labels, Image image) {
      List<Label> left = new ArrayList<>();
      for (Label label : labels) {
        if (covered(label, image.width(), image.height()) <= MOST_COVERED) {
          left.add(label);
        }
      }
      return left;
    }

    private double covered(Label label, int width, int height) {
      double w = Math.min(right, label.right() * width) - Math.max(left, label.left() * width);
      double h = Math.min(bottom, label.bottom() * height) - Math.max(top, label.top() * height);
      double area = label.width() * width * label.height() * height;
      return w > 0 && h > 0 ? w * h / area : 0;
    }
  }

  /** One square of half the shorter side in the picture's mean colour, which may stick out. */
  static List<Label> square(Image image, List<Label> labels, SplittableRandom random) {
    int side = Math.max(1, Math.min(image.width(), image.height()) / 2);
    float[] mean = Light.mean(image);
    Hole hole =
        Hole.around(
            image, random.nextInt(image.width()), random.nextInt(image.height()), side, side);
    hole.fill(image, mean[0], mean[1], mean[2]);
    return hole.spare(labels, image);
  }

  /**
   * One rectangle of up to half the extents, two of up to a quarter and so on to sixteen; each of a
   * middling colour of its own.
   */
  static List<Label> many(Image image, List<Label> labels, SplittableRandom random) {
    List<Label> left = labels;
    for (int count = 1; count <= 16; count *= 2) {
      for (int i = 0; i < count; i++) {
        int width = 1 + random.nextInt(Math.max(1, image.width() / (2 * count)));
        int height = 1 + random.nextInt(Math.max(1, image.height() / (2 * count)));
        Hole hole =
            Hole.around(
                image,
                random.nextInt(image.width()),
                random.nextInt(image.height()),
                width,
                height);
        hole.fill(image, middling(random), middling(random), middling(random));
        left = hole.spare(left, image);
      }
    }
    return left;
  }

  private static float middling(SplittableRandom random) {
    return random.nextInt(64, 192) / 255f;
  }

  /** One rectangle of random values; area 2 to 40 percent, proportions 0.3 to 3.3. */
  static List<Label> randomErase(Image image, List<Label> labels, SplittableRandom random) {
    double all = (double) image.width() * image.height();
    for (int i = 0; i < TRIES; i++) {
      double area = all * random.nextDouble(0.02, 0.4);
      double aspect = Math.exp(Math.log(0.3) * (2 * random.nextDouble() - 1));
      int width = (int) Math.round(Math.sqrt(area * aspect));
      int height = (int) Math.round(Math.sqrt(area / aspect));
      if (width >= 1 && height >= 1 && width <= image.width() && height <= image.height()) {
        int x = random.nextInt(image.width() - width + 1);
        int y = random.nextInt(image.height() - height + 1);
        Hole hole = new Hole(x, y, x + width, y + height);
        hole.fill(image, random);
        return hole.spare(labels, image);
      }
    }
    return labels; // a picture so long that no such rectangle fits stays whole
  }
}
