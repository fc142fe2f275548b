package dev.peregrine.yolo.cli.train;

import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.recipe.Recipe;
import dev.peregrine.yolo.run.Safety;
import dev.peregrine.yolo.train.TrainingSettings;
import java.nio.file.Path;
import java.util.List;

/** The keys that describe the frame of a training: how long, in what steps, and how safe. */
final class RunKeys {
  static final Key<Integer> EPOCHS =
      Key.whole("epochs", "300", 1, 1_000_000, "passes over the training pictures");
  static final Key<Integer> BATCH = Key.whole("batch", "16", 1, 4096, "pictures of a step");
  static final Key<Integer> SUBDIVISIONS =
      Key.whole(
          "subdivisions",
          "0",
          0,
          4096,
          "in how many parts a batch is computed, to take less memory; 0: as many as must be");
  static final Key<Double> MEMORY =
      Key.number(
          "memory", "0", 0, 1e6, "GiB that a training may take; 0: as many as Java may (-Xmx)");
  static final Key<Path> RESUME =
      Key.path(
          "resume", "go on with a run: its folder or checkpoint; takes all settings from there");
  static final Key<Path> REPLAY =
      Key.path(
          "replay",
          "compute a step again whose numbers were not finite: its folder under RUN/nonfinite");
  static final Key<String> FREEZE =
      Key.text(
          "freeze",
          "0",
          "this many first layers stay as they are, running statistics too, or those whose names"
              + " begin in one of these ways: backbone.,neck.");
  static final Key<Boolean> RECT =
      Key.flag("rect", false, "measure on pictures in batches of their own proportions");
  static final Key<Boolean> IMAGE_WEIGHTS =
      Key.flag(
          "image_weights",
          false,
          "show pictures of rare classes, and of classes that are found badly, more often");
  static final Key<Integer> VAL_PERIOD =
      Key.whole("val_period", "1", 1, 1_000_000, "epochs from one evaluation to the next");
  static final Key<Double> SAVE_SECONDS =
      Key.number(
          "save_seconds", "60", 0, 1e9, "seconds from one saving to the next within an epoch");
  static final Key<Integer> PATIENCE =
      Key.whole(
          "patience",
          "0",
          0,
          1_000_000,
          "end the run when 0.1 AP50 + 0.9 AP, or a classifier's top-1, has not risen for so many"
              + " epochs; 0: never");
  static final Key<Safety.OnNonFinite> NONFINITE =
      Key.choice(
          "nonfinite",
          "stop",
          Safety.OnNonFinite.class,
          "when loss, gradients or weights are no finite numbers: stop, or rollback to the last"
              + " good state and go on with half the rate");

  /** All of them. */
  static final List<Key<?>> ALL =
      List.of(
          EPOCHS,
          BATCH,
          SUBDIVISIONS,
          MEMORY,
          RESUME,
          REPLAY,
          FREEZE,
          RECT,
          IMAGE_WEIGHTS,
          VAL_PERIOD,
          SAVE_SECONDS,
          PATIENCE,
          NONFINITE);

  private RunKeys() {}

  /**
   * The frame that a call describes.
   *
   * @param call its settings
   * @param recipe what is taught
   * @param model the network
   */
  static TrainingSettings settings(Call call, Recipe recipe, DetectionModel model) {
    return new TrainingSettings(
        recipe,
        model.inputSize(),
        call.get(EPOCHS),
        call.get(BATCH),
        call.get(RECT),
        call.get(IMAGE_WEIGHTS),
        call.get(VAL_PERIOD),
        call.get(SAVE_SECONDS),
        call.get(StyleKeys.REPLICAS),
        safety(call),
        call.get(Call.SEED));
  }

  /** What a call does so that its run is not lost. */
  static Safety safety(Call call) {
    int subdivisions = Math.max(1, call.get(SUBDIVISIONS));
    return new Safety(call.get(PATIENCE), call.get(NONFINITE), subdivisions);
  }
}
