package dev.peregrine.yolo.cli.train;

import dev.peregrine.nn.Freezing;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.train.Checkpoint;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.yolo.backbone.Backbone;
import dev.peregrine.yolo.classify.Classifier;
import dev.peregrine.yolo.classify.ClassifierRecipe;
import dev.peregrine.yolo.classify.ClassifierRun;
import dev.peregrine.yolo.classify.ImageFolder;
import dev.peregrine.yolo.cli.input.DataInput;
import dev.peregrine.yolo.cli.input.ModelLoader;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Failure;
import dev.peregrine.yolo.cli.kit.Interruptible;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.RunFolder;
import dev.peregrine.yolo.cli.kit.UsageException;
import dev.peregrine.yolo.data.check.DataHash;
import dev.peregrine.yolo.model.InputSize;
import dev.peregrine.yolo.run.MemoryBudget;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** What {@code train task=classify} does: trains a backbone to tell whole pictures apart. */
final class ClassifierTraining {
  /** What a network is trained for. */
  enum Task {
    DETECT,
    CLASSIFY
  }

  static final Key<Task> TASK =
      Key.choice(
          "task",
          "detect",
          Task.class,
          "detect, or classify: train the backbone of model= to tell the classes of data=, a folder"
              + " with train/CLASS/ and val/CLASS/; a detector takes it by weights= partial=true");
  private final Call call;

  /**
   * Prepares a training.
   *
   * @param call its settings
   */
  ClassifierTraining(Call call) {
    this.call = call;
  }

  /** Begins a run. */
  int start(Key<String> freeze) {
    Path root = call.get(DataInput.DATA);
    ImageFolder train = ImageFolder.read(root, "train");
    ImageFolder val = validation(root);
    if (val == null && call.get(RunKeys.PATIENCE) > 0) {
      throw new UsageException(
          "patience= waits for better scores, but data= has no val pictures to measure on");
    }
    Device device = call.devices().getFirst();
    return Call.on(
        device,
        () -> {
          InputSize size = call.find(ModelLoader.IMGSZ).orElse(InputSize.square(Backbone.SIDE));
          Classifier classifier =
              Classifier.named(call.get(ModelLoader.MODEL), train.names(), size);
          Params params = classifier.initialize(call.get(Call.SEED), StyleKeys.of(call));
          if (call.has(ModelLoader.WEIGHTS)) {
            Path weights = call.get(ModelLoader.WEIGHTS);
            Checkpoint.loadAveraged(weights, params);
          }
          Freezing.apply(params, call.get(freeze));
          call.print(
              "%s: %d parameters; %d pictures of %d classes to learn from, %s; %s"
                  .formatted(
                      classifier.name(),
                      params.count(),
                      train.items().size(),
                      train.names().size(),
                      val == null ? "none to measure on" : val.items().size() + " to measure on",
                      device.description()));
          Call planned = PlannedMemory.of(call, demand(classifier, train));
          Map<String, String> facts =
              Map.of(
                  "lanes",
                  device.description(),
                  ResumedRun.DATA_HASH,
                  DataHash.of(train.toDataSet()));
          RunFolder folder = RunFolder.of(planned, facts);
          return new ClassifierTraining(planned)
              .run(classifier, params, train, val, folder.path(), null);
        });
  }

  /** Goes on with a run, whose settings this call's are. */
  int resume(ResumedRun old, Key<String> freeze) {
    Path root = call.get(DataInput.DATA);
    ImageFolder train = ImageFolder.read(root, "train");
    ResumedRun.requireSameData(call, old.folder(), train.toDataSet());
    Device device = call.devices().getFirst();
    return Call.on(
        device,
        () -> {
          Classifier.Trained trained = Classifier.load(old.checkpoint());
          Params params = trained.params().with(StyleKeys.of(call));
          Freezing.apply(params, call.get(freeze));
          PlannedMemory.of(call, demand(trained.classifier(), train));
          return run(
              trained.classifier(),
              params,
              train,
              validation(root),
              old.folder(),
              old.checkpoint());
        });
  }

  private static @Nullable ImageFolder validation(Path root) {
    return Files.isDirectory(root.resolve("val")) ? ImageFolder.read(root, "val") : null;
  }

  private int run(
      Classifier classifier,
      Params params,
      ImageFolder train,
      @Nullable ImageFolder val,
      Path folder,
      @Nullable Path checkpoint) {
    AtomicReference<Optional<ClassifierRun>> started = new AtomicReference<>(Optional.empty());
    call.print("run folder: " + folder);
    try (TrainingProgress progress =
        new TrainingProgress(
            call.console(), folder, () -> started.get().flatMap(ClassifierTraining::scores))) {
      ClassifierRun run =
          new ClassifierRun(
                  classifier,
                  params,
                  train,
                  val,
                  recipe(classifier.inputSize()),
                  RunKeys.safety(call),
                  call.get(RunKeys.SAVE_SECONDS),
                  folder,
                  Ops.device(),
                  List.of(progress))
              .across(call.devices().subList(1, call.devices().size()));
      started.set(Optional.of(run));
      Interruptible.train(
              call.console(), () -> Optional.ofNullable(run.run(checkpoint)), run::stop, folder)
          .result()
          .ifPresent(scores -> call.print(scores.toString()));
    }
    call.print("weights: " + folder.resolve("weights"));
    return Failure.NONE;
  }

  private static Optional<String> scores(ClassifierRun run) {
    return Optional.ofNullable(run.lastScores())
        .map(scores ->
            String.format(Locale.ROOT, "top-1 %.4f, top-5 %.4f", scores.top1(), scores.top5()));
  }

  private MemoryBudget.Demand demand(Classifier classifier, ImageFolder train) {
    return ClassifierRun.demand(
        classifier,
        StyleKeys.of(call),
        train,
        recipe(classifier.inputSize()),
        RunKeys.safety(call).subdivisions());
  }

  private ClassifierRecipe recipe(InputSize size) {
    int side = Math.min(size.width(), size.height());
    ClassifierRecipe usual =
        ClassifierRecipe.usual(
            Integer.parseInt(text("epochs", "300")), Integer.parseInt(text("batch", "16")), side);
    return new ClassifierRecipe(
        usual.epochs(),
        usual.batch(),
        number("lr0", usual.rate()),
        number("lrf", usual.finalShare()),
        number("momentum", usual.momentum()),
        number("weight_decay", usual.decay()),
        (long) number("warmup", usual.warmup()),
        number("label_smoothing", usual.labelSmoothing()),
        usual.augmentation().mixing(number("mosaic", 0), number("cutmix", 0), number("mixup", 0)),
        call.get(Call.SEED));
  }

  private String text(String key, String fallback) {
    return call.texts().getOrDefault(key, fallback);
  }

  /** A key that detectors have too, of which a classifier has its own default. */
  private double number(String key, double fallback) {
    return Double.parseDouble(text(key, Double.toString(fallback)));
  }
}
