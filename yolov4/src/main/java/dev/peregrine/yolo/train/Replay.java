package dev.peregrine.yolo.train;

import dev.peregrine.nn.LayerStyle;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.train.Checkpoint;
import dev.peregrine.nn.train.DataParallel;
import dev.peregrine.nn.train.NonFinite;
import dev.peregrine.nn.train.TrainingState;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.augment.LabelledImage;
import dev.peregrine.yolo.recipe.Course;
import dev.peregrine.yolo.run.RunGuard;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A step that went wrong, computed once more from what the run kept of it.
 *
 * @param recorded what the run found
 * @param again what is found now, empty where all numbers are finite
 */
public record Replay(NonFinite<LabelledImage> recorded, Optional<NonFinite<LabelledImage>> again) {
  /** The network as it was, with everything that a run of it keeps. */
  public static final String STATE = RunGuard.STATE;

  /** Pictures, boxes and position. */
  static final String BATCH = "batch.safetensors";

  /**
   * Computes the step again, on the present device.
   *
   * <p><b>Errors</b> {@link FormatException} if the folder holds no kept step.
   *
   * @param kept the folder that the run told of
   * @param style the layers' style in the run
   * @param settings of the run
   * @param prepare may freeze what the run had frozen
   * @return what was found and what is found
   */
  public static Replay of(
      Path kept, LayerStyle style, TrainingSettings settings, Consumer<Params> prepare) {
    Path file = kept.resolve(STATE);
    if (!Files.isRegularFile(file)) {
      throw new FormatException(
          kept + ": holds no step to compute again; name the folder that the run told of");
    }
    KeptBatch batch = KeptBatch.read(kept.resolve(BATCH));
    Models.Trained trained = Models.load(file);
    Params params = trained.params().with(style).training(true);
    prepare.accept(params);
    TrainingState state = Checkpoint.load(file, params);
    state.params().forEach(entry -> params.set(entry.path(), entry.value()));
    params.memory().restore(state.memory());
    Course course = settings.course(trained.model().maxStride(), batch.batches());
    return new Replay(
        batch.found(),
        NonFinite.again(
            params,
            new DataParallel<>(
                DetectionObjective.of(trained.model(), settings.recipe(), course),
                settings.replicas()),
            batch.found()));
  }

  /**
   * Tells whether the same was found.
   *
   * @return true if number and array are those that the run found
   */
  public boolean isSame() {
    return again.isPresent() && again.get().what().equals(recorded.what());
  }
}
