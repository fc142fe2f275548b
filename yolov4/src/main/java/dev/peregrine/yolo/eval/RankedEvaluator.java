package dev.peregrine.yolo.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

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
    Counts total = new Counts();
    SortedMap<Integer, List<Cell>> cells = Cell.group(annotations, predictions);
    List<Judged> judged =
        cells.values().parallelStream().map(row -> judge(row, protocol, confidence)).toList();
    int next = 0;
    for (int id : cells.keySet()) {
      Judged one = judged.get(next++);
      if (one.counts.objects > 0 || protocol.countEmpty()) {
        sum += one.ap;
        averaged++;
      }
      total.add(one.counts);
      classes.put(
          id,
          new RankedResult.ClassResult(
              annotations.categories().getOrDefault(id, ""),
              one.ap,
              one.counts.objects,
              one.counts.found,
              one.counts.wrong));
    }
    int all = total.found + total.wrong;
    return new RankedResult(
        averaged == 0 ? 0 : sum / averaged,
        classes,
        confidence,
        total.found,
        total.wrong,
        total.objects,
        all == 0 ? 0 : total.overlap / all);
  }

  private record Judged(double ap, Counts counts) {}

  /** One category: its average and its counts. */
  private static Judged judge(List<Cell> cells, RankedProtocol protocol, double confidence) {
    Counts counts = new Counts();
    List<byte[]> outcomes = new ArrayList<>();
    for (Cell cell : cells) {
      Pointers pointers = point(cell, protocol);
      byte[] ranked = outcomes(cell, pointers, IntStream.range(0, cell.size()).toArray());
      outcomes.add(ranked);
      counts.add(
          cell,
          pointers,
          protocol.countByArrival() ? outcomes(cell, pointers, cell.arrival()) : ranked,
          confidence);
    }
    Ranking ranking = Ranking.of(cells);
    PrecisionRecall curve =
        PrecisionRecall.of(ranking.gather(outcomes), ranking.score(), counts.objects);
    return new Judged(average(curve, protocol.average()), counts);
  }

  /** What predictions above the confidence amount to. */
  private static final class Counts {
    private int found;
    private int wrong;
    private int objects;
    private double overlap;

    void add(Cell cell, Pointers pointers, byte[] outcomes, double confidence) {
      for (GroundTruth truth : cell.truths()) {
        objects += truth.crowd() ? 0 : 1;
      }
      for (int p = 0; p < outcomes.length; p++) {
        if (cell.predictions().get(p).score() > confidence) {
          if (outcomes[p] == CocoMatcher.TRUE_POSITIVE) {
            found++;
            overlap += pointers.overlap[p];
          } else if (outcomes[p] == CocoMatcher.FALSE_POSITIVE) {
            wrong++;
          }
        }
      }
    }

    void add(Counts other) {
      found += other.found;
      wrong += other.wrong;
      objects += other.objects;
      overlap += other.overlap;
    }
  }

  private static double average(PrecisionRecall curve, RankedProtocol.Average average) {
    return switch (average) {
      case POINTS_11 -> PrecisionRecall.mean(curve.sampled(11));
      case POINTS_101 -> PrecisionRecall.mean(curve.sampled(101));
      case AREA -> curve.area();
    };
  }

  /** The object every prediction of a cell points at (-1 for none), and the overlap with it. */
  private record Pointers(int[] object, double[] overlap) {}

  private static Pointers point(Cell cell, RankedProtocol protocol) {
    int[] object = new int[cell.size()];
    double[] overlap = new double[cell.size()];
    for (int p = 0; p < object.length; p++) {
      Prediction prediction = cell.predictions().get(p);
      int best = -1;
      for (int g = 0; g < cell.truths().size(); g++) {
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
      object[p] = enough ? best : -1;
    }
    return new Pointers(object, overlap);
  }

  /** Who finds what if predictions come in the given order: the first at each object. */
  private static byte[] outcomes(Cell cell, Pointers pointers, int[] order) {
    byte[] outcomes = new byte[order.length];
    boolean[] used = new boolean[cell.truths().size()];
    for (int p : order) {
      int object = pointers.object[p];
      if (object < 0 || used[object]) {
        outcomes[p] = CocoMatcher.FALSE_POSITIVE;
      } else if (cell.truths().get(object).crowd()) {
        outcomes[p] = CocoMatcher.LEFT_OUT;
      } else {
        used[object] = true;
        outcomes[p] = CocoMatcher.TRUE_POSITIVE;
      }
    }
    return outcomes;
  }

  private static GroundTruth plain(GroundTruth g) {
    return g.crowd()
        ? new GroundTruth(
            g.imageId(), g.category(), g.x1(), g.y1(), g.x2(), g.y2(), g.area(), false, g.boxArea())
        : g;
  }
}
