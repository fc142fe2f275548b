package dev.peregrine.yolo.eval;

/** Intersection over union of a prediction with a true box, in the variants the protocols use. */
final class Overlap {
  private Overlap() {}

  /**
   * Intersection over union of two boxes; a crowd is a region, so of the prediction alone.
   *
   * <p>The order of operations follows the published COCO evaluation, so that boxes that lie
   * exactly on a threshold fall on the same side.
   */
  static double of(Prediction p, GroundTruth g) {
    double width = Math.min(p.x2(), g.x2()) - Math.max(p.x1(), g.x1());
    double height = Math.min(p.y2(), g.y2()) - Math.max(p.y1(), g.y1());
    if (width <= 0 || height <= 0) {
      return 0;
    }
    double shared = width * height;
    double union = g.crowd() ? p.area() : p.area() + g.boxArea() - shared;
    return shared / union;
  }

  /**
   * The same where corners name the first and last pixel inside the box, as Pascal VOC's do: a box
   * from 3 to 5 is three pixels wide. Here {@code x2 - x1} is the width, so both boxes grow by one.
   */
  static double inclusive(Prediction p, GroundTruth g) {
    double width = Math.min(p.x2(), g.x2()) - Math.max(p.x1(), g.x1()) + 1;
    double height = Math.min(p.y2(), g.y2()) - Math.max(p.y1(), g.y1()) + 1;
    if (width <= 0 || height <= 0) {
      return 0;
    }
    double shared = width * height;
    double first = (p.x2() - p.x1() + 1) * (p.y2() - p.y1() + 1);
    double second = (g.x2() - g.x1() + 1) * (g.y2() - g.y1() + 1);
    return shared / (first + second - shared);
  }
}
