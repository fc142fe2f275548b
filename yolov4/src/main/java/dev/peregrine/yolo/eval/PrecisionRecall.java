package dev.peregrine.yolo.eval;

import java.util.Arrays;

/**
 * Precision and recall after each prediction of one category, in the order of falling score.
 *
 * <p><b>Formula</b> precision = TP / (TP + FP), recall = TP / objects. The averages below differ in
 * how they read the area under this saw-toothed curve.
 *
 * @param precision by rank
 * @param recall by rank, never falling
 * @param score by rank, never rising
 */
record PrecisionRecall(double[] precision, double[] recall, double[] score) {

  /** The curve of outcomes in score order (see {@link CocoMatcher}). */
  static PrecisionRecall of(byte[] outcomes, double[] scores, int counted) {
    double[] precision = new double[outcomes.length];
    double[] recall = new double[outcomes.length];
    double[] score = new double[outcomes.length];
    int found = 0;
    int rank = 0;
    for (int i = 0; i < outcomes.length; i++) {
      if (outcomes[i] != CocoMatcher.LEFT_OUT) {
        found += outcomes[i] == CocoMatcher.TRUE_POSITIVE ? 1 : 0;
        precision[rank] = (double) found / (rank + 1);
        recall[rank] = counted == 0 ? 0 : (double) found / counted;
        score[rank] = scores[i];
        rank++;
      }
    }
    return new PrecisionRecall(
        Arrays.copyOf(precision, rank), Arrays.copyOf(recall, rank), Arrays.copyOf(score, rank));
  }

  /** For every rank the best precision there or later. */
  double[] envelope() {
    double[] envelope = precision.clone();
    for (int r = envelope.length - 2; r >= 0; r--) {
      envelope[r] = Math.max(envelope[r], envelope[r + 1]);
    }
    return envelope;
  }

  /**
   * The best precision still to be had at {@code points} evenly spaced recalls from 0 to 1: zero
   * for recalls never reached.
   *
   * <p>Recall i is i times the rounded step, as in the programs of COCO and Pascal VOC and in
   * darknet as its Makefile builds it: of ten steps, the 3rd, 6th and 7th ask a hair more than 0.3,
   * 0.6 and 0.7, and a recall of exactly 3/5 does not reach the 6th.
   */
  double[] sampled(int points) {
    double[] envelope = envelope();
    double[] sampled = new double[points];
    double step = 1.0 / (points - 1);
    int rank = 0;
    for (int i = 0; i < points; i++) {
      double wanted = i == points - 1 ? 1 : i * step;
      while (rank < recall.length && recall[rank] < wanted) {
        rank++;
      }
      sampled[i] = rank < recall.length ? envelope[rank] : 0;
    }
    return sampled;
  }

  /** COCO's average: the mean over 101 recalls. */
  double sampledAverage() {
    return mean(sampled(101));
  }

  static double mean(double[] values) {
    return Arrays.stream(values).sum() / values.length;
  }

  /** Pascal VOC's average since 2010, and darknet's: the whole area under the envelope. */
  double area() {
    double[] envelope = envelope();
    double area = 0;
    double reached = 0;
    for (int r = 0; r < envelope.length; r++) {
      area += (recall[r] - reached) * envelope[r];
      reached = recall[r];
    }
    return area;
  }
}
