package dev.peregrine.nn;

/**
 * Where in its run a mini-batch stands, by which layers go that draw at random or change with time.
 *
 * @param seed what noise depends on, the same in every step of a run
 * @param step mini-batches before this one, in the whole run
 * @param first whether no other mini-batch came since the last optimiser step
 * @param progress the part of the run that is done, 0 to 1; regularisation that grows is full at 1
 * @param part which part of a mini-batch that is computed in several, from 0
 */
public record Moment(long seed, long step, boolean first, double progress, int part) {
  /**
   * A mini-batch that is computed whole.
   *
   * @param seed what noise depends on, the same in every step of a run
   * @param step mini-batches before this one, in the whole run
   * @param first whether no other mini-batch came since the last optimiser step
   * @param progress the part of the run that is done, 0 to 1
   */
  public Moment(long seed, long step, boolean first, double progress) {
    this(seed, step, first, progress, 0);
  }

  /** Checks the ranges. */
  public Moment {
    if (step < 0 || !(progress >= 0 && progress <= 1)) {
      throw new IllegalArgumentException(
          "moment: step %d must be 0 or more and progress %s between 0 and 1"
              .formatted(step, progress));
    }
  }
}
