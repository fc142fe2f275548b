package dev.peregrine.yolo.eval;

import dev.peregrine.tensor.FormatException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The unit of matching: predictions and true objects of one category in one picture.
 *
 * <p>All protocols start here; they differ in how they pair the two lists and in the average they
 * draw from the pairs.
 *
 * @param predictions by falling score; equal scores keep the order in which they were handed over
 * @param arrival the places in {@code predictions} in the order in which they were handed over
 * @param truths in the order of the annotations
 */
record Cell(List<Prediction> predictions, int[] arrival, List<GroundTruth> truths) {

  private static Cell of(List<Prediction> given, List<GroundTruth> truths) {
    int[] order = byFallingScore(given.stream().mapToDouble(Prediction::score).toArray());
    int[] arrival = new int[order.length];
    for (int place = 0; place < order.length; place++) {
      arrival[order[place]] = place;
    }
    return new Cell(Arrays.stream(order).mapToObj(given::get).toList(), arrival, truths);
  }

  /**
   * Sorts everything into cells.
   *
   * <p>Predictions of categories that the annotations do not list are left out: nobody can say
   * whether they are right. Empty cells are left out too.
   *
   * @return for every listed category its cells in the order of picture ids
   */
  static SortedMap<Integer, List<Cell>> group(
      Annotations annotations, List<Prediction> predictions) {
    List<Scene> scenes = Scene.of(annotations, predictions);
    List<SortedMap<Integer, Cell>> cells = scenes.parallelStream().map(Cell::ofOnePicture).toList();
    SortedMap<Integer, List<Cell>> grouped = new TreeMap<>();
    annotations.categories().keySet().forEach(id -> grouped.put(id, new ArrayList<>()));
    for (SortedMap<Integer, Cell> picture : cells) {
      picture.forEach((id, cell) -> {
        List<Cell> row = grouped.get(id);
        if (row != null) {
          row.add(cell);
        }
      });
    }
    grouped.replaceAll((_, row) -> Collections.unmodifiableList(row));
    return grouped;
  }

  /** The cells of one picture by category, of those categories that occur there. */
  static SortedMap<Integer, Cell> ofOnePicture(Scene scene) {
    Map<Integer, List<Prediction>> claimed = new HashMap<>();
    SortedMap<Integer, List<GroundTruth>> actual = new TreeMap<>();
    for (Prediction p : scene.predictions()) {
      if (Double.isNaN(p.score() + p.x1() + p.y1() + p.x2() + p.y2())) {
        throw new FormatException(
            "a prediction of picture " + p.imageId() + " is not a number: " + p);
      }
      claimed.computeIfAbsent(p.category(), _ -> new ArrayList<>()).add(p);
      actual.computeIfAbsent(p.category(), _ -> new ArrayList<>());
    }
    for (GroundTruth g : scene.truths()) {
      actual.computeIfAbsent(g.category(), _ -> new ArrayList<>()).add(g);
    }
    SortedMap<Integer, Cell> cells = new TreeMap<>();
    actual.forEach((id, truths) -> cells.put(id, of(claimed.getOrDefault(id, List.of()), truths)));
    return cells;
  }

  /** How many predictions there are. */
  int size() {
    return predictions.size();
  }

  /** The first {@code limit} predictions only. */
  Cell limited(int limit) {
    return predictions.size() <= limit
        ? this
        : new Cell(
            predictions.subList(0, limit),
            Arrays.stream(arrival).filter(place -> place < limit).toArray(),
            truths);
  }

  /** Intersection over union of every prediction (rows) with every true object (columns). */
  double[][] overlaps() {
    double[][] overlaps = new double[predictions.size()][truths.size()];
    for (int p = 0; p < overlaps.length; p++) {
      for (int g = 0; g < overlaps[p].length; g++) {
        overlaps[p][g] = Overlap.of(predictions.get(p), truths.get(g));
      }
    }
    return overlaps;
  }

  /**
   * The order of falling scores over many cells; equal scores keep their order.
   *
   * @return indices into {@code scores}
   */
  static int[] byFallingScore(double[] scores) {
    Integer[] order = new Integer[scores.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Double.compare(scores[b], scores[a]));
    return Arrays.stream(order).mapToInt(Integer::intValue).toArray();
  }
}
