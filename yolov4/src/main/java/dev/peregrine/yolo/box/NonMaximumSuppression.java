package dev.peregrine.yolo.box;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Of boxes that mark the same object, keeps the one with the highest score.
 *
 * <p>Boxes are visited from the highest score down (equal scores in the order given). With {@link
 * Kind#PLAIN}, {@link Kind#GREEDY} and {@link Kind#DIOU} a box is dropped when it agrees with a
 * kept one by more than the threshold. {@link Kind#MERGE} does the same and then moves each kept
 * box to the mean of those it stands for; {@link Kind#CLUSTER} does so with another measure. The
 * soft kinds drop nothing at once: a box loses score for each better box that it overlaps, and is
 * gone when its score falls below 0.001.
 *
 * <p><b>Formula</b> agreement of boxes a and b, with d the distance of their centres and c the
 * diagonal of the smallest box around both: {@link Kind#PLAIN}, {@link Kind#MERGE}: {@code IoU};
 * {@link Kind#GREEDY}: {@code IoU - (d^2 / c^2)^0.6}; {@link Kind#DIOU}: {@code IoU - (d^2 /
 * c^2)^beta}; {@link Kind#CLUSTER}: {@code IoU - (d^2 / c^2)^0.7}. Merged box: {@code sum s_j b_j /
 * sum s_j} over the boxes j with {@code IoU > threshold} to the kept one, itself included. Factor
 * of a score: {@link Kind#SOFT_LINEAR}: {@code 1 - IoU} where {@code IoU > threshold}; {@link
 * Kind#SOFT_GAUSSIAN}: {@code e^(-IoU^2 / sigma)}.
 *
 * <p><b>Cost</b> candidates times kept boxes of the same class; the soft kinds compare only
 * candidates that come to the front.
 *
 * <p><b>Source</b> darknet {@code do_nms_sort}, {@code diounms_sort}; DIoU: Zheng et al. 2020;
 * soft: Bodla et al. 2017; merge: ScaledYOLOv4 {@code non_max_suppression}, without its wish that a
 * second box agrees.
 *
 * @param kind how agreement is measured, and what follows from it
 * @param threshold boxes that agree by more are one object
 * @param beta the exponent of {@link Kind#DIOU}; the others ignore it
 * @param sigma how slowly {@link Kind#SOFT_GAUSSIAN} lowers scores; the others ignore it
 * @param acrossClasses true: boxes of different classes suppress each other as well
 * @param limit the most boxes that are kept
 */
public record NonMaximumSuppression(
    Kind kind, double threshold, double beta, double sigma, boolean acrossClasses, int limit) {

  /** How the agreement of two boxes is measured, and what follows from it. */
  public enum Kind {
    /** Intersection over union: {@code nms_kind=default} of darknet, and the PyTorch programs. */
    PLAIN,
    /** {@code nms_kind=greedynms} of darknet, which in truth takes distance off with power 0.6. */
    GREEDY,
    /** {@code nms_kind=diounms} of darknet with {@code beta_nms}; with beta 1 the paper's. */
    DIOU,
    /** Scores fall in proportion to the overlap with better boxes, above the threshold only. */
    SOFT_LINEAR,
    /** Scores fall smoothly with the overlap with better boxes; there is no threshold. */
    SOFT_GAUSSIAN,
    /** As {@link #PLAIN}; a kept box becomes the mean, weighted by score, of those like it. */
    MERGE,
    /**
     * As {@link #DIOU} with the exponent 0.7, among the 1,500 best candidates; a kept box becomes
     * the mean, weighted by score and agreement, of those very like it: {@code
     * non_max_suppression2} of ScaledYOLOv4.
     */
    CLUSTER
  }

  /** The sigma that the authors of {@link Kind#SOFT_GAUSSIAN} recommend. */
  public static final double SIGMA = 0.5;

  private static final double GREEDY_POWER = 0.6;

  /**
   * Checks the settings.
   *
   * @param kind how agreement is measured
   * @param threshold boxes that agree by more are one object
   * @param beta the exponent of {@link Kind#DIOU}
   * @param sigma of {@link Kind#SOFT_GAUSSIAN}
   * @param acrossClasses true: classes suppress each other
   * @param limit the most boxes that are kept
   */
  public NonMaximumSuppression {
    if (!(threshold >= 0 && threshold <= 1) || !(beta > 0) || !(sigma > 0) || limit < 1) {
      throw new IllegalArgumentException(
          "suppression needs 0 <= threshold <= 1, beta > 0, sigma > 0 and limit >= 1 but got %s, %s, %s and %d"
              .formatted(threshold, beta, sigma, limit));
    }
  }

  /**
   * Per class, without a limit.
   *
   * @param kind how agreement is measured
   * @param threshold boxes that agree by more are one object
   * @return the suppression, with beta 0.6 and sigma 0.5
   */
  public static NonMaximumSuppression of(Kind kind, double threshold) {
    return new NonMaximumSuppression(
        kind, threshold, GREEDY_POWER, SIGMA, false, Integer.MAX_VALUE);
  }

  /**
   * A candidate that was kept.
   *
   * <p><b>Units</b> those of the candidates.
   *
   * @param index which candidate
   * @param score its score, which the soft kinds lower
   * @param centerX its centre, which merging moves, as it does the rest
   * @param centerY its centre
   * @param width its width
   * @param height its height
   */
  public record Kept(
      int index, float score, float centerX, float centerY, float width, float height) {}

  /**
   * Chooses the boxes to keep and tells no more than which. A box that stands for several classes
   * is listed once for each.
   *
   * @param boxes as in {@link #apply}
   * @param scores as in {@link #apply}
   * @param classes as in {@link #apply}
   * @return indices of the kept candidates, highest score first
   */
  public int[] keep(float[] boxes, float[] scores, int[] classes) {
    return apply(boxes, scores, classes).stream().mapToInt(Kept::index).toArray();
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
   * <p><b>Errors</b> {@link IllegalArgumentException} where the lengths differ, a class is
   * negative, or a score or box is not finite.
   *
   * @param boxes candidates
   * @param scores one a candidate
   * @param classes 0-based class of each
   * @return the kept candidates, highest score first
   */
  public List<Kept> apply(float[] boxes, float[] scores, int[] classes) {
    check(boxes, scores, classes);
    int[] order = byScore(scores);
    if (kind == Kind.CLUSTER && order.length > ClusterSuppression.MOST) {
      order = Arrays.copyOf(order, ClusterSuppression.MOST);
    }
    int[] group = acrossClasses ? new int[scores.length] : classes;
    int[] start = groupStarts(order, group);
    int[] grouped = new int[order.length];
    for (int index : order) {
      grouped[start[group[index]]++] = index;
    }
    // start[g] is now the end of group g.
    @Nullable Kept[] kept = new @Nullable Kept[scores.length];
    int from = 0;
    for (int to : start) {
      if (to > from) {
        choose(boxes, scores, Arrays.copyOfRange(grouped, from, to), kept);
        from = to;
      }
    }
    List<Kept> all = new ArrayList<>();
    for (int index : order) {
      Kept one = kept[index];
      if (one != null) {
        all.add(one);
      }
    }
    if (softens()) {
      all.sort(Comparator.comparingDouble(one -> -one.score()));
    }
    return List.copyOf(all.subList(0, Math.min(limit, all.size())));
  }

  private boolean softens() {
    return kind == Kind.SOFT_LINEAR || kind == Kind.SOFT_GAUSSIAN;
  }

  private static void check(float[] boxes, float[] scores, int[] classes) {
    int count = scores.length;
    if (boxes.length != 4L * count || classes.length != count) {
      throw new IllegalArgumentException(
          "%d scores need %d box values and as many classes but got %d and %d"
              .formatted(count, 4L * count, boxes.length, classes.length));
    }
    for (int i = 0; i < count; i++) {
      if (!Float.isFinite(scores[i])) {
        throw new IllegalArgumentException(
            "candidate %d has the score %s; leave out what is not finite".formatted(i, scores[i]));
      }
      for (int k = 4 * i; k < 4 * i + 4; k++) {
        if (!Float.isFinite(boxes[k])) {
          throw new IllegalArgumentException(
              "candidate %d has the box %s; leave out what is not finite"
                  .formatted(i, Arrays.toString(Arrays.copyOfRange(boxes, 4 * i, 4 * i + 4))));
        }
      }
    }
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
    for (int i = 0; i < scores.length; i++) {
      int bits = Float.floatToIntBits(scores[i] == 0 ? 0f : scores[i]);
      int rising = bits ^ (bits >> 31 & 0x7fffffff);
      keys[i] = (long) ~rising << 32 | i;
    }
    Arrays.sort(keys);
    return Arrays.stream(keys).mapToInt(key -> (int) key).toArray();
  }

  /** Chooses among candidates that may suppress each other, the highest score first. */
  private void choose(float[] boxes, float[] scores, int[] order, @Nullable Kept[] kept) {
    Corners corners = Corners.of(boxes, order, 0, order.length);
    if (softens()) {
      double[] falling = Arrays.stream(order).mapToDouble(index -> scores[index]).toArray();
      for (SoftSuppression.Rated one :
          new SoftSuppression(corners, decay()).choose(falling, limit)) {
        int index = order[one.position()];
        kept[index] = kept(boxes, index, (float) one.score());
      }
      return;
    }
    if (kind == Kind.CLUSTER) {
      ClusterSuppression clusters = new ClusterSuppression(corners, threshold);
      clusters
          .kept()
          .forEach(n ->
              kept[order[n]] =
                  mean(boxes, scores, order, n, j -> j < n ? 0 : clusters.weight(n, j)));
      return;
    }
    Corners found = new Corners(order.length);
    for (int n = 0; n < order.length && found.size() < limit; n++) {
      if (isFree(corners, n, found)) {
        found.add(corners, n);
        kept[order[n]] =
            kind == Kind.MERGE
                ? merged(boxes, scores, order, corners, n)
                : kept(boxes, order[n], scores[order[n]]);
      }
    }
  }

  private static Kept kept(float[] boxes, int index, float score) {
    int at = 4 * index;
    return new Kept(index, score, boxes[at], boxes[at + 1], boxes[at + 2], boxes[at + 3]);
  }

  private boolean isFree(Corners corners, int n, Corners found) {
    for (int k = 0; k < found.size(); k++) {
      double iou = corners.iou(n, found, k);
      // No measure exceeds IoU.
      if (iou > threshold && iou - penalty(corners, n, found, k) > threshold) {
        return false;
      }
    }
    return true;
  }

  private double penalty(Corners corners, int n, Corners found, int k) {
    return switch (kind) {
      case GREEDY -> Math.pow(corners.distance(n, found, k), GREEDY_POWER);
      case DIOU -> Math.pow(corners.distance(n, found, k), beta);
      case PLAIN, MERGE, CLUSTER, SOFT_LINEAR, SOFT_GAUSSIAN -> 0;
    };
  }

  private DoubleUnaryOperator decay() {
    return kind == Kind.SOFT_LINEAR
        ? iou -> iou > threshold ? 1 - iou : 1
        : iou -> Math.exp(-iou * iou / sigma);
  }

  private Kept merged(float[] boxes, float[] scores, int[] order, Corners corners, int n) {
    return mean(
        boxes, scores, order, n, j -> j == n || corners.iou(n, corners, j) > threshold ? 1 : 0);
  }

  /** A kept box as the mean of some candidates, weighted by score and by a factor of its own. */
  private static Kept mean(
      float[] boxes, float[] scores, int[] order, int n, IntToDoubleFunction factor) {
    double[] sum = new double[4];
    double weights = 0;
    for (int j = 0; j < order.length; j++) {
      double score = scores[order[j]];
      double weight = score > 0 ? score * factor.applyAsDouble(j) : 0;
      if (weight > 0) {
        weights += weight;
        for (int k = 0; k < 4; k++) {
          sum[k] += weight * boxes[4 * order[j] + k];
        }
      }
    }
    float score = scores[order[n]];
    return weights == 0
        ? kept(boxes, order[n], score)
        : new Kept(
            order[n],
            score,
            (float) (sum[0] / weights),
            (float) (sum[1] / weights),
            (float) (sum[2] / weights),
            (float) (sum[3] / weights));
  }
}
