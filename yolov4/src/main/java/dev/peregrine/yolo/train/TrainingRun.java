package dev.peregrine.yolo.train;

import dev.peregrine.nn.Params;
import dev.peregrine.nn.data.DataLoader;
import dev.peregrine.nn.data.Order;
import dev.peregrine.nn.train.AcrossDevices;
import dev.peregrine.nn.train.DataParallel;
import dev.peregrine.nn.train.Listener;
import dev.peregrine.nn.train.Objective;
import dev.peregrine.nn.train.Trainer;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.augment.LabelledImage;
import dev.peregrine.yolo.augment.PictureCache;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.eval.CocoResult;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.recipe.Course;
import dev.peregrine.yolo.recipe.Hyper;
import dev.peregrine.yolo.recipe.Recipe;
import dev.peregrine.yolo.run.RunGuard;
import dev.peregrine.yolo.run.RunKeeper;
import dev.peregrine.yolo.run.RunLock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One training run of a detector, with its folder.
 *
 * <p>The folder gets {@code weights/last.safetensors} (the whole run, to resume and to use), {@code
 * weights/best.safetensors} (the averaged numbers of the best epoch), {@code results.csv}, event
 * files for TensorBoard and pictures. The best epoch has the highest {@code 0.1 AP50 + 0.9 AP} on
 * the validation data.
 */
public final class TrainingRun {
  private static final int SHOWN_BATCHES = 3;

  private final DetectionModel model;
  private final Params params;
  private final DataSet train;
  private final @Nullable Validation validation;
  private final @Nullable WeightedOrder weights;
  private final TrainingSettings settings;
  private final Path folder;
  private final Device device;
  private final List<Listener> watchers;
  private final RunPictures pictures;
  private final DetectionSubject subject;
  private final RunKeeper keeper;
  private List<Device> others = List.of();
  private @Nullable Trainer<?> trainer;

  /**
   * Prepares a run.
   *
   * @param model the network
   * @param params its numbers, random or trained; copied to the device
   * @param train training data
   * @param val validation data, or null for none
   * @param settings everything that may be set
   * @param folder where files go; made when missing
   * @param device where to compute
   * @param watchers further listeners, such as a progress bar
   */
  public TrainingRun(
      DetectionModel model,
      Params params,
      DataSet train,
      @Nullable DataSet val,
      TrainingSettings settings,
      Path folder,
      Device device,
      List<? extends Listener> watchers) {
    if (train.names().size() != model.classes()) {
      throw new IllegalArgumentException(
          "training: the data name "
              + train.names().size()
              + " classes but the model tells "
              + model.classes()
              + " apart; make the model with as many classes as the data have");
    }
    this.model = model.withInputSize(settings.size());
    this.params = params.to(DType.F32, device);
    this.train = train;
    this.settings = settings;
    this.folder = folder;
    this.device = device;
    this.watchers = List.copyOf(watchers);
    this.pictures = new RunPictures(folder, train.names());
    this.validation = val == null ? null : new Validation(this.model, val, device, settings);
    this.weights = settings.imageWeights() ? new WeightedOrder(train, settings.seed()) : null;
    this.subject = new DetectionSubject(folder, metadata(), validation, weights, model.classes());
    this.keeper =
        new RunKeeper(
            folder, subject, settings.safety(), settings.saveSeconds(), batches(), watchers);
  }

  /**
   * Shares each mini-batch with further devices.
   *
   * @param further the devices, each to be of use to this run alone
   * @return this run
   */
  public TrainingRun across(List<? extends Device> further) {
    if (!further.isEmpty() && settings.replicas() > 1) {
      throw new IllegalArgumentException(
          "training: "
              + settings.replicas()
              + " replicas on "
              + (1 + further.size())
              + " devices; each device holds one replica, so leave replicas away");
    }
    others = List.copyOf(further);
    return this;
  }

  private Map<String, String> metadata() {
    Map<String, String> texts = new LinkedHashMap<>(Models.metadata(model, train.names()));
    texts.putAll(params.style().describe());
    return texts;
  }

  /**
   * Returns where the whole run is saved.
   *
   * @param folder the run's folder
   * @return its checkpoint
   */
  public static Path checkpoint(Path folder) {
    return RunKeeper.checkpoint(folder);
  }

