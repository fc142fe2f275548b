package dev.peregrine.yolo.augment;

import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.image.Image;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A rectangle of one finished picture pasted into another at the same place, with its boxes.
 *
 * <p>Pasted boxes are cut at the rectangle. A box below it ends where the rectangle begins, if that
 * runs across one of its sides from end to end; else it stays as it is, with a hole. Boxes of which
 * under a fifth of the area, or a pixel either way, is left are dropped.
 *
 * <p><b>Source</b> CutMix (Yun 2019), whose mixed class labels become the two sets of boxes; cut
 * extents of darknet's classifier.
 */
record CutMix(int left, int top, int right, int bottom) {
  private static final double LEAST_CUT = 0.3;
  private static final double MOST_CUT = 0.8;
  private static final double LEAST_VISIBLE = 0.2;

  /** Draws a rectangle of 30 to 80 percent of each extent. */
  static CutMix draw(int width, int height, SplittableRandom random) {
    int w = Math.max(1, (int) (width * Randomness.between(random, LEAST_CUT, MOST_CUT)));
    int h = Math.max(1, (int) (height * Randomness.between(random, LEAST_CUT, MOST_CUT)));
    int x = random.nextInt(width - w + 1);
    int y = random.nextInt(height - h + 1);
    return new CutMix(x, y, x + w, y + h);
  }

  /** Pastes in place. The labels of both, as far as they are still seen. */
  List<Label> paste(LabelledImage onto, LabelledImage from) {
    int width = onto.image().width();
    int height = onto.image().height();
    copy(from.image(), onto.image());
    List<Label> labels = new ArrayList<>();
    for (Label label : onto.labels()) {
      Edges box = Edges.of(label, width, height);
      keep(label, box, below(box), box.area() - cut(box).area(), width, height, labels);
    }
    for (Label label : from.labels()) {
      Edges box = Edges.of(label, width, height);
      keep(label, box, cut(box), cut(box).area(), width, height, labels);
    }
    return labels;
  }

  /** Copies the rectangle from one picture to the same place of another. */
  void copy(Image from, Image onto) {
    for (int y = top; y < bottom; y++) {
      int at = (y * onto.width() + left) * 3;
      System.arraycopy(from.rgb(), at, onto.rgb(), at, 3 * (right - left));
    }
  }

  /** Pixels of the rectangle. */
  double area() {
    return (double) (right - left) * (bottom - top);
  }

  private static void keep(
      Label label,
      Edges box,
      Edges shown,
      double visible,
      int width,
      int height,
      List<Label> labels) {
    if (shown.x2 - shown.x1 >= 1
        && shown.y2 - shown.y1 >= 1
        && visible >= LEAST_VISIBLE * box.area()) {
      labels.add(
          Label.ofEdges(
              label.classIndex(),
              shown.x1 / width,
              shown.y1 / height,
              shown.x2 / width,
              shown.y2 / height));
    }
  }

  /** A box in pixels. */
  private record Edges(double x1, double y1, double x2, double y2) {
    static Edges of(Label label, int width, int height) {
      return new Edges(
          label.left() * width,
          label.top() * height,
          label.right() * width,
          label.bottom() * height);
    }

    double area() {
      return Math.max(0, x2 - x1) * Math.max(0, y2 - y1);
    }
  }

  private Edges cut(Edges box) {
    return new Edges(
        Math.max(box.x1, left),
        Math.max(box.y1, top),
        Math.min(box.x2, right),
        Math.min(box.y2, bottom));
  }

  /** The upright box around what the rectangle leaves of a box. */
  private Edges below(Edges box) {
    boolean overlaps = cut(box).area() > 0;
    boolean across = overlaps && left <= box.x1 && right >= box.x2;
    boolean along = overlaps && top <= box.y1 && bottom >= box.y2;
    return new Edges(
        along && left <= box.x1 ? Math.min(right, box.x2) : box.x1,
        across && top <= box.y1 ? Math.min(bottom, box.y2) : box.y1,
        along && right >= box.x2 ? Math.max(left, box.x1) : box.x2,
        across && bottom >= box.y2 ? Math.max(top, box.y1) : box.y2);
  }
}
