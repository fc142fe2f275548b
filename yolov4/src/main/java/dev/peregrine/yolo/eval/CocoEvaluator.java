package dev.peregrine.yolo.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * COCO's evaluation of detections.
 *
 * <p>Per category, ten match thresholds and four size ranges, predictions are paired with objects
 * (see {@link CocoMatcher}), all pictures' predictions are put in one order of falling score, and
 * precision is read off at 101 values of recall from its envelope. AP is the mean of those values,
 * AR the recall reached in the end; categories without objects do not enter the means.
 *
 * <p><b>Source</b> T.-Y. Lin et al., Microsoft COCO: Common Objects in Context, 2014, and the
 * protocol published with that data set.
 */
public final class CocoEvaluator {
  /** Predictions of one category in one picture beyond this many are not looked at. */
  public static final int MOST_PREDICTIONS = 100;

  static final double[] THRESHOLDS = thresholds();

  /** All, small, medium and large: least and most area of each range, both inclusive. */
  static final double[][] AREAS = {{0, 1e10}, {0, 32 * 32}, {32 * 32, 96 * 96}, {96 * 96, 1e10}};

  private static final List<String> AREA_NAMES = List.of("", "small", "medium", "large");

  private CocoEvaluator() {}

  /**
   * Judges predictions.
   *
   * <p><b>Errors</b> {@link dev.peregrine.tensor.FormatException} for a prediction of a picture
   * that is not listed and for one that is not a number.
   *
   * <p><b>Cost</b> some seconds for 5,000 pictures with 100 predictions each; cells are matched on
   * all cores, and the result does not depend on their number.
   *
   * @param annotations what is true
   * @param predictions what is claimed, in any order (among equal scores of a picture the first one
   *     goes first); those of unlisted categories are left out
   * @return the twelve numbers, and those of the categories
   */
  public static CocoResult evaluate(Annotations annotations, List<Prediction> predictions) {
    CocoAccumulator pictures = new CocoAccumulator(annotations.categories());
    Scene.of(annotations, predictions).parallelStream().forEach(pictures::add);
    return pictures.result();
  }

  /** The averages over cells that are in the order of picture ids. */
  static CocoResult average(
      SortedMap<Integer, String> categories, SortedMap<Integer, List<CocoCell>> cells) {
    List<Integer> ids = List.copyOf(cells.keySet());
    ClassScores[] scores = new ClassScores[ids.size()];
    IntStream.range(0, scores.length)
        .parallel()
        .forEach(k -> scores[k] = judge(cells.getOrDefault(ids.get(k), List.of())));

    SortedMap<Integer, CocoResult.ClassResult> classes = new TreeMap<>();
    for (int k = 0; k < scores.length; k++) {
      ClassScores s = scores[k];
      classes.put(
          ids.get(k),
          new CocoResult.ClassResult(
              categories.getOrDefault(ids.get(k), ""),
              s.counted[0],
              mean(s.ap[0]),
              s.ap[0][0],
              s.ap[0][5],
              mean(s.recall[0])));
    }
    return new CocoResult(numbers(scores), perThreshold(scores), classes);
  }

  private static SequencedMap<String, Double> numbers(ClassScores[] scores) {
    SequencedMap<String, Double> numbers = new LinkedHashMap<>();
    numbers.put("AP", mean(scores, s -> s.ap[0]));
    numbers.put("AP50", mean(scores, s -> new double[] {s.ap[0][0]}));
    numbers.put("AP75", mean(scores, s -> new double[] {s.ap[0][5]}));
    for (int a = 1; a < AREAS.length; a++) {
      int area = a;
      numbers.put("AP" + AREA_NAMES.get(a), mean(scores, s -> s.ap[area]));
    }
    numbers.put("AR1", mean(scores, s -> s.recallOf1));
    numbers.put("AR10", mean(scores, s -> s.recallOf10));
    numbers.put("AR100", mean(scores, s -> s.recall[0]));
    for (int a = 1; a < AREAS.length; a++) {
      int area = a;
      numbers.put("AR" + AREA_NAMES.get(a), mean(scores, s -> s.recall[area]));
    }
    return numbers;
  }

