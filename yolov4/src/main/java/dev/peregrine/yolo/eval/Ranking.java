package dev.peregrine.yolo.eval;

import java.util.List;

/**
 * The predictions of one category over all pictures in one order of falling score.
 *
 * @param cell for every rank, the cell
 * @param place for every rank, the place among that cell's predictions
 * @param score for every rank, the score
 */
record Ranking(int[] cell, int[] place, double[] score) {

  static Ranking of(List<Cell> cells) {
    int total = cells.stream().mapToInt(c -> c.predictions().size()).sum();
    int[] cell = new int[total];
    int[] place = new int[total];
    double[] score = new double[total];
    int next = 0;
    for (int c = 0; c < cells.size(); c++) {
      List<Prediction> predictions = cells.get(c).predictions();
      for (int p = 0; p < predictions.size(); p++, next++) {
        cell[next] = c;
        place[next] = p;
        score[next] = predictions.get(p).score();
      }
    }
    int[] order = Cell.byFallingScore(score);
    int[] rankedCell = new int[total];
    int[] rankedPlace = new int[total];
    double[] rankedScore = new double[total];
    for (int r = 0; r < total; r++) {
      rankedCell[r] = cell[order[r]];
      rankedPlace[r] = place[order[r]];
      rankedScore[r] = score[order[r]];
    }
    return new Ranking(rankedCell, rankedPlace, rankedScore);
  }

  /** The curve at one threshold; predictions that are left out make no point of it. */
  PrecisionRecall curve(List<CocoMatcher> matches, int threshold, int counted) {
    return PrecisionRecall.of(
        gather(matches.stream().map(m -> m.outcome()[threshold]).toList()), score, counted);
  }

  /** The outcomes of all cells in rank order. */
  byte[] gather(List<byte[]> outcomes) {
    byte[] ranked = new byte[score.length];
    for (int r = 0; r < ranked.length; r++) {
      ranked[r] = outcomes.get(cell[r])[place[r]];
    }
    return ranked;
  }
}
