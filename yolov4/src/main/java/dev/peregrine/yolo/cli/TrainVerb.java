package dev.peregrine.yolo.cli;

import dev.peregrine.nn.Freezing;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.WeightFiles;
import dev.peregrine.yolo.anchor.AnchorScore;
import dev.peregrine.yolo.anchor.BoxSizes;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.eval.CocoResult;
import dev.peregrine.yolo.evolve.Gene;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import dev.peregrine.yolo.image.Resize;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import dev.peregrine.yolo.model.ScaledHeads;
import dev.peregrine.yolo.recipe.DarknetRecipe;
import dev.peregrine.yolo.recipe.Hyper;
import dev.peregrine.yolo.recipe.Recipe;
import dev.peregrine.yolo.recipe.ScaledRecipe;
import dev.peregrine.yolo.train.AnchorFit;
import dev.peregrine.yolo.train.TrainingRun;
import dev.peregrine.yolo.train.TrainingSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Trains a network on a data set, or goes on with a run. */
final class TrainVerb implements Verb {
  private static final Key<String> MODEL =
      new Key<>(
          ModelLoader.MODEL.name(),
          "",
          Key.Need.OPTIONAL,
          ModelLoader.MODEL.description(),
          text -> text);
  private static final Key<Boolean> PARTIAL =
      Key.flag(
          "partial",
          false,
          "weights= may be a backbone such as .conv.29, or a network with other heads: what fits"
              + " is taken");
  private static final Key<Integer> EPOCHS =
      Key.whole("epochs", "300", 1, 1_000_000, "passes over the training pictures");
  private static final Key<Integer> BATCH = Key.whole("batch", "16", 1, 4096, "pictures of a step");
  private static final Key<Path> RESUME =
      Key.path(
          "resume", "go on with a run: its folder or checkpoint; takes all settings from there");
  private static final Key<String> FREEZE =
      Key.text(
          "freeze",
          "0",
          "this many first layers stay as they are, running statistics too, or those whose names"
              + " begin in one of these ways: backbone.,neck.");
  private static final Key<Boolean> RECT =
      Key.flag("rect", false, "measure on pictures in batches of their own proportions");
  private static final Key<Boolean> IMAGE_WEIGHTS =
      Key.flag(
          "image_weights",
          false,
          "show pictures of rare classes, and of classes that are found badly, more often");
  private static final Key<Integer> VAL_PERIOD =
      Key.whole("val_period", "1", 1, 1_000_000, "epochs from one evaluation to the next");
  private static final Key<Double> SAVE_SECONDS =
      Key.number(
          "save_seconds", "60", 0, 1e9, "seconds from one saving to the next within an epoch");

  @Override
  public String name() {
    return "train";
  }

  @Override
  public String summary() {
    return "trains a network on a data set, or goes on with a run";
  }

  @Override
  public String example() {
    return "./yolo train model=yolov4-tiny data=data.yaml imgsz=320 epochs=100";
  }

  @Override
  public List<Key<?>> keys() {
    List<Key<?>> keys =
        new ArrayList<>(
            List.of(
                MODEL,
                DataInput.DATA,
                DataInput.FAULTY,
                ModelLoader.WEIGHTS,
                PARTIAL,
                EPOCHS,
                BATCH,
                ModelLoader.IMGSZ,
                RESUME,
                FREEZE,
                RECT,
                IMAGE_WEIGHTS,
                VAL_PERIOD,
                SAVE_SECONDS,
                EvolvedTraining.EVOLVE));
    keys.addAll(RecipeKeys.all());
    keys.addAll(StyleKeys.KEYS);
    keys.add(ClassifierTraining.TASK);
    keys.addAll(AugmentationKeys.ALL);
    keys.addAll(RunFolder.KEYS);
    return keys;
  }

  @Override
  public int run(Call call) {
    return call.has(RESUME) ? resume(call) : start(call);
  }

