package dev.peregrine.yolo.box;

/** Boxes by their edges, in plain arrays, so that loops over thousands of them are quick. */
final class Corners {
  private final float[] left;
  private final float[] top;
  private final float[] right;
  private final float[] bottom;
  private int size;

  Corners(int room) {
    left = new float[room];
    top = new float[room];
    right = new float[room];
    bottom = new float[room];
  }

  /** The boxes (centre x, centre y, width, height) that a stretch of an order names. */
  static Corners of(float[] boxes, int[] order, int from, int to) {
    Corners all = new Corners(to - from);
    for (int n = from; n < to; n++) {
      int at = 4 * order[n];
      all.left[all.size] = boxes[at] - boxes[at + 2] / 2;
      all.top[all.size] = boxes[at + 1] - boxes[at + 3] / 2;
      all.right[all.size] = boxes[at] + boxes[at + 2] / 2;
      all.bottom[all.size] = boxes[at + 1] + boxes[at + 3] / 2;
      all.size++;
    }
    return all;
  }

  int size() {
    return size;
  }

  /** Takes over one box of others. */
  void add(Corners others, int index) {
    left[size] = others.left[index];
    top[size] = others.top[index];
    right[size] = others.right[index];
    bottom[size] = others.bottom[index];
    size++;
  }

  /** Intersection over union with a box of others; 0 where they only touch. */
  double iou(int index, Corners others, int other) {
    float width = Math.min(right[index], others.right[other]);
    width -= Math.max(left[index], others.left[other]);
    float height = Math.min(bottom[index], others.bottom[other]);
    height -= Math.max(top[index], others.top[other]);
    if (!(width > 0 && height > 0)) {
      return 0;
    }
    double shared = (double) width * height;
    return shared / (area(index) + others.area(other) - shared);
  }

  private double area(int index) {
    return (double) (right[index] - left[index]) * (bottom[index] - top[index]);
  }

  /**
   * Squared distance of the centres as a part of the squared diagonal of the smallest box around
   * both.
   */
  double distance(int index, Corners others, int other) {
    double dx =
        ((double) left[index] + right[index] - others.left[other] - others.right[other]) / 2;
    double dy =
        ((double) top[index] + bottom[index] - others.top[other] - others.bottom[other]) / 2;
    double width =
        (double) Math.max(right[index], others.right[other])
            - Math.min(left[index], others.left[other]);
    double height =
        (double) Math.max(bottom[index], others.bottom[other])
            - Math.min(top[index], others.top[other]);
    double diagonal = width * width + height * height;
    return diagonal == 0 ? 0 : (dx * dx + dy * dy) / diagonal;
  }
}
