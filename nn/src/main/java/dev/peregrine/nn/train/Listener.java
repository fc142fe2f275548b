package dev.peregrine.nn.train;

/** Watches a run: shows progress, writes tables, saves checkpoints, evaluates. */
public interface Listener {
  /**
   * Called after each mini-batch.
   *
   * @param trainer the run, at a point where it can be saved
   * @param progress where it stands
   */
  default void onBatch(Trainer<?> trainer, Progress progress) {}

  /**
   * Called after each epoch.
   *
   * @param trainer the run
   * @param progress where it stands; its batch is the number of batches
   */
  default void onEpoch(Trainer<?> trainer, Progress progress) {}

  /**
   * Called when a run does something out of the ordinary, such as ending early.
   *
   * @param trainer the run
   * @param sentence what and why
   */
  default void onNotice(Trainer<?> trainer, String sentence) {}
}
