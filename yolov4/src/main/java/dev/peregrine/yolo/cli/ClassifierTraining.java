package dev.peregrine.yolo.cli;

import dev.peregrine.nn.Freezing;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.train.Checkpoint;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.yolo.backbone.Backbone;
import dev.peregrine.yolo.classify.Classifier;
import dev.peregrine.yolo.classify.ClassifierRecipe;
import dev.peregrine.yolo.classify.ClassifierRun;
import dev.peregrine.yolo.classify.ClassifierScores;
import dev.peregrine.yolo.classify.ImageFolder;
import dev.peregrine.yolo.model.InputSize;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
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
    Device device = call.device();
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
          RunFolder folder = RunFolder.of(call, Map.of("lanes", device.description()));
          return run(classifier, params, train, val, folder.path(), device, null);
        });
  }

  /** Goes on with a run, whose settings this call's are. */
  int resume(ResumedRun old, Key<String> freeze) {
    Path root = call.get(DataInput.DATA);
    ImageFolder train = ImageFolder.read(root, "train");
    Device device = call.device();
    return Call.on(
        device,
        () -> {
          Classifier.Trained trained = Classifier.load(old.checkpoint());
          Params params = trained.params().with(StyleKeys.of(call));
          Freezing.apply(params, call.get(freeze));
          return run(
              trained.classifier(),
              params,
              train,
              validation(root),
              old.folder(),
              device,
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
      Device device,
      @Nullable Path checkpoint) {
    ClassifierRun run =
        new ClassifierRun(
            classifier,
            params,
            train,
            val,
            recipe(classifier.inputSize()),
            folder,
            device,
            call::print);
    call.print("run folder: " + folder);
    CountDownLatch saved = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(run, saved), "stop-training"));
    ClassifierScores scores;
    try {
      scores = run.run(checkpoint);
    } finally {
      saved.countDown();
    }
    if (scores != null) {
      call.print(scores.toString());
    }
    call.print("weights: " + folder.resolve("weights"));
    return Failure.NONE;
  }

  private static void stop(ClassifierRun run, CountDownLatch saved) {
    run.stop();
    try {
      saved.await();
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
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
