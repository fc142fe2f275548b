package dev.peregrine.yolo.head;

/**
 * How darknet trains a head; the names are those of its {@code [yolo]} section.
 *
 * @param ignoreThreshold a box that overlaps a truth more than this is not taught to be background
 * @param truthThreshold a box that overlaps a truth more than this is taught to be an object
 * @param iouThreshold further anchors whose shape overlaps a truth more than this are responsible
 *     for it too; 1 for none
 * @param iouLoss what the box error is measured by
 * @param iouNormalizer weight of the box error
 * @param objectnessNormalizer weight of the objectness error
 * @param classNormalizer weight of the class error
 * @param maxDelta largest absolute box gradient of one number
 * @param objectnessSmooth whether the overlap itself is the objectness target
 * @param labelSmoothing how far class targets stay from 0 and 1
 * @param focal whether the class error is a focal one
 * @param similarity how the overlap of shapes is measured that {@code iouThreshold} is about
 * @param uncertaintyNormalizer weight of the error of the spreads, in a Gaussian head
 */
public record HeadTraining(
    double ignoreThreshold,
    double truthThreshold,
    double iouThreshold,
    IouLoss iouLoss,
    double iouNormalizer,
    double objectnessNormalizer,
    double classNormalizer,
    double maxDelta,
    boolean objectnessSmooth,
    double labelSmoothing,
    boolean focal,
    IouLoss similarity,
    double uncertaintyNormalizer) {

  /** What a box error is measured by. */
  public enum IouLoss {
    /** Squared differences of the numbers themselves. */
    MSE,
    /** Intersection over union. */
    IOU,
    /** Generalised, with the enclosing box. */
    GIOU,
    /** With the distance of the centres. */
    DIOU,
    /** With the distance of the centres and the aspect ratio. */
    CIOU
  }

  /**
   * A head without focal loss, whose shapes are compared by plain IoU.
   *
   * @param ignoreThreshold a box that overlaps a truth more than this is not taught to be
   *     background
   * @param truthThreshold a box that overlaps a truth more than this is taught to be an object
   * @param iouThreshold further anchors whose shape overlaps a truth more than this are responsible
   *     for it too; 1 for none
   * @param iouLoss what the box error is measured by
   * @param iouNormalizer weight of the box error
   * @param objectnessNormalizer weight of the objectness error
   * @param classNormalizer weight of the class error
   * @param maxDelta largest absolute box gradient of one number
   * @param objectnessSmooth whether the overlap itself is the objectness target
   * @param labelSmoothing how far class targets stay from 0 and 1
   */
  public HeadTraining(
      double ignoreThreshold,
      double truthThreshold,
      double iouThreshold,
      IouLoss iouLoss,
      double iouNormalizer,
      double objectnessNormalizer,
      double classNormalizer,
      double maxDelta,
      boolean objectnessSmooth,
      double labelSmoothing) {
    this(
        ignoreThreshold,
        truthThreshold,
        iouThreshold,
        iouLoss,
        iouNormalizer,
        objectnessNormalizer,
        classNormalizer,
        maxDelta,
        objectnessSmooth,
        labelSmoothing,
        false,
        IouLoss.IOU,
        1);
  }

  /** The values of {@code yolov4-tiny.cfg}. */
  public static final HeadTraining TINY =
      new HeadTraining(0.7, 1, 1, IouLoss.CIOU, 0.07, 1, 1, Double.POSITIVE_INFINITY, false, 0);
}
