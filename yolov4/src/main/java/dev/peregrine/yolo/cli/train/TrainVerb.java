package dev.peregrine.yolo.cli.train;

import dev.peregrine.nn.Freezing;
import dev.peregrine.nn.LayerStyle;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.Pretrained;
import dev.peregrine.yolo.WeightFiles;
import dev.peregrine.yolo.anchor.AnchorScore;
import dev.peregrine.yolo.anchor.AnchorText;
import dev.peregrine.yolo.anchor.BoxSizes;
import dev.peregrine.yolo.cli.data.AugmentationKeys;
import dev.peregrine.yolo.cli.input.DataInput;
import dev.peregrine.yolo.cli.input.ModelLoader;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Failure;
import dev.peregrine.yolo.cli.kit.Interruptible;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.RunFolder;
import dev.peregrine.yolo.cli.kit.UsageException;
import dev.peregrine.yolo.cli.kit.Verb;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.check.DataHash;
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
import dev.peregrine.yolo.run.RunLock;
import dev.peregrine.yolo.train.AnchorFit;
import dev.peregrine.yolo.train.Evaluation;
import dev.peregrine.yolo.train.Replay;
import dev.peregrine.yolo.train.TrainingRun;
import dev.peregrine.yolo.train.TrainingSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Trains a network on a data set, or goes on with a run. */
public final class TrainVerb implements Verb {
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
                ModelLoader.IMGSZ,
                EvolvedTraining.EVOLVE));
    keys.addAll(RunKeys.ALL);
    keys.addAll(RecipeKeys.all());
    keys.addAll(StyleKeys.KEYS);
    keys.add(ClassifierTraining.TASK);
    keys.add(Call.PRECISION);
    keys.addAll(AugmentationKeys.ALL);
    keys.addAll(RunFolder.KEYS);
    return keys;
  }

  @Override
  public int run(Call call) {
    if (call.has(RunKeys.REPLAY)) {
      return replay(call);
    }
    return call.has(RunKeys.RESUME) ? resume(call) : start(RecipeKeys.withFile(call));
  }

  private int start(Call call) {
    if (call.get(ClassifierTraining.TASK) == ClassifierTraining.Task.CLASSIFY) {
      return new ClassifierTraining(call).start(RunKeys.FREEZE);
    }
    if (call.get(EvolvedTraining.EVOLVE) > 0) {
      return evolve(call, Optional.empty());
    }
    DataInput data = DataInput.forTraining(call);
    requireMeasurable(call, data);
    Device device = call.devices().getFirst();
    return Call.on(
        device,
        () -> {
          DetectionModel model =
              RecipeKeys.anchored(call, network(call, data.train().names().size()), data.train());
          Params params = initial(call, model);
          Freezing.apply(params, call.get(RunKeys.FREEZE));
          tell(call, model, params, data);
          Call planned = PlannedMemory.of(call, model, recipe(call, model), data);
          RunFolder folder = RunFolder.of(planned, facts(planned, model, data));
          return train(planned, model, params, data, folder.path(), null);
        });
  }

  /** All numbers of the recipe, also those that follow from the run. */
  private static Map<String, String> numbers(Call call, DetectionModel model, DataInput data) {
    TrainingSettings settings = RunKeys.settings(call, recipe(call, model), model);
    int batches = Math.ceilDiv(data.train().size(), settings.batch());
    return RecipeKeys.facts(settings.recipe().settled(settings.course(model.maxStride(), batches)));
  }

  private static Map<String, String> facts(Call call, DetectionModel model, DataInput data) {
    Map<String, String> facts = new LinkedHashMap<>(numbers(call, model, data));
    facts.put("lanes", Ops.device().description());
    facts.put(ResumedRun.DATA_HASH, DataHash.of(data.train()));
    facts.put("anchors", AnchorText.of(model.heads().getFirst().anchors()));
    return facts;
  }

  /**
   * The network that a call names; one that learns from random heads by recipe=scaled gets heads
   * whose boxes reach the neighbouring cells.
   */
  private static DetectionModel network(Call call, int classes) {
    DetectionModel model = ModelLoader.network(call, classes);
    if (model.classes() != classes) {
      throw new UsageException(
          "model=%s tells %d classes apart, but data=%s names %d; './yolo convert model=FILE.cfg to=NEW.cfg classes=%d' makes a cfg for them, and partial=true takes trained weights over"
              .formatted(
                  call.get(MODEL), model.classes(), call.get(DataInput.DATA), classes, classes));
    }
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
    } else if (call.get(MODEL).equals(Pretrained.NAME)) {
      return Pretrained.load().params().with(StyleKeys.of(call));
    }
    return params;
  }

  /** Breeds hyper-parameters in a new folder, or goes on in an old one. */
  private static int evolve(Call call, Optional<Path> old) {
    DataInput data =
        old.map(folder -> ResumedRun.data(call, folder))
            .orElseGet(() -> DataInput.forTraining(call));
    if (data.val().isEmpty()) {
      throw new UsageException(
          "evolve= asks how good each training was, but data= names no val pictures to measure on");
    }
    int classes = data.train().names().size();
    Device device = call.devices().getFirst();
    return Call.on(
        device,
        () -> {
          DetectionModel first = network(call, classes);
          Recipe recipe = recipe(call, first);
          Call planned = PlannedMemory.of(call, first, recipe, data);
          Path folder =
              old.orElseGet(() -> RunFolder.of(planned, facts(planned, first, data)).path());
          call.print("run folder: " + folder);
          try (RunLock _ = RunLock.of(folder)) {
            return EvolvedTraining.run(
                planned,
                recipe.hyper().kind() == Recipe.Kind.SCALED ? Gene.scaled() : Gene.darknet(),
                numbers(planned, first, data),
                folder,
                (one, place) -> {
                  DetectionModel model =
                      RecipeKeys.anchored(one, network(one, classes), data.train());
                  Params params = initial(one, model);
                  Freezing.apply(params, one.get(RunKeys.FREEZE));
                  return fit(one, model, params, data, place, folder, null);
                });
          }
        });
  }

  private int resume(Call call) {
    if (EvolvedTraining.isOne(call, call.get(RunKeys.RESUME))) {
      return evolve(
          ResumedRun.settings(call, call.get(RunKeys.RESUME)),
          Optional.of(call.get(RunKeys.RESUME)));
    }
    ResumedRun old = ResumedRun.of(call, call.get(RunKeys.RESUME));
    Call settings = old.settings();
    if (settings.get(ClassifierTraining.TASK) == ClassifierTraining.Task.CLASSIFY) {
      return new ClassifierTraining(settings).resume(old, RunKeys.FREEZE);
    }
    DataInput data = ResumedRun.data(settings, old.folder());
    Device device = settings.devices().getFirst();
    return Call.on(
        device,
        () -> {
          Models.Trained trained = Models.load(old.checkpoint());
          Params params = trained.params().with(StyleKeys.of(settings));
          Freezing.apply(params, settings.get(RunKeys.FREEZE));
          PlannedMemory.of(settings, trained.model(), recipe(settings, trained.model()), data);
          return train(settings, trained.model(), params, data, old.folder(), old.checkpoint());
        });
  }

  /** Computes a step again that a run kept because its numbers were not finite. */
  private static int replay(Call call) {
    Path kept = call.get(RunKeys.REPLAY).toAbsolutePath().normalize();
    Path folder = kept.resolve("../..").normalize();
    Call settings = ResumedRun.settings(call, folder);
    if (settings.get(ClassifierTraining.TASK) == ClassifierTraining.Task.CLASSIFY) {
      throw new UsageException(
          "replay= computes steps of detectors again, but "
              + folder
              + " is the run of a classifier; its batch lies in "
              + kept);
    }
    return Call.on(
        settings.devices().getFirst(),
        () -> {
          DetectionModel model = Models.model(kept.resolve(Replay.STATE));
          Replay replay =
              Replay.of(
                  kept,
                  StyleKeys.of(settings),
                  RunKeys.settings(settings, recipe(settings, model), model),
                  params -> Freezing.apply(params, settings.get(RunKeys.FREEZE)));
          call.print("recorded: " + replay.recorded());
          call.print("now:      " + replay.again().map(Object::toString).orElse("all is finite"));
          call.print(replay.isSame() ? "the same" : "not the same");
          return replay.isSame() ? Failure.NONE : Failure.WORK;
        });
  }

  private static void tell(Call call, DetectionModel model, Params params, DataInput data) {
    call.print(
        "%s: %d parameters; %d pictures to learn from, %s; %s"
            .formatted(
                model.name(),
                params.count(),
                data.train().size(),
                data.val().map(val -> val.size() + " to measure on").orElse("none to measure on"),
                Ops.device().description()));
    if (call.get(RunKeys.BATCH) == 1
        && StyleKeys.of(call).normalization() == LayerStyle.Kind.BATCH) {
      call.warn(
          "batch=1 normalises by the statistics of single pictures, which are not those of"
              + " the running network; take more, or normalization=group");
    }
    String warning = anchorWarning(recipe(call, model), model, data.train());
    if (!warning.isEmpty()) {
      call.warn(warning);
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

  private static int train(
      Call call,
      DetectionModel model,
      Params params,
      DataInput data,
      Path folder,
      @Nullable Path checkpoint) {
    call.print("run folder: " + folder);
    fit(call, model, params, data, folder, folder, checkpoint)
        .ifPresent(last -> call.print(last.coco().toText().stripTrailing()));
    call.print("weights: " + folder.resolve("weights"));
    return Failure.NONE;
  }

  /** Refuses to wait for scores that nobody takes, before anything is written. */
  private static void requireMeasurable(Call call, DataInput data) {
    if (call.get(RunKeys.PATIENCE) > 0 && data.val().isEmpty()) {
      throw new UsageException(
          "patience= waits for better scores, but data= names no val pictures to measure on");
    }
  }

  /** Trains; empty where the run was stopped, or had nothing to measure. */
  private static Optional<Evaluation> fit(
      Call call,
      DetectionModel model,
      Params params,
      DataInput data,
      Path folder,
      Path resumable,
      @Nullable Path checkpoint) {
    AtomicReference<Optional<TrainingRun>> started = new AtomicReference<>(Optional.empty());
    try (TrainingProgress progress =
        new TrainingProgress(
            call.console(), resumable, () -> started.get().flatMap(TrainVerb::scores))) {
      TrainingRun run =
          new TrainingRun(
                  model,
                  params,
                  data.train(),
                  data.val().orElse(null),
                  RunKeys.settings(call, recipe(call, model), model),
                  folder,
                  Ops.device(),
                  List.of(progress))
              .across(call.devices().subList(1, call.devices().size()));
      started.set(Optional.of(run));
      Interruptible.Ended<Evaluation> ended =
          Interruptible.train(
              call.console(),
              () -> {
                if (checkpoint == null) {
                  run.start();
                } else {
                  run.resume(checkpoint);
                }
                return Optional.ofNullable(run.lastEvaluation());
              },
              run::stop,
              resumable);
      if (checkpoint != null && !ended.stopped() && progress.isIdle()) {
        call.print(
            "all %d epochs of this run are done already; for more, begin a new run with weights=%s"
                .formatted(call.get(RunKeys.EPOCHS), TrainingRun.checkpoint(folder)));
      }
      return ended.stopped() ? Optional.empty() : ended.result();
    }
  }

  private static Optional<String> scores(TrainingRun run) {
    return Optional.ofNullable(run.lastResult())
        .map(result ->
            result.ap50() < 0
                ? "no objects to measure on"
                : String.format(Locale.ROOT, "AP50 %.3f, AP %.3f", result.ap50(), result.ap()));
  }

  private static Recipe recipe(Call call, DetectionModel model) {
    return RecipeKeys.recipe(call, model.resize() != Resize.STRETCH, CfgTraining.of(model));
  }
}
