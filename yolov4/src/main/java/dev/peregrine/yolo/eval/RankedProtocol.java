package dev.peregrine.yolo.eval;

/**
 * What tells the protocols apart that rank predictions and pair each with the object it overlaps
 * most: Pascal VOC's and darknet's.
 *
 * @param matchIou the overlap that makes a match
 * @param average how the curve becomes one number
 * @param inclusive whether corners name the first and last pixel inside a box, so that its width is
 *     {@code x2 - x1 + 1}
 * @param strict whether the overlap must exceed {@code matchIou}, not merely reach it
 * @param countEmpty whether categories without objects enter the mean, as zeros
 * @param countByArrival whether, in the counts at one confidence (not in the averages), an object
 *     is taken by whichever matching prediction was handed over first, even one below the
 *     confidence, and not by the one with the highest score
 */
public record RankedProtocol(
    double matchIou,
    Average average,
    boolean inclusive,
    boolean strict,
    boolean countEmpty,
    boolean countByArrival) {

  /** How a curve of precision over recall becomes one number. */
  public enum Average {
    /** The mean of the envelope at recalls 0, 0.1 ... 1. */
    POINTS_11,
    /** The mean of the envelope at recalls 0, 0.01 ... 1. */
    POINTS_101,
    /** The area under the envelope. */
    AREA
  }

  /** Checks the threshold. */
  public RankedProtocol {
    if (!(matchIou >= 0 && matchIou <= 1)) {
      throw new IllegalArgumentException("match IoU must be in [0, 1], got " + matchIou);
    }
  }

  /**
   * Pascal VOC as it was judged in 2007: eleven points.
   *
   * @return the protocol, at match IoU 0.5
   */
  public static RankedProtocol voc07() {
    return new RankedProtocol(0.5, Average.POINTS_11, true, false, false, false);
  }

  /**
   * Pascal VOC as it has been judged since 2010: the area under the envelope, every point counted.
   *
   * @return the protocol, at match IoU 0.5
   */
  public static RankedProtocol voc() {
    return new RankedProtocol(0.5, Average.AREA, true, false, false, false);
  }

  /**
   * Darknet's {@code detector map}.
   *
   * @param points 0 for the area, 11 or 101 for the mean over that many recalls
   * @param matchIou the overlap that must be exceeded, usually 0.5
   * @return the protocol
   */
  public static RankedProtocol darknet(int points, double matchIou) {
    Average average =
        switch (points) {
          case 0 -> Average.AREA;
          case 11 -> Average.POINTS_11;
          case 101 -> Average.POINTS_101;
          default ->
              throw new IllegalArgumentException(
                  "darknet's average has 0 (area), 11 or 101 points, not " + points);
        };
    return new RankedProtocol(matchIou, average, false, true, true, true);
  }

  /**
   * The same protocol at another overlap.
   *
   * @param iou the overlap that makes a match
   * @return the changed copy
   */
  public RankedProtocol withMatchIou(double iou) {
    return new RankedProtocol(iou, average, inclusive, strict, countEmpty, countByArrival);
  }
}
