package dev.peregrine.yolo.eval;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Precision, recall and F1 as the confidence threshold rises, and precision against recall: what to
 * look at when choosing a threshold.
 *
 * <p>Pairs are COCO's at the given overlap, all sizes. At confidence c, predictions with score of
 * at least c are kept. Where none is left, precision is 1 and recall 0.
 *
 * @param matchIou the overlap that makes a match
 * @param classes one curve for each category that has objects, by category id
 * @param mean the mean of those curves, point by point
 */
public record ConfidenceCurves(double matchIou, List<Curve> classes, Curve mean) {
  /** Confidences run from 0 to 1 in this many points. */
  public static final int CONFIDENCES = 1001;

  /** Recalls of the precision-recall curve run from 0 to 1 in this many points. */
  public static final int RECALLS = 101;

  /**
   * The curves of one category.
   *
   * @param name the category's name
   * @param ap the area under precision against recall, at this one overlap
   * @param precision by confidence
   * @param recall by confidence
   * @param f1 by confidence
   * @param precisionAtRecall the envelope of precision, by recall
   */
  public record Curve(
      String name,
      double ap,
      double[] precision,
      double[] recall,
      double[] f1,
      double[] precisionAtRecall) {

    /**
     * The confidence at which F1 is highest.
     *
     * @return the middle of the best stretch, in [0, 1]
     */
    public double bestConfidence() {
      double best = Arrays.stream(f1).max().orElse(0);
      int first = 0;
      while (f1[first] < best) {
        first++;
      }
      int last = first;
      while (last + 1 < f1.length && f1[last + 1] == best) {
        last++;
      }
      return confidence((first + last) / 2);
    }

    /**
     * The highest F1.
     *
     * @return a number in [0, 1]
     */
    public double bestF1() {
      return Arrays.stream(f1).max().orElse(0);
    }
  }

  /** Copies the list. */
  public ConfidenceCurves {
    classes = List.copyOf(classes);
  }

  /**
   * The confidence of a point of a curve.
   *
   * @param point from 0 to {@link #CONFIDENCES} - 1
   * @return the confidence
   */
  public static double confidence(int point) {
    return point / (double) (CONFIDENCES - 1);
  }

  /**
   * Draws the curves of all categories.
   *
   * @param annotations what is true
   * @param predictions what is claimed
   * @param matchIou the overlap that makes a match, usually 0.5
   * @return the curves
   */
  public static ConfidenceCurves of(
      Annotations annotations, List<Prediction> predictions, double matchIou) {
    List<Curve> curves =
        Cell.group(annotations, predictions).entrySet().parallelStream()
            .flatMap(entry ->
                curve(
                    annotations.categories().getOrDefault(entry.getKey(), ""),
                    entry.getValue(),
                    matchIou)
                    .stream())
            .toList();
    return new ConfidenceCurves(matchIou, curves, mean(curves));
  }

  private static Optional<Curve> curve(String name, List<Cell> whole, double matchIou) {
    double[] threshold = {matchIou};
    List<Cell> cells = whole.stream().map(c -> c.limited(CocoEvaluator.MOST_PREDICTIONS)).toList();
    List<CocoMatcher> matches =
        cells.stream()
            .map(c -> CocoMatcher.match(c, c.overlaps(), threshold, 0, Double.MAX_VALUE))
            .toList();
    int objects = matches.stream().mapToInt(CocoMatcher::counted).sum();
    return objects == 0
        ? Optional.empty()
        : Optional.of(curve(name, Ranking.of(cells).curve(matches, 0, objects)));
  }

  private static Curve curve(String name, PrecisionRecall ranked) {
    double[] precision = new double[CONFIDENCES];
    double[] recall = new double[CONFIDENCES];
    double[] f1 = new double[CONFIDENCES];
    int kept = ranked.score().length;
    for (int i = 0; i < CONFIDENCES; i++) {
      while (kept > 0 && ranked.score()[kept - 1] < confidence(i)) {
        kept--;
      }
      precision[i] = kept == 0 ? 1 : ranked.precision()[kept - 1];
      recall[i] = kept == 0 ? 0 : ranked.recall()[kept - 1];
      double sum = precision[i] + recall[i];
      f1[i] = sum == 0 ? 0 : 2 * precision[i] * recall[i] / sum;
    }
    double[] atRecall = ranked.sampled(RECALLS);
    return new Curve(
        name, Arrays.stream(atRecall).average().orElse(0), precision, recall, f1, atRecall);
  }

  private static Curve mean(List<Curve> curves) {
    return new Curve(
        "all classes",
        curves.stream().mapToDouble(Curve::ap).average().orElse(0),
        mean(curves, Curve::precision, CONFIDENCES),
        mean(curves, Curve::recall, CONFIDENCES),
        mean(curves, Curve::f1, CONFIDENCES),
        mean(curves, Curve::precisionAtRecall, RECALLS));
  }

  private static double[] mean(List<Curve> curves, Function<Curve, double[]> values, int points) {
    double[] mean = new double[points];
    for (Curve curve : curves) {
      double[] v = values.apply(curve);
      for (int i = 0; i < points; i++) {
        mean[i] += v[i] / curves.size();
      }
    }
    return mean;
  }
}
