package dev.peregrine.yolo.box;

/**
 * How well two boxes agree: intersection over union and its relatives.
 *
 * <p>All work in double precision on boxes by centre and size, in any unit; two boxes are the
 * arguments {@code (x1, y1, w1, h1)} and {@code (x2, y2, w2, h2)}. 1 means the same box. Only IoU
 * is never negative; the others keep falling as boxes move apart, so they still pull when nothing
 * overlaps.
 *
 * <p><b>Source</b> GIoU: Rezatofighi et al. 2019; DIoU and CIoU: Zheng et al. 2020.
 */
public final class Overlap {
  /** Keeps divisions by empty areas defined, as the PyTorch programs do. */
  private static final double EPSILON = 1e-16;

  /** The exponent that darknet gives the distance term; the paper has 1. */
  private static final double DARKNET_POWER = 0.6;

  private Overlap() {}

  /**
   * Intersection over union of two boxes by corners.
   *
   * @param a one box
   * @param b the other box
   * @return 0..1
   */
  public static double iou(Box a, Box b) {
    double width = Math.min(a.x2(), b.x2()) - (double) Math.max(a.x1(), b.x1());
    double height = Math.min(a.y2(), b.y2()) - (double) Math.max(a.y1(), b.y1());
    double inter = Math.max(0, width) * Math.max(0, height);
    double areaA = ((double) a.x2() - a.x1()) * ((double) a.y2() - a.y1());
    double areaB = ((double) b.x2() - b.x1()) * ((double) b.y2() - b.y1());
    return inter / (areaA + areaB - inter + EPSILON);
  }

  /**
   * Intersection over union.
   *
   * <p><b>Formula</b> {@code I / U}.
   *
   * @param x1 centre of one box
   * @param y1 centre of one box
   * @param w1 width of one box
   * @param h1 height of one box
   * @param x2 centre of the other
   * @param y2 centre of the other
   * @param w2 width of the other
   * @param h2 height of the other
   * @return 0..1
   */
  public static double iou(
      double x1, double y1, double w1, double h1, double x2, double y2, double w2, double h2) {
    double inter = shared(x1, w1, x2, w2) * shared(y1, h1, y2, h2);
    return inter / (w1 * h1 + w2 * h2 - inter + EPSILON);
  }

  /**
   * Generalised IoU: less the part of the enclosing box that neither covers.
   *
   * <p><b>Formula</b> {@code IoU - (C - U) / C} with C the area of the smallest box around both.
   *
   * @param x1 centre of one box
   * @param y1 centre of one box
   * @param w1 width of one box
   * @param h1 height of one box
   * @param x2 centre of the other
   * @param y2 centre of the other
   * @param w2 width of the other
   * @param h2 height of the other
   * @return -1..1
   */
  public static double giou(
      double x1, double y1, double w1, double h1, double x2, double y2, double w2, double h2) {
    double inter = shared(x1, w1, x2, w2) * shared(y1, h1, y2, h2);
    double union = w1 * h1 + w2 * h2 - inter + EPSILON;
    double enclosing = spanned(x1, w1, x2, w2) * spanned(y1, h1, y2, h2) + EPSILON;
    return inter / union - (enclosing - union) / enclosing;
  }

  /**
   * Distance IoU: less the squared distance of the centres, measured by the enclosing box's
   * diagonal.
   *
   * <p><b>Formula</b> {@code IoU - d^2 / c^2}.
   *
   * @param x1 centre of one box
   * @param y1 centre of one box
   * @param w1 width of one box
   * @param h1 height of one box
   * @param x2 centre of the other
   * @param y2 centre of the other
   * @param w2 width of the other
   * @param h2 height of the other
   * @return -1..1
   */
  public static double diou(
      double x1, double y1, double w1, double h1, double x2, double y2, double w2, double h2) {
    return iou(x1, y1, w1, h1, x2, y2, w2, h2) - distance(x1, y1, w1, h1, x2, y2, w2, h2);
  }

  /**
   * Complete IoU: distance IoU less a term for different proportions. The first box is the
   * prediction, the second the truth.
   *
   * <p><b>Formula</b> {@code DIoU - alpha * v} with {@code v = 4 / pi^2 * (atan(w2 / h2) - atan(w1
   * / h1))^2} and {@code alpha = v / (1 - IoU + v)}.
   *
   * @param x1 centre of one box
   * @param y1 centre of one box
   * @param w1 width of one box
   * @param h1 height of one box
   * @param x2 centre of the other
   * @param y2 centre of the other
   * @param w2 width of the other
   * @param h2 height of the other
   * @return at most 1
   */
  public static double ciou(
      double x1, double y1, double w1, double h1, double x2, double y2, double w2, double h2) {
    double iou = iou(x1, y1, w1, h1, x2, y2, w2, h2);
    double turn = Math.atan(w2 / h2) - Math.atan(w1 / h1);
    double v = 4 / (Math.PI * Math.PI) * turn * turn;
    double alpha = v / (1 - iou + v + EPSILON);
    return iou - (distance(x1, y1, w1, h1, x2, y2, w2, h2) + alpha * v);
  }

  /**
   * What darknet calls DIoU when it measures or suppresses (not when it trains): the distance term
   * has the power 0.6.
   *
   * <p><b>Formula</b> {@code IoU - (d^2 / c^2)^0.6}.
   *
   * <p><b>Source</b> darknet {@code box_diou}.
   *
   * @param x1 centre of one box
   * @param y1 centre of one box
   * @param w1 width of one box
   * @param h1 height of one box
   * @param x2 centre of the other
   * @param y2 centre of the other
   * @param w2 width of the other
   * @param h2 height of the other
   * @return -1..1
   */
  public static double darknetDiou(
      double x1, double y1, double w1, double h1, double x2, double y2, double w2, double h2) {
    return iou(x1, y1, w1, h1, x2, y2, w2, h2)
        - Math.pow(distance(x1, y1, w1, h1, x2, y2, w2, h2), DARKNET_POWER);
  }

  private static double distance(
      double x1, double y1, double w1, double h1, double x2, double y2, double w2, double h2) {
    double width = spanned(x1, w1, x2, w2);
    double height = spanned(y1, h1, y2, h2);
    double dx = x2 - x1;
    double dy = y2 - y1;
    return (dx * dx + dy * dy) / (width * width + height * height + EPSILON);
  }

  /** Length that two stretches, by centre and extent, have in common. */
  private static double shared(double c1, double e1, double c2, double e2) {
    return Math.max(0, Math.min(c1 + e1 / 2, c2 + e2 / 2) - Math.max(c1 - e1 / 2, c2 - e2 / 2));
  }

  /** Length from the first to the last end of two stretches. */
  private static double spanned(double c1, double e1, double c2, double e2) {
    return Math.max(c1 + e1 / 2, c2 + e2 / 2) - Math.min(c1 - e1 / 2, c2 - e2 / 2);
  }
}