  /**
   * Trains from the beginning.
   *
   * @return the last evaluation, or null without validation data
   */
  public @Nullable CocoResult start() {
    return run(null);
  }

  /**
   * Goes on where a checkpoint of the same settings ended, with the same bits as if it had not
   * ended.
   *
   * @param checkpoint the file
   * @return the last evaluation, or null without validation data
   */
  public @Nullable CocoResult resume(Path checkpoint) {
    return run(checkpoint);
  }

  /** Ends the run after the present mini-batch and saves it; for interrupt handlers. */
  public void stop() {
    Trainer<?> running = trainer;
    if (running != null) {
      running.stop();
    }
  }

  /**
   * Returns the scores of the last evaluation.
   *
   * @return the scores, or null before the first
   */
  public @Nullable CocoResult lastResult() {
    Evaluation last = subject.lastEvaluation();
    return last == null ? null : last.coco();
  }

  /**
   * Returns the findings of the last evaluation.
   *
   * @return the findings, or null before the first
   */
  public @Nullable Evaluation lastEvaluation() {
    return subject.lastEvaluation();
  }

  private @Nullable CocoResult run(@Nullable Path from) {
    Course course = settings.course(model.maxStride(), batches());
    DetectionSource source =
        new DetectionSource(
            new PictureCache(train, PictureCache.usualBudget()), settings.recipe(), course);
    Order order = weights == null ? Order.shuffled(settings.seed()) : weights;
    int threads = Runtime.getRuntime().availableProcessors();
    try (RunLock _ = RunLock.of(folder, "weights");
        DataLoader<LabelledImage> loader =
            new DataLoader<>(source, settings.batch(), order, threads)
                .growing(
                    (epoch, batch) -> settings.recipe().batch(course, epoch * batches() + batch))) {
      Ops.on(
          device,
          () -> {
            train(loader, order, course, from);
            return folder;
          });
    }
    return lastResult();
  }

  private int batches() {
    return Math.ceilDiv(train.size(), settings.batch());
  }

  private void train(
      DataLoader<LabelledImage> loader, Order order, Course course, @Nullable Path from) {
    Recipe recipe = settings.recipe();
    params.statisticsMomentum(recipe.statisticsMomentum());
    List<Listener> listeners = new ArrayList<>(List.of(keeper)); // watchers see its evaluation
    listeners.addAll(watchers);
    Trainer<LabelledImage> run =
        new Trainer<>(
                params,
                loader,
                shared(recipe, course),
                recipe.optimizer(course),
                recipe.schedule(course),
                recipe.average(course),
                recipe.accumulation(course),
                listeners)
            .subdivided(settings.safety().subdivisions())
            .guarded(
                new RunGuard<>(
                    keeper,
                    order,
                    settings.batch(),
                    new DetectionSubject.Pictures(train, batches())));
    trainer = run;
    if (keeper.train(run, params, from, settings.epochs(), () -> draw(loader))) {
      finish();
    }
  }

  private DetectionObjective objective(Recipe recipe, Course course) {
    DetectionObjective objective = DetectionObjective.of(model, recipe, course);
    return recipe.hyper().get(Hyper.ATTENTION) == 0
        ? objective
        : objective.watched(pictures::attention);
  }

  /** What is minimised, with the work shared among replicas or devices. */
  private Objective<LabelledImage> shared(Recipe recipe, Course course) {
    DetectionObjective one = objective(recipe, course);
    if (others.isEmpty()) {
      return new DataParallel<>(one, settings.replicas());
    }
    List<Device> devices = new ArrayList<>(List.of(device));
    devices.addAll(others);
    return new AcrossDevices<>(one, devices);
  }

  private void draw(DataLoader<LabelledImage> loader) {
    pictures.labels(train);
    int number = 0;
    for (List<LabelledImage> batch : loader.epoch(0, 0)) {
      pictures.trainBatch(number++, batch);
      if (number == SHOWN_BATCHES) {
        break;
      }
    }
  }

  private void finish() {
    subject.draw();
    Evaluation evaluation = subject.lastEvaluation();
    if (validation != null && evaluation != null) {
      pictures.valBatch(validation.data(), evaluation);
      pictures.curves(evaluation);
    }
  }
}
