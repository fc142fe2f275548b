package dev.peregrine.yolo.eval;

/**
 * What came out of one category in one picture under COCO's rules: all that the averages need.
 *
 * @param score of every prediction, falling
 * @param found bit {@code area * thresholds + threshold} of a prediction is set where it found an
 *     object that counts
 * @param leftOut the same bits where it is left out of the balance
 * @param counted by size range, how many objects count
 */
record CocoCell(double[] score, long[] found, long[] leftOut, int[] counted) {

  static CocoCell of(Cell whole) {
    Cell cell = whole.limited(CocoEvaluator.MOST_PREDICTIONS);
    int size = cell.size();
    double[] score = new double[size];
    for (int p = 0; p < size; p++) {
      score[p] = cell.predictions().get(p).score();
    }
    long[] found = new long[size];
    long[] leftOut = new long[size];
    double[][] areas = CocoEvaluator.AREAS;
    double[] thresholds = CocoEvaluator.THRESHOLDS;
    int[] counted = new int[areas.length];
    double[][] overlaps = cell.overlaps();
    for (int a = 0; a < areas.length; a++) {
      CocoMatcher match = CocoMatcher.match(cell, overlaps, thresholds, areas[a][0], areas[a][1]);
      counted[a] = match.counted();
      for (int t = 0; t < thresholds.length; t++) {
        long bit = 1L << (a * thresholds.length + t);
        for (int p = 0; p < size; p++) {
          byte outcome = match.outcome()[t][p];
          found[p] |= outcome == CocoMatcher.TRUE_POSITIVE ? bit : 0;
          leftOut[p] |= outcome == CocoMatcher.LEFT_OUT ? bit : 0;
        }
      }
    }
    return new CocoCell(score, found, leftOut, counted);
  }

  int size() {
    return score.length;
  }

  /** How many of the first {@code kept} predictions found an object. */
  int foundAmong(int kept, int area, int threshold) {
    long bit = 1L << (area * CocoEvaluator.THRESHOLDS.length + threshold);
    int sum = 0;
    for (int p = 0; p < Math.min(kept, found.length); p++) {
      sum += (found[p] & bit) != 0 ? 1 : 0;
    }
    return sum;
  }
}