  private int start(Call call) {
    if (call.get(ClassifierTraining.TASK) == ClassifierTraining.Task.CLASSIFY) {
      return new ClassifierTraining(call).start(FREEZE);
    }
    if (call.get(EvolvedTraining.EVOLVE) > 0) {
      return evolve(call, Optional.empty());
    }
    DataInput data = DataInput.forTraining(call);
    DataSet train = data.train();
    Optional<DataSet> val = data.val();
    Device device = call.device();
    return Call.on(
        device,
        () -> {
          DetectionModel model = network(call, train.names().size());
          Params params = initial(call, model);
          Map<String, String> facts = new LinkedHashMap<>(RecipeKeys.facts(recipe(call, model)));
          facts.put("lanes", device.description());
          facts.put("data_hash", DataHash.of(train));
          RunFolder folder = RunFolder.of(call, facts);
          Freezing.apply(params, call.get(FREEZE));
          tell(call, model, params, train, val, device);
          return train(call, model, params, train, val, device, folder.path(), null);
        });
  }

  /**
   * The network that a call names; one that learns from random heads by recipe=scaled gets heads
   * whose boxes reach the neighbouring cells.
   */
  private static DetectionModel network(Call call, int classes) {
    DetectionModel model = ModelLoader.network(call, classes);
    boolean trained = call.has(ModelLoader.WEIGHTS) && !call.get(PARTIAL);
    boolean named = Models.names().contains(call.get(MODEL).replaceFirst("@.*", ""));
    return named && !trained && call.get(RecipeKeys.RECIPE) == Recipe.Kind.SCALED
        ? ScaledHeads.of(model)
        : model;
  }

  /** The numbers to begin with. */
  private static Params initial(Call call, DetectionModel model) {
    Params params = Models.initialize(model, call.get(Call.SEED), StyleKeys.of(call));
    if (call.has(ModelLoader.WEIGHTS)) {
      WeightFiles.Loaded loaded =
          WeightFiles.load(model, params, call.get(ModelLoader.WEIGHTS), call.get(PARTIAL));
      call.print(
          String.format(
              Locale.ROOT,
              "weights: %,d of %,d numbers are from %s",
              loaded.taken(),
              loaded.all(),
              call.get(ModelLoader.WEIGHTS)));
    } else if (call.get(MODEL).endsWith(".safetensors")) {
      WeightFiles.load(model, params, Path.of(call.get(MODEL)), false);
    }
    return params;
  }

  /** Breeds hyper-parameters in a new folder, or goes on in an old one. */
  private static int evolve(Call call, Optional<Path> old) {
    DataInput data = DataInput.forTraining(call);
    DataSet train = data.train();
    Optional<DataSet> val = data.val();
    if (val.isEmpty()) {
      throw new UsageException(
          "evolve= asks how good each training was, but data= names no val pictures to measure on");
    }
    Device device = call.device();
    return Call.on(
        device,
        () -> {
          Recipe recipe = recipe(call, network(call, train.names().size()));
          Map<String, String> facts = new LinkedHashMap<>(RecipeKeys.facts(recipe));
          Map<String, String> told = new LinkedHashMap<>(facts);
          told.put("lanes", device.description());
          told.put("data_hash", DataHash.of(train));
          Path folder = old.orElseGet(() -> RunFolder.of(call, told).path());
          call.print("run folder: " + folder);
          return EvolvedTraining.run(
              call,
              recipe.hyper().kind() == Recipe.Kind.SCALED ? Gene.scaled() : Gene.darknet(),
              facts,
              folder,
              (one, place) -> {
                DetectionModel model = network(one, train.names().size());
                Params params = initial(one, model);
                Freezing.apply(params, one.get(FREEZE));
                Fitted fitted = fit(one, model, params, train, val, device, place, folder, null);
                return fitted.stopped
                    ? Optional.empty()
                    : Optional.ofNullable(fitted.run.lastEvaluation());
              });
        });
  }

  private int resume(Call call) {
    if (EvolvedTraining.isOne(call, call.get(RESUME))) {
      return evolve(ResumedRun.settings(call, call.get(RESUME)), Optional.of(call.get(RESUME)));
    }
    ResumedRun old = ResumedRun.of(call, call.get(RESUME));
    Call settings = old.settings();
    if (settings.get(ClassifierTraining.TASK) == ClassifierTraining.Task.CLASSIFY) {
      return new ClassifierTraining(settings).resume(old, FREEZE);
    }
    DataInput data = DataInput.forTraining(settings);
    Device device = settings.device();
    return Call.on(
        device,
        () -> {
          Models.Trained trained = Models.load(old.checkpoint());
          Params params = trained.params().with(StyleKeys.of(settings));
          Freezing.apply(params, settings.get(FREEZE));
          return train(
              settings,
              trained.model(),
              params,
              data.train(),
              data.val(),
              device,
              old.folder(),
              old.checkpoint());
        });
  }

