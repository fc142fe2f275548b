package dev.peregrine.yolo.run;

/**
 * What a run does so that it is not lost.
 *
 * @param patience epochs without a better score after which the run ends, 0 for none
 * @param onNonFinite what becomes of it when its numbers are no longer finite
 * @param subdivisions in how many parts each mini-batch is computed
 */
public record Safety(int patience, OnNonFinite onNonFinite, int subdivisions) {
  /** No early end, no rollback, mini-batches whole. */
  public static final Safety USUAL = new Safety(0, OnNonFinite.STOP, 1);

  /** What becomes of a run whose numbers are no longer finite; the mini-batch is kept anyway. */
  public enum OnNonFinite {
    /** It ends. */
    STOP,
    /** It goes back to the last good state and on from there with half the rate. */
    ROLLBACK
  }

  /** Checks the ranges. */
  public Safety {
    if (patience < 0 || subdivisions < 1) {
      throw new IllegalArgumentException(
          "training: patience is %d but must be 0 or more, subdivisions %d but at least 1"
              .formatted(patience, subdivisions));
    }
  }
}
