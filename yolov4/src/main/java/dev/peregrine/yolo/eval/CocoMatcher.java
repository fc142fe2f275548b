package dev.peregrine.yolo.eval;

import java.util.Arrays;

/**
 * COCO's pairing of one cell: in the order of falling score every prediction takes the free true
 * object it overlaps most, if that is enough.
 *
 * <p>Objects outside the size range and crowds are ignorable. A prediction prefers objects that
 * count; if none is left it may take an ignorable one, and then is left out of the balance. So is
 * an unmatched prediction whose own area is outside the range. A crowd can be taken many times.
 *
 * @param counted true objects inside the range that are no crowd
 * @param outcome for every threshold and prediction (score order) one of the constants below
 * @param taken for every threshold and prediction the index of the object taken, or -1
 */
record CocoMatcher(int counted, byte[][] outcome, int[][] taken) {
  static final byte FALSE_POSITIVE = 0;
  static final byte TRUE_POSITIVE = 1;
  static final byte LEFT_OUT = 2;

  /**
   * Pairs a cell at several thresholds.
   *
   * @param overlaps {@link Cell#overlaps()}, handed in because size ranges share it
   * @param least area below which nothing counts
   * @param most area above which nothing counts
   */
  static CocoMatcher match(
      Cell cell, double[][] overlaps, double[] thresholds, double least, double most) {
    int truths = cell.truths().size();
    int predictions = cell.predictions().size();
    int[] order = new int[truths]; // the objects that count first
    boolean[] ignorable = new boolean[truths];
    int counted = 0;
    for (int g = 0; g < truths; g++) {
      GroundTruth truth = cell.truths().get(g);
      ignorable[g] = truth.crowd() || truth.area() < least || truth.area() > most;
      if (!ignorable[g]) {
        order[counted++] = g;
      }
    }
    int next = counted;
    for (int g = 0; g < truths; g++) {
      if (ignorable[g]) {
        order[next++] = g;
      }
    }
    byte[][] outcome = new byte[thresholds.length][predictions];
    int[][] taken = new int[thresholds.length][predictions];
    boolean[] used = new boolean[truths];
    for (int t = 0; t < thresholds.length; t++) {
      Arrays.fill(used, false);
      for (int p = 0; p < predictions; p++) {
        int best = choose(cell, overlaps[p], thresholds[t], order, ignorable, used);
        taken[t][p] = best;
        if (best >= 0) {
          used[best] = true;
          outcome[t][p] = ignorable[best] ? LEFT_OUT : TRUE_POSITIVE;
        } else {
          double area = cell.predictions().get(p).area();
          outcome[t][p] = area < least || area > most ? LEFT_OUT : FALSE_POSITIVE;
        }
      }
    }
    return new CocoMatcher(counted, outcome, taken);
  }

  private static int choose(
      Cell cell,
      double[] overlaps,
      double threshold,
      int[] order,
      boolean[] ignorable,
      boolean[] used) {
    // A threshold of exactly one would otherwise reject perfect boxes by a rounding error.
    double enough = Math.min(threshold, 1 - 1e-10);
    int best = -1;
    for (int g : order) {
      if (used[g] && !cell.truths().get(g).crowd()) {
        continue;
      }
      if (best >= 0 && !ignorable[best] && ignorable[g]) {
        break; // an object that counts is never given up for one that does not
      }
      if (overlaps[g] >= enough) { // of equals the last one
        enough = overlaps[g];
        best = g;
      }
    }
    return best;
  }
}