  private static void tell(
      Call call,
      DetectionModel model,
      Params params,
      DataSet train,
      Optional<DataSet> val,
      Device device) {
    call.print(
        "%s: %d parameters; %d pictures to learn from, %s; %s"
            .formatted(
                model.name(),
                params.count(),
                train.size(),
                val.map(data -> data.size() + " to measure on").orElse("none to measure on"),
                device.description()));
    String warning = anchorWarning(recipe(call, model), model, train);
    if (!warning.isEmpty()) {
      call.print("warning: " + warning);
    }
  }

  private static String anchorWarning(Recipe recipe, DetectionModel model, DataSet train) {
    InputSize size = model.inputSize();
    return switch (recipe) {
      case DarknetRecipe _ -> AnchorFit.of(model, train, size).warning();
      case ScaledRecipe scaled -> {
        List<Anchor> anchors =
            model.heads().stream()
                .flatMap(head -> head.mask().stream().map(head.anchors()::get))
                .toList();
        BoxSizes boxes = BoxSizes.stretched(train, size);
        double ratio = scaled.hyper().get(Hyper.ANCHOR_T);
        yield AnchorScore.of(anchors, boxes, ratio).warning(boxes.count());
      }
    };
  }

  private int train(
      Call call,
      DetectionModel model,
      Params params,
      DataSet train,
      Optional<DataSet> val,
      Device device,
      Path folder,
      @Nullable Path checkpoint) {
    call.print("run folder: " + folder);
    Fitted fitted = fit(call, model, params, train, val, device, folder, folder, checkpoint);
    if (fitted.result != null) {
      call.print(fitted.result.toText().stripTrailing());
    }
    call.print("weights: " + folder.resolve("weights"));
    return Failure.NONE;
  }

  /** A training that came to an end, or was stopped. */
  private record Fitted(TrainingRun run, @Nullable CocoResult result, boolean stopped) {}

  private static Fitted fit(
      Call call,
      DetectionModel model,
      Params params,
      DataSet train,
      Optional<DataSet> val,
      Device device,
      Path folder,
      Path resumable,
      @Nullable Path checkpoint) {
    AtomicReference<Optional<TrainingRun>> started = new AtomicReference<>(Optional.empty());
    TrainingProgress progress =
        new TrainingProgress(
            call.console(),
            () -> started.get().flatMap(run -> Optional.ofNullable(run.lastResult())));
    TrainingRun run =
        new TrainingRun(
            model,
            params,
            train,
            val.orElse(null),
            settings(call, model),
            folder,
            device,
            List.of(progress));
    started.set(Optional.of(run));
    CountDownLatch saved = new CountDownLatch(1);
    AtomicBoolean stopped = new AtomicBoolean();
    Thread hook = new Thread(() -> stop(call, run, saved, stopped, resumable), "stop-training");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      CocoResult result = checkpoint == null ? run.start() : run.resume(checkpoint);
      if (!stopped.get()) {
        forget(hook);
      }
      return new Fitted(run, result, stopped.get());
    } finally {
      progress.close();
      saved.countDown();
    }
  }

  /** A search has many trainings; their hooks would keep all of them in memory. */
  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // The process is ending, and the hook finds that the training has ended too.
    }
  }

  /** Ctrl-C: the run ends after its mini-batch and is saved before the process may go. */
  private static void stop(
      Call call, TrainingRun run, CountDownLatch saved, AtomicBoolean stopped, Path folder) {
    if (saved.getCount() == 0) {
      return; // the run had ended when the process did
    }
    call.console().err().println("stopping after this batch ...");
    stopped.set(true);
    run.stop();
    try {
      saved.await();
      call.console().err().println("saved; go on with: ./yolo train resume=" + folder);
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
  }

  private static Recipe recipe(Call call, DetectionModel model) {
    return RecipeKeys.recipe(call, model.resize() != Resize.STRETCH, CfgTraining.of(model));
  }

  private static TrainingSettings settings(Call call, DetectionModel model) {
    return new TrainingSettings(
        recipe(call, model),
        model.inputSize(),
        call.get(EPOCHS),
        call.get(BATCH),
        call.get(RECT),
        call.get(IMAGE_WEIGHTS),
        call.get(VAL_PERIOD),
        call.get(SAVE_SECONDS),
        call.get(StyleKeys.REPLICAS),
        call.get(Call.SEED));
  }
}
