package dev.peregrine.yolo.box;

import java.util.Arrays;

/**
 * Of boxes that mark the same object, keeps the one with the highest score.
 *
 * <p>Boxes are visited from the highest score down (equal scores in the order given); a box is
 * dropped when it agrees with a kept one by more than the threshold.
 *
 * <p><b>Formula</b> agreement of boxes a and b, with d the distance of their centres and c the
 * diagonal of the smallest box around both: {@link Kind#PLAIN}: {@code IoU}; {@link Kind#GREEDY}:
 * {@code IoU - (d^2 / c^2)^0.6}; {@link Kind#DIOU}: {@code IoU - (d^2 / c^2)^beta}.
 *
 * <p><b>Cost</b> candidates times kept boxes of the same class.
 *
 * <p><b>Source</b> darknet {@code do_nms_sort}, {@code diounms_sort}; DIoU: Zheng et al. 2020.
 *
 * @param kind how agreement is measured
 * @param threshold boxes that agree by more are one object
 * @param beta the exponent of {@link Kind#DIOU}; the others ignore it
 * @param acrossClasses true: boxes of different classes suppress each other as well
 * @param limit the most boxes that are kept
 */
public record NonMaximumSuppression(
    Kind kind, double threshold, double beta, boolean acrossClasses, int limit) {

  /** How the agreement of two boxes is measured. */
  public enum Kind {
    /** Intersection over union: {@code nms_kind=default} of darknet, and the PyTorch programs. */
    PLAIN,
    /** {@code nms_kind=greedynms} of darknet, which in truth takes distance off with power 0.6. */
    GREEDY,
    /** {@code nms_kind=diounms} of darknet with {@code beta_nms}; with beta 1 the paper's. */
    DIOU
  }

  private static final double GREEDY_POWER = 0.6;

  /**
   * Checks the settings.
   *
   * @param kind how agreement is measured
   * @param threshold boxes that agree by more are one object
   * @param beta the exponent of {@link Kind#DIOU}
   * @param acrossClasses true: classes suppress each other
   * @param limit the most boxes that are kept
   */
  public NonMaximumSuppression {
    if (!(threshold >= 0 && threshold <= 1) || !(beta > 0) || limit < 1) {
      throw new IllegalArgumentException(
          "suppression needs 0 <= threshold <= 1, beta > 0 and limit >= 1 but got %s, %s and %d"
              .formatted(threshold, beta, limit));
    }
  }

  /**
   * Per class, without a limit.
   *
   * @param kind how agreement is measured
   * @param threshold boxes that agree by more are one object
   * @return the suppression, with beta 0.6
   */
  public static NonMaximumSuppression of(Kind kind, double threshold) {
    return new NonMaximumSuppression(kind, threshold, GREEDY_POWER, false, Integer.MAX_VALUE);
  }

  /**
   * Chooses the boxes to keep. A box that stands for several classes is listed once for each.
   *
   * <p><b>Shapes</b> {@code boxes} has four values per candidate: centre x, centre y, width,
   * height; {@code scores} and {@code classes} have one.
   *
   * <p><b>Units</b> any; but the distance term of {@link Kind#GREEDY} and {@link Kind#DIOU} depends
   * on the proportions of the plane: darknet measures in fractions of the original picture.
   *
   * @param boxes candidates
   * @param scores candidates with a score that is not a number are dropped
   * @param classes 0-based class of each
   * @return indices of the kept candidates, highest score first
   */
  public int[] keep(float[] boxes, float[] scores, int[] classes) {
    int count = scores.length;
    if (boxes.length != 4L * count || classes.length != count) {
      throw new IllegalArgumentException(
          "%d scores need %d box values and as many classes but got %d and %d"
              .formatted(count, 4L * count, boxes.length, classes.length));
    }
    int[] order = byScore(scores);
    int[] group = acrossClasses ? new int[count] : classes;
    int[] start = groupStarts(order, group);
    int[] grouped = new int[order.length];
    for (int index : order) {
      grouped[start[group[index]]++] = index;
    }
    // start[g] is now the end of group g.
    boolean[] kept = new boolean[count];
    int from = 0;
    for (int to : start) {
      if (to > from) {
        suppress(boxes, grouped, from, to, kept);
        from = to;
      }
    }
    return Arrays.stream(order).filter(i -> kept[i]).limit(limit).toArray();
  }

  private static int[] groupStarts(int[] order, int[] group) {
    int groups = 0;
    for (int index : order) {
      if (group[index] < 0) {
        throw new IllegalArgumentException(
            "classes are counted from 0 but candidate %d has %d".formatted(index, group[index]));
      }
      groups = Math.max(groups, group[index] + 1);
    }
    int[] start = new int[groups];
    for (int index : order) {
      if (group[index] + 1 < groups) {
        start[group[index] + 1]++;
      }
    }
    for (int g = 1; g < groups; g++) {
      start[g] += start[g - 1];
    }
    return start;
  }

  /** Indices from the highest score down; equal scores keep their order. */
  private static int[] byScore(float[] scores) {
    long[] keys = new long[scores.length];
    int count = 0;
    for (int i = 0; i < scores.length; i++) {
      if (!Float.isNaN(scores[i])) {
        int bits = Float.floatToIntBits(scores[i] == 0 ? 0f : scores[i]);
        int rising = bits ^ (bits >> 31 & 0x7fffffff);
        keys[count++] = (long) ~rising << 32 | i;
      }
    }
    Arrays.sort(keys, 0, count);
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      order[i] = (int) keys[i];
    }
    return order;
  }

  private void suppress(float[] boxes, int[] order, int from, int to, boolean[] kept) {
    int room = to - from;
    float[] left = new float[room];
    float[] top = new float[room];
    float[] right = new float[room];
    float[] bottom = new float[room];
    int found = 0;
    for (int n = from; n < to && found < limit; n++) {
      int at = 4 * order[n];
      float x1 = boxes[at] - boxes[at + 2] / 2;
      float y1 = boxes[at + 1] - boxes[at + 3] / 2;
      float x2 = boxes[at] + boxes[at + 2] / 2;
      float y2 = boxes[at + 1] + boxes[at + 3] / 2;
      boolean free = true;
      for (int k = 0; k < found && free; k++) {
        float width = Math.min(x2, right[k]) - Math.max(x1, left[k]);
        float height = Math.min(y2, bottom[k]) - Math.max(y1, top[k]);
        // No measure exceeds IoU, which is 0 here, and no threshold is below 0.
        if (width > 0 && height > 0) {
          double inter = (double) width * height;
          double area = (double) (x2 - x1) * (y2 - y1);
          double other = (double) (right[k] - left[k]) * (bottom[k] - top[k]);
          double iou = inter / (area + other - inter);
          free =
              !(iou > threshold
                  && iou - penalty(x1, y1, x2, y2, left[k], top[k], right[k], bottom[k])
                      > threshold);
        }
      }
      if (free) {
        left[found] = x1;
        top[found] = y1;
        right[found] = x2;
        bottom[found] = y2;
        found++;
        kept[order[n]] = true;
      }
    }
  }

  private double penalty(
      float x1, float y1, float x2, float y2, float left, float top, float right, float bottom) {
    if (kind == Kind.PLAIN) {
      return 0;
    }
    double dx = ((double) x1 + x2 - left - right) / 2;
    double dy = ((double) y1 + y2 - top - bottom) / 2;
    double width = (double) Math.max(x2, right) - Math.min(x1, left);
    double height = (double) Math.max(y2, bottom) - Math.min(y1, top);
    double diagonal = width * width + height * height;
    double share = diagonal == 0 ? 0 : (dx * dx + dy * dy) / diagonal;
    return Math.pow(share, kind == Kind.GREEDY ? GREEDY_POWER : beta);
  }
}