  private static SequencedMap<String, Double> perThreshold(ClassScores[] scores) {
    SequencedMap<String, Double> rows = new LinkedHashMap<>();
    for (int i = 0; i < THRESHOLDS.length; i++) {
      int t = i;
      rows.put(
          String.format(Locale.ROOT, "%.2f", THRESHOLDS[t]),
          mean(scores, s -> new double[] {s.ap[0][t]}));
    }
    return rows;
  }

  /** Everything of one category, by size range and threshold; -1 where no object counts. */
  private record ClassScores(
      int[] counted, double[][] ap, double[][] recall, double[] recallOf1, double[] recallOf10) {}

  private static ClassScores judge(List<CocoCell> cells) {
    Ranked ranked = Ranked.of(cells);
    int[] counted = new int[AREAS.length];
    double[][] ap = new double[AREAS.length][THRESHOLDS.length];
    double[][] recall = new double[AREAS.length][];
    for (int a = 0; a < AREAS.length; a++) {
      for (CocoCell cell : cells) {
        counted[a] += cell.counted()[a];
      }
      recall[a] = recall(cells, a, counted[a], MOST_PREDICTIONS);
      for (int t = 0; t < THRESHOLDS.length; t++) {
        ap[a][t] = counted[a] == 0 ? -1 : ranked.curve(a, t, counted[a]).sampledAverage();
      }
    }
    return new ClassScores(
        counted, ap, recall, recall(cells, 0, counted[0], 1), recall(cells, 0, counted[0], 10));
  }

  /** All predictions of a category in one order of falling score. */
  private record Ranked(double[] score, long[] found, long[] leftOut) {

    static Ranked of(List<CocoCell> cells) {
      int total = cells.stream().mapToInt(CocoCell::size).sum();
      double[] score = new double[total];
      long[] found = new long[total];
      long[] leftOut = new long[total];
      int next = 0;
      for (CocoCell cell : cells) {
        System.arraycopy(cell.score(), 0, score, next, cell.size());
        System.arraycopy(cell.found(), 0, found, next, cell.size());
        System.arraycopy(cell.leftOut(), 0, leftOut, next, cell.size());
        next += cell.size();
      }
      int[] order = Cell.byFallingScore(score);
      return new Ranked(
          Arrays.stream(order).mapToDouble(i -> score[i]).toArray(),
          Arrays.stream(order).mapToLong(i -> found[i]).toArray(),
          Arrays.stream(order).mapToLong(i -> leftOut[i]).toArray());
    }

    PrecisionRecall curve(int area, int threshold, int counted) {
      long bit = 1L << (area * THRESHOLDS.length + threshold);
      byte[] outcomes = new byte[score.length];
      for (int r = 0; r < outcomes.length; r++) {
        if ((found[r] & bit) != 0) {
          outcomes[r] = CocoMatcher.TRUE_POSITIVE;
        } else if ((leftOut[r] & bit) != 0) {
          outcomes[r] = CocoMatcher.LEFT_OUT;
        }
      }
      return PrecisionRecall.of(outcomes, score, counted);
    }
  }

  /** The recall in the end, by threshold, if each picture keeps only its best predictions. */
  private static double[] recall(List<CocoCell> cells, int area, int counted, int kept) {
    double[] recall = new double[THRESHOLDS.length];
    for (int t = 0; t < recall.length; t++) {
      int found = 0;
      for (CocoCell cell : cells) {
        found += cell.foundAmong(kept, area, t);
      }
      recall[t] = counted == 0 ? -1 : (double) found / counted;
    }
    return recall;
  }

  private static double mean(ClassScores[] scores, Function<ClassScores, double[]> values) {
    List<Double> all = new ArrayList<>();
    for (ClassScores s : scores) {
      for (double value : values.apply(s)) {
        all.add(value);
      }
    }
    return mean(all.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /** The mean of the numbers that have a meaning. */
  private static double mean(double[] values) {
    double sum = 0;
    int count = 0;
    for (double value : values) {
      if (value > -1) {
        sum += value;
        count++;
      }
    }
    return count == 0 ? -1 : sum / count;
  }

  private static double[] thresholds() {
    double[] thresholds = new double[10];
    double step = (0.95 - 0.5) / 9;
    for (int i = 0; i < 9; i++) {
      thresholds[i] = 0.5 + i * step;
    }
    thresholds[9] = 0.95;
    return thresholds;
  }
}
