package dev.peregrine.yolo.anchor;

import dev.peregrine.yolo.head.HeadSpec.Anchor;
import java.util.List;
import java.util.Locale;

/**
 * How well anchors suit boxes.
 *
 * <p><b>Formula</b> the likeness of a box and an anchor is {@code min(w / a_w, a_w / w, h / a_h,
 * a_h / h)}, 1 for the same shape. A box is within reach of an anchor if their likeness exceeds
 * {@code 1 / ratio}; that is how family P chooses the anchors that are taught a box. Family D
 * compares by {@code IoU} of the two shapes laid on one corner.
 *
 * <p><b>Source</b> ScaledYOLOv4 {@code check_anchors}; darknet {@code calc_anchors}.
 *
 * @param bestPossibleRecall the share of the boxes within reach of some anchor
 * @param anchorsPerBox how many anchors reach a box, on average
 * @param fitness the mean of the best likeness, counting 0 for boxes out of reach: what evolution
 *     raises
 * @param meanIou the mean over the boxes of the best IoU
 */
public record AnchorScore(
    double bestPossibleRecall, double anchorsPerBox, double fitness, double meanIou) {

  /**
   * Measures anchors.
   *
   * @param anchors at least one
   * @param boxes what they are to suit; of none, every number is 0
   * @param ratio how many times larger or smaller a side may be, family P's {@code anchor_t}; at
   *     least 1
   * @return the numbers
   */
  public static AnchorScore of(List<Anchor> anchors, BoxSizes boxes, double ratio) {
    require(anchors, ratio);
    double least = 1 / ratio;
    return new AnchorScore(
        boxes.mean((w, h) -> best(anchors, w, h) > least ? 1 : 0),
        boxes.mean((w, h) -> {
          int reached = 0;
          for (Anchor anchor : anchors) {
            reached += likeness(anchor, w, h) > least ? 1 : 0;
          }
          return reached;
        }),
        fitness(anchors, boxes, least),
        meanIou(anchors, boxes));
  }

  /**
   * Says that other anchors are worth while, if they are.
   *
   * @param boxes how many were measured
   * @return one sentence; empty where {@link AnchorCheck#ENOUGH} of the boxes are reached
   */
  public String warning(int boxes) {
    return boxes == 0 || bestPossibleRecall >= AnchorCheck.ENOUGH
        ? ""
        : String.format(
            Locale.ROOT,
            "only %.1f%% of %,d boxes are near enough to an anchor to be learned; train at a larger"
                + " imgsz or with other anchors",
            100 * bestPossibleRecall,
            boxes);
  }

  static void require(List<Anchor> anchors, double ratio) {
    if (anchors.isEmpty() || !(ratio >= 1)) {
      throw new IllegalArgumentException(
          "anchors are measured at a ratio of at least 1 and there must be one at least, got ratio "
              + ratio
              + " and "
              + anchors.size()
              + " anchors");
    }
  }

  static double fitness(List<Anchor> anchors, BoxSizes boxes, double least) {
    return boxes.mean((w, h) -> {
      double best = best(anchors, w, h);
      return best > least ? best : 0;
    });
  }

  static double meanIou(List<Anchor> anchors, BoxSizes boxes) {
    return boxes.mean((w, h) -> {
      double best = 0;
      for (Anchor anchor : anchors) {
        best = Math.max(best, iou(anchor, w, h));
      }
      return best;
    });
  }

  private static double best(List<Anchor> anchors, double width, double height) {
    double best = 0;
    for (Anchor anchor : anchors) {
      best = Math.max(best, likeness(anchor, width, height));
    }
    return best;
  }

  private static double likeness(Anchor anchor, double width, double height) {
    double across = width / anchor.width();
    double down = height / anchor.height();
    return Math.min(Math.min(across, 1 / across), Math.min(down, 1 / down));
  }

  /** Intersection over union of two shapes laid on one corner. */
  static double iou(Anchor anchor, double width, double height) {
    double shared = Math.min(anchor.width(), width) * Math.min(anchor.height(), height);
    return shared / (anchor.width() * anchor.height() + width * height - shared);
  }
}
