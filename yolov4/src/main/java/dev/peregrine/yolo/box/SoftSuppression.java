package dev.peregrine.yolo.box;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.DoubleUnaryOperator;

/**
 * Lowers the scores of boxes that overlap a better one, instead of dropping them.
 *
 * <p>The definition rescores all boxes whenever one is chosen. Scores only fall, so it is enough to
 * rescore a box when it has come to the front: the box chosen next is the same, and a box that
 * stays behind costs nothing.
 *
 * <p><b>Source</b> Bodla, Singh, Chellappa and Davis 2017, "Soft-NMS", algorithm 1.
 */
final class SoftSuppression {
  /** A box whose score fell below this is gone; the value of the authors' program. */
  static final double LEAST = 0.001;

  private final Corners corners;
  private final DoubleUnaryOperator decay;

  /**
   * Prepares the boxes of one group.
   *
   * @param corners in the order of ties
   * @param decay factor of a score, given the overlap with a chosen box
   */
  SoftSuppression(Corners corners, DoubleUnaryOperator decay) {
    this.corners = corners;
    this.decay = decay;
  }

  /**
   * A box and its score after the first boxes chosen were looked at.
   *
   * @param position in the corners
   * @param score so far
   * @param seen how many chosen boxes it has been compared with
   */
  record Rated(int position, double score, int seen) {}

  /**
   * Chooses boxes from the highest score down.
   *
   * @param scores one a box
   * @param limit the most that are chosen
   * @return the boxes chosen, with their lowered scores
   */
  List<Rated> choose(double[] scores, int limit) {
    PriorityQueue<Rated> waiting =
        new PriorityQueue<>(
            Comparator.comparingDouble((Rated box) -> -box.score())
                .thenComparingInt(Rated::position));
    for (int i = 0; i < scores.length; i++) {
      if (scores[i] >= LEAST) {
        waiting.add(new Rated(i, scores[i], 0));
      }
    }
    List<Rated> chosen = new ArrayList<>();
    Corners front = new Corners(corners.size());
    while (!waiting.isEmpty() && chosen.size() < limit) {
      Rated best = waiting.remove();
      if (best.seen() == chosen.size()) {
        chosen.add(best);
        front.add(corners, best.position());
      } else {
        double score = best.score();
        for (int k = best.seen(); k < front.size() && score >= LEAST; k++) {
          double overlap = corners.iou(best.position(), front, k);
          score *= overlap > 0 ? decay.applyAsDouble(overlap) : 1;
        }
        if (score >= LEAST) {
          waiting.add(new Rated(best.position(), score, chosen.size()));
        }
      }
    }
    return chosen;
  }
}
