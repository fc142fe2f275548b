package dev.peregrine.yolo.eval;

import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Pascal VOC's and darknet's evaluation of detections.
 *
 * <p>Every prediction points at the object of its category it overlaps most. If the overlap is
 * enough, the highest-scored of those that point at one object has found it, and the others are
 * false, even where another object nearby is still free (COCO would give them that one). Precision
 * and recall along falling scores make a curve, and the protocol says how that becomes one number.
 */
public final class RankedEvaluator {
  private RankedEvaluator() {}

  /**
   * Judges predictions.
   *
   * <p><b>Errors</b> {@link dev.peregrine.tensor.FormatException} for a prediction of a picture
   * that is not listed and for one that is not a number.
   *
   * @param annotations what is true; objects marked as crowd (difficult) do not count
   * @param predictions what is claimed
   * @param protocol which rules
   * @param confidence the score above which predictions are counted for precision, recall and F1;
   *     darknet uses 0.25
   * @return averages and counts
   */
  public static RankedResult evaluate(
      Annotations annotations,
      List<Prediction> predictions,
      RankedProtocol protocol,
      double confidence) {
    SortedMap<Integer, RankedResult.ClassResult> classes = new TreeMap<>();
    double sum = 0;
    int averaged = 0;
    int truePositives = 0;
    int falsePositives = 0;
    int objects = 0;
    double overlaps = 0;
    for (var entry : Cell.group(annotations, predictions).entrySet()) {
      List<Cell> cells = entry.getValue();
      List<Pairs> pairs = cells.stream().map(c -> pair(c, protocol)).toList();
      Ranking ranking = Ranking.of(cells);
      byte[] outcomes = new byte[ranking.size()];
      int found = 0;
      int wrong = 0;
      for (int r = 0; r < outcomes.length; r++) {
        Pairs cell = pairs.get(ranking.cell()[r]);
        outcomes[r] = cell.outcome[ranking.place()[r]];
        if (ranking.score()[r] > confidence) {
          if (outcomes[r] == CocoMatcher.TRUE_POSITIVE) {
            found++;
            overlaps += cell.overlap[ranking.place()[r]];
          } else if (outcomes[r] == CocoMatcher.FALSE_POSITIVE) {
            wrong++;
          }
        }
      }
      int counted =
          cells.stream()
              .mapToInt(c -> (int) c.truths().stream().filter(t -> !t.crowd()).count())
              .sum();
      PrecisionRecall curve = PrecisionRecall.of(outcomes, ranking.score(), counted);
      double ap = average(curve, protocol.average());
      if (counted > 0 || protocol.countEmpty()) {
        sum += ap;
        averaged++;
      }
      truePositives += found;
      falsePositives += wrong;
      objects += counted;
      String name = annotations.categories().getOrDefault(entry.getKey(), "");
      classes.put(entry.getKey(), new RankedResult.ClassResult(name, ap, counted, found, wrong));
    }
    int all = truePositives + falsePositives;
    return new RankedResult(
        averaged == 0 ? 0 : sum / averaged,
        classes,
        confidence,
        truePositives,
        falsePositives,
        objects,
        all == 0 ? 0 : overlaps / all);
  }

  private static double average(PrecisionRecall curve, RankedProtocol.Average average) {
    return switch (average) {
      case POINTS_11 -> curve.sampledAverage(11);
      case POINTS_101 -> curve.sampledAverage(101);
      case AREA -> curve.area();
      case AREA_FROM_LEFT -> curve.areaFromLeft();
    };
  }

  /** What became of each prediction of a cell, and how well it fits the object it points at. */
  private record Pairs(byte[] outcome, double[] overlap) {}

  private static Pairs pair(Cell cell, RankedProtocol protocol) {
    int truths = cell.truths().size();
    byte[] outcome = new byte[cell.predictions().size()];
    double[] overlap = new double[outcome.length];
    boolean[] used = new boolean[truths];
    Arrays.fill(outcome, CocoMatcher.FALSE_POSITIVE);
    for (int p = 0; p < outcome.length; p++) {
      Prediction prediction = cell.predictions().get(p);
      int best = -1;
      for (int g = 0; g < truths; g++) {
        // Difficult objects are compared like any other, not like a crowd's region.
        GroundTruth truth = plain(cell.truths().get(g));
        double shared =
            protocol.inclusive()
                ? Overlap.inclusive(prediction, truth)
                : Overlap.of(prediction, truth);
        if (shared > overlap[p]) {
          overlap[p] = shared;
          best = g;
        }
      }
      boolean enough =
          protocol.strict() ? overlap[p] > protocol.matchIou() : overlap[p] >= protocol.matchIou();
      if (best < 0 || !enough) {
        continue;
      }
      if (cell.truths().get(best).crowd()) {
        outcome[p] = CocoMatcher.LEFT_OUT;
      } else if (!used[best]) {
        used[best] = true;
        outcome[p] = CocoMatcher.TRUE_POSITIVE;
      }
    }
    return new Pairs(outcome, overlap);
  }

  private static GroundTruth plain(GroundTruth g) {
    return g.crowd()
        ? new GroundTruth(
            g.imageId(), g.category(), g.x1(), g.y1(), g.x2(), g.y2(), g.area(), false)
        : g;
  }
}
