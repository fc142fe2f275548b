package dev.peregrine.yolo.darknet;

import java.util.List;

/**
 * The settings of a {@code [yolo]} layer besides its anchors and classes.
 *
 * @param decoding how the raw head becomes boxes, and how boxes are thinned out
 * @param loss how the layer is trained
 * @param sampling how training pictures are drawn; darknet takes it from the last {@code [yolo]}
 */
public record YoloOptions(Decoding decoding, Loss loss, Sampling sampling) {

  /** The way overlapping boxes are removed. */
  public enum NmsKind {
    /** Darknet's default: plain overlap, class by class. */
    DEFAULT,
    /** Overlap with a distance term. */
    GREEDYNMS,
    /** Overlap with a distance term to the power {@code beta_nms}. */
    DIOUNMS,
    /** Overlap of corners. */
    CORNERSNMS
  }

  /** The measure of overlap that a box loss or a threshold uses. */
  public enum BoxLoss {
    /** Squared differences of the box's four numbers. */
    MSE,
    /** Intersection over union. */
    IOU,
    /** Generalised intersection over union. */
    GIOU,
    /** Intersection over union with a distance term. */
    DIOU,
    /** Intersection over union with a distance and a shape term. */
    CIOU
  }

  /**
   * From head values to boxes.
   *
   * @param scaleXy {@code scale_x_y}: the centre's sigmoid is stretched by this around one half
   * @param newCoords {@code new_coords}: the convolution before the layer has already applied the
   *     sigmoid, and width and height are {@code (2v)^2 * anchor}
   * @param nmsKind {@code nms_kind}
   * @param betaNms {@code beta_nms}: the exponent of {@code diounms}
   */
  public record Decoding(double scaleXy, boolean newCoords, NmsKind nmsKind, double betaNms) {}

  /**
   * The loss of one layer.
   *
   * @param boxLoss {@code iou_loss}
   * @param ignoreThreshold {@code ignore_thresh}: no objectness penalty above this overlap
   * @param truthThreshold {@code truth_thresh}: a cell above this overlap counts as positive
   * @param iouThreshold {@code iou_thresh}: further anchors of the mask above this overlap of
   *     shapes are positive too; 1 switches it off
   * @param iouThresholdKind {@code iou_thresh_kind}: the measure of that threshold
   * @param iouNormalizer {@code iou_normalizer}: factor of the box loss
   * @param objNormalizer {@code obj_normalizer}: factor of the objectness loss
   * @param clsNormalizer {@code cls_normalizer}: factor of the class loss
   * @param deltaNormalizer {@code delta_normalizer}: factor of all gradients
   * @param objectnessSmooth {@code objectness_smooth}: overlap as the objectness target
   * @param labelSmoothing {@code label_smooth_eps}
   * @param focalLoss {@code focal_loss}
   * @param maxDelta {@code max_delta}: bound of the box gradients, infinite when not given
   * @param countersPerClass {@code counters_per_class}: objects of each class in the data, or empty
   * @param maxTruths {@code max}: truths per picture that count
   */
  public record Loss(
      BoxLoss boxLoss,
      double ignoreThreshold,
      double truthThreshold,
      double iouThreshold,
      BoxLoss iouThresholdKind,
      double iouNormalizer,
      double objNormalizer,
      double clsNormalizer,
      double deltaNormalizer,
      boolean objectnessSmooth,
      double labelSmoothing,
      boolean focalLoss,
      double maxDelta,
      List<Integer> countersPerClass,
      int maxTruths) {}

  /**
   * How training pictures are drawn.
   *
   * @param jitter {@code jitter}: largest shift of each border as a part of the picture's size
   * @param resize {@code resize}: largest factor of size
   * @param random {@code random}: 0 for a fixed network size, 1 for darknet's range of sizes,
   *     otherwise the range itself
   */
  public record Sampling(double jitter, double resize, double random) {}
}
