package dev.peregrine.yolo.run;

import java.util.Locale;

/** Follows the score of a run, and says when it has not risen for too long. */
final class Patience {
  private static final double PERFECT = 0.9999;

  private final Subject subject;
  private final int epochs;
  private double best;
  private int bestEpoch;

  /**
   * Begins.
   *
   * @param subject names the score
   * @param epochs without a better score that are too many, 0 for any number
   */
  Patience(Subject subject, int epochs) {
    this(subject, epochs, Double.NEGATIVE_INFINITY, -1);
  }

  /** Goes on where a run stood. */
  Patience(Subject subject, int epochs, double best, int bestEpoch) {
    this.subject = subject;
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
  boolean isBest(int epoch, double score) {
    if (score > best) {
      best = score;
      bestEpoch = epoch;
      return true;
    }
    return false;
  }

  /** Why a run should end after an epoch; empty if it should not. */
  String verdict(int epoch, double score) {
    if (epochs == 0 || epoch - bestEpoch < epochs) {
      return "";
    }
    String sentence =
        String.format(
            Locale.ROOT,
            "stopped early after epoch %d: %s has not risen for %d epochs"
                + " (patience=%d); it was best after epoch %d with %.4f and is %.4f now;"
                + " weights/best.safetensors are those of epoch %d",
            epoch + 1,
            subject.score(),
            epoch - bestEpoch,
            epochs,
            bestEpoch + 1,
            best,
            score,
            bestEpoch + 1);
    if (best <= 0) {
      return sentence + "; it was 0 all the time, " + subject.hopeless();
    }
    return best >= PERFECT ? sentence + "; it cannot rise any more" : sentence;
  }
}
