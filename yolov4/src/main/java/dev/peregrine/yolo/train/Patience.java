package dev.peregrine.yolo.train;

import dev.peregrine.yolo.eval.CocoResult;
import java.util.Locale;

/**
 * Follows the score of a run, {@code 0.1 AP50 + 0.9 AP}, and says when it has not risen for too
 * long.
 */
final class Patience {
  private static final double PERFECT = 0.9999;

  private final int epochs;
  private double best;
  private int bestEpoch;

  /**
   * Begins.
   *
   * @param epochs without a better score that are too many, 0 for any number
   */
  Patience(int epochs) {
    this(epochs, Double.NEGATIVE_INFINITY, -1);
  }

  /** Goes on where a run stood. */
  Patience(int epochs, double best, int bestEpoch) {
    this.epochs = epochs;
    this.best = best;
    this.bestEpoch = bestEpoch;
  }

  double best() {
    return best;
  }

  /** The epoch of the best score, from 0; -1 before the first. */
  int bestEpoch() {
    return bestEpoch;
  }

  /** Takes in a score; true if none was better. */
  boolean isBest(int epoch, CocoResult result) {
    double score = score(result);
    if (score > best) {
      best = score;
      bestEpoch = epoch;
      return true;
    }
    return false;
  }

  private static double score(CocoResult result) {
    return 0.1 * result.ap50() + 0.9 * result.ap();
  }

  /** Why a run should end after an epoch; empty if it should not. */
  String verdict(int epoch, CocoResult result) {
    if (epochs == 0 || epoch - bestEpoch < epochs) {
      return "";
    }
    String sentence =
        String.format(
            Locale.ROOT,
            "stopped early after epoch %d: 0.1 AP50 + 0.9 AP has not risen for %d epochs"
                + " (patience=%d); it was best after epoch %d with %.4f and is %.4f now;"
                + " weights/best.safetensors are those of epoch %d",
            epoch + 1,
            epoch - bestEpoch,
            epochs,
            bestEpoch + 1,
            best,
            score(result),
            bestEpoch + 1);
    if (best <= 0) {
      return sentence
          + "; it was 0 all the time, so the network finds nothing in the validation pictures: more"
          + " epochs may be needed, or './yolo data check' may say what is wrong with them";
    }
    return best >= PERFECT ? sentence + "; it cannot rise any more" : sentence;
  }
}
