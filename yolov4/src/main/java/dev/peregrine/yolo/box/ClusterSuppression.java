package dev.peregrine.yolo.box;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Suppression by whole clusters: what is suppressed no longer suppresses, which is found by rounds
 * over a table of agreements instead of box by box; then each kept box becomes a mean.
 *
 * <p>The rounds end where one changes nothing, and what then is kept is what greedy suppression
 * keeps: after round n, that is right for the n best boxes.
 *
 * <p><b>Formula</b> agreement of boxes i and j, where i is better: {@code IoU - (d^2 / c^2)^0.7}, 0
 * for all others. Box j is kept where no kept box i agrees by more than the threshold. Its mean is
 * over itself and all worse boxes with which it agrees by more than 0.8, weighted by score times
 * agreement (1 with itself).
 *
 * <p><b>Cost</b> a table of the square of the candidates, of which there are at most {@link #MOST}.
 *
 * <p><b>Source</b> Zheng et al. 2020, "Enhancing Geometric Factors in Model Learning and Inference
 * for Object Detection and Instance Segmentation"; ScaledYOLOv4 {@code non_max_suppression2}.
 */
final class ClusterSuppression {
  /** The best candidates that are looked at, those of all classes together. */
  static final int MOST = 1500;

  private static final double POWER = 0.7;
  private static final double ALIKE = 0.8;
  private static final int ROUNDS = 200;

  private final float[][] agreements;
  private final double threshold;

  /**
   * Measures all pairs.
   *
   * @param corners from the highest score down
   * @param threshold boxes that agree by more are one object
   */
  ClusterSuppression(Corners corners, double threshold) {
    this.threshold = threshold;
    this.agreements = new float[corners.size()][];
    for (int i = 0; i < agreements.length; i++) {
      float[] row = new float[agreements.length - i - 1];
      for (int j = 0; j < row.length; j++) {
        int other = i + 1 + j;
        double iou = corners.iou(i, corners, other);
        double penalty = iou > 0 ? Math.pow(corners.distance(i, corners, other), POWER) : 0;
        row[j] = (float) Math.max(0, iou - penalty);
      }
      agreements[i] = row;
    }
  }

  /** The positions of the boxes to keep, the best first. */
  List<Integer> kept() {
    boolean[] active = new boolean[agreements.length];
    Arrays.fill(active, true);
    boolean changed = true;
    for (int round = 0; round < ROUNDS && changed; round++) {
      boolean[] next = unsuppressed(active);
      changed = !Arrays.equals(next, active);
      active = next;
    }
    List<Integer> kept = new ArrayList<>();
    for (int i = 0; i < active.length; i++) {
      if (active[i]) {
        kept.add(i);
      }
    }
    return kept;
  }

  /** Which boxes no active one suppresses. */
  private boolean[] unsuppressed(boolean[] active) {
    boolean[] free = new boolean[active.length];
    Arrays.fill(free, true);
    for (int i = 0; i < active.length; i++) {
      for (int j = 0; active[i] && j < agreements[i].length; j++) {
        if (agreements[i][j] > threshold) {
          free[i + 1 + j] = false;
        }
      }
    }
    return free;
  }

  /**
   * The weight with which a box enters the mean of a better one, or of itself.
   *
   * @param kept the better one
   * @param other not before it
   * @return 1 for itself, its agreement where that is large, else 0
   */
  double weight(int kept, int other) {
    if (other == kept) {
      return 1;
    }
    float agreement = agreements[kept][other - kept - 1];
    return agreement > ALIKE ? agreement : 0;
  }
}
