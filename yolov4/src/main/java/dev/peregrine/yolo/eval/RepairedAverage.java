package dev.peregrine.yolo.eval;

import dev.peregrine.yolo.eval.ErrorAnalysis.Cause;
import dev.peregrine.yolo.eval.SceneFaults.Claim;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Average precision as it would be if the faults of one cause were put right. */
final class RepairedAverage {
  /** The predictions of one category after the repair, in the order of pictures. */
  private static final class Column {
    private final List<Double> scores = new ArrayList<>();
    private final List<Byte> outcomes = new ArrayList<>();
    private int objects;
    private int missed;

    double average() {
      if (objects == missed) {
        return 1; // nothing is left to be asked for
      }
      double[] score = scores.stream().mapToDouble(Double::doubleValue).toArray();
      int[] order = Cell.byFallingScore(score);
      byte[] ranked = new byte[order.length];
      for (int r = 0; r < ranked.length; r++) {
        ranked[r] = outcomes.get(order[r]);
      }
      double[] sorted = Arrays.stream(order).mapToDouble(i -> score[i]).toArray();
      return PrecisionRecall.of(ranked, sorted, objects - missed).sampledAverage();
    }
  }

  private RepairedAverage() {}

  /**
   * The mean over categories with objects, -1 without any.
   *
   * @param repaired the cause, null for the average as it is
   */
  static double of(Annotations annotations, List<SceneFaults> scenes, @Nullable Cause repaired) {
    Map<Integer, Column> columns = new HashMap<>();
    annotations.categories().keySet().forEach(id -> columns.put(id, new Column()));
    for (SceneFaults scene : scenes) {
      scene.counted().forEach(truth -> column(columns, truth.category()).objects++);
      if (repaired == Cause.MISSED) {
        scene.missed().forEach(truth -> column(columns, truth.category()).missed++);
      }
      add(scene, repaired, columns);
    }
    double sum = 0;
    int averaged = 0;
    for (int id : annotations.categories().keySet()) {
      Column column = column(columns, id);
      if (column.objects > 0) {
        sum += column.average();
        averaged++;
      }
    }
    return averaged == 0 ? -1 : sum / averaged;
  }

  private static void add(
      SceneFaults scene, @Nullable Cause repaired, Map<Integer, Column> columns) {
    Map<GroundTruth, Boolean> taken = new IdentityHashMap<>();
    for (Claim claim : scene.claims()) {
      if (claim.outcome() == CocoMatcher.TRUE_POSITIVE && claim.truth() != null) {
        taken.put(claim.truth(), true);
      }
    }
    for (Claim claim : scene.claims()) {
      int category = claim.prediction().category();
      byte outcome = claim.outcome();
      GroundTruth truth = claim.truth();
      if (claim.cause() != null && claim.cause() == repaired) {
        boolean movable = repaired == Cause.LOCALISATION || repaired == Cause.CLASS;
        if (movable && truth != null && taken.put(truth, true) == null) {
          category = truth.category();
          outcome = CocoMatcher.TRUE_POSITIVE;
        } else {
          outcome = CocoMatcher.LEFT_OUT;
        }
      }
      Column column = column(columns, category);
      column.scores.add(claim.prediction().score());
      column.outcomes.add(outcome);
    }
  }

  private static Column column(Map<Integer, Column> columns, int category) {
    return columns.computeIfAbsent(category, _ -> new Column());
  }
}
