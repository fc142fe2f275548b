package dev.peregrine.yolo.run;

import dev.peregrine.nn.train.Checkpoint;
import dev.peregrine.nn.train.Progress;
import dev.peregrine.nn.train.TrainingState;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The state that a run goes back to when its numbers are no longer finite: that of its last
 * milestone.
 *
 * <p>Milestones are the beginning, the ends of epochs and every {@value #INTERVAL} mini-batches,
 * and not moments of the clock, so that a run that was killed goes back to the same state. A
 * milestone is saved as the checkpoint first and becomes the good state then; where a kill falls
 * between, a resumed run makes up for it.
 */
final class GoodState {
  private static final int INTERVAL = 250;

  private final Path folder;
  private final boolean kept;
  private final int batches;

  /**
   * Names its place.
   *
   * @param folder the run's
   * @param batches mini-batches of an epoch
   * @param mode whether the run may go back at all
   */
  GoodState(Path folder, int batches, Safety.OnNonFinite mode) {
    this.folder = folder;
    this.batches = batches;
    this.kept = mode == Safety.OnNonFinite.ROLLBACK;
  }

  private Path file() {
    return folder.resolve("weights").resolve("good.safetensors");
  }

  private Path older() {
    return folder.resolve("weights").resolve("older.safetensors");
  }

  /**
   * The state to go back to: the last one, or the one before if a run that went back there failed
   * again, since weights may be large beyond cure while they are still finite.
   *
   * @param tried mini-batches of the state that the run went back to last, -1 for none
   */
  Path backTo(long tried) {
    return Files.exists(older()) && Checkpoint.iteration(file()) == tried ? older() : file();
  }

  /** Whether a run stands at a milestone within an epoch. */
  boolean isDue(Progress progress) {
    return kept && progress.iteration() % INTERVAL == 0;
  }

  /** Whether a saved run stands at the end of its epoch, which it counts as not done. */
  boolean isEndOfEpoch(TrainingState.Position position) {
    return position.batch() == batches;
  }

  /** Makes the checkpoint the good state, and the good state the older one. */
  void take() {
    if (!kept) {
      return;
    }
    Path checkpoint = RunKeeper.checkpoint(folder);
    try {
      if (Files.exists(file()) && Checkpoint.iteration(file()) < Checkpoint.iteration(checkpoint)) {
        copy(file(), older());
      }
      copy(checkpoint, file());
    } catch (IOException failure) {
      throw new FormatException(
          file() + ": the state to go back to cannot be kept: " + failure, failure);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    WholeFile.make(
        to,
        beside -> {
          Files.deleteIfExists(beside);
          link(from, beside);
        });
  }

  /** Checkpoints are renamed into place and never changed there, so a second name is a copy. */
  private static void link(Path from, Path to) throws IOException {
    try {
      Files.createLink(to, from);
    } catch (UnsupportedOperationException | IOException _) {
      Files.copy(from, to); // some file systems have no second names
    }
  }

  /** Takes up a run that was killed, maybe before its last milestone became the good state. */
  void resume(TrainingState.Position position) {
    boolean milestone = position.iteration() % INTERVAL == 0 || isEndOfEpoch(position);
    if (milestone || !Files.exists(file())) {
      take();
    }
  }
}
