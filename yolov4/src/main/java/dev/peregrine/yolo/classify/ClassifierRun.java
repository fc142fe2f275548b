package dev.peregrine.yolo.classify;

import dev.peregrine.nn.LayerStyle;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.data.DataLoader;
import dev.peregrine.nn.data.Order;
import dev.peregrine.nn.optim.Accumulation;
import dev.peregrine.nn.optim.CosineSchedule;
import dev.peregrine.nn.optim.Ema;
import dev.peregrine.nn.optim.Sgd;
import dev.peregrine.nn.train.AcrossDevices;
import dev.peregrine.nn.train.Listener;
import dev.peregrine.nn.train.Objective;
import dev.peregrine.nn.train.Staged;
import dev.peregrine.nn.train.Trainer;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.yolo.run.MemoryBudget;
import dev.peregrine.yolo.run.RunGuard;
import dev.peregrine.yolo.run.RunKeeper;
import dev.peregrine.yolo.run.RunLock;
import dev.peregrine.yolo.run.Safety;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One training run of a classifier, with its folder: {@code weights/last.safetensors} (the whole
 * run, to resume and to use), {@code weights/best.safetensors} (the averaged numbers of the epoch
 * with the best top-1) and {@code results.csv}.
 */
public final class ClassifierRun {
  private static final double WARMUP_BIAS_RATE = 0.1;

  private final Classifier classifier;
  private final Params params;
  private final ImageFolder train;
  private final ClassifierRecipe recipe;
  private final Safety safety;
  private final Path folder;
  private final Device device;
  private final List<Listener> watchers;
  private final ClassifierSubject subject;
  private final RunKeeper keeper;
  private List<Device> others = List.of();
  private volatile @Nullable Trainer<?> trainer;

  /**
   * Prepares a run.
   *
   * @param classifier the network
   * @param params its numbers, random or trained; copied to the device
   * @param train training data
   * @param val validation data, or null for none
   * @param recipe how it is trained
   * @param safety what it does so that it is not lost
   * @param saveSeconds seconds from one saving to the next within an epoch
   * @param folder where files go; made when missing
   * @param device where to compute
   * @param watchers listeners, such as a progress bar
   */
  public ClassifierRun(
      Classifier classifier,
      Params params,
      ImageFolder train,
      @Nullable ImageFolder val,
      ClassifierRecipe recipe,
      Safety safety,
      double saveSeconds,
      Path folder,
      Device device,
      List<? extends Listener> watchers) {
    this.classifier = classifier;
    this.params = params.to(DType.F32, device);
    this.train = train;
    this.recipe = recipe;
    this.safety = safety;
    this.folder = folder;
    this.device = device;
    this.watchers = List.copyOf(watchers);
    this.subject = new ClassifierSubject(classifier, this.params, val, recipe, folder);
    this.keeper =
        new RunKeeper(
            folder,
            subject,
            safety,
            saveSeconds,
            Math.ceilDiv(train.items().size(), recipe.batch()),
            watchers);
  }

  /**
   * Returns what a run asks for of memory.
   *
   * @param classifier the network
   * @param style how its layers normalise, and whether they are computed again
   * @param train training data
   * @param recipe how it is trained
   * @param subdivisions the fewest parts that a mini-batch is computed in
   * @return the demand
   */
  public static MemoryBudget.Demand demand(
      Classifier classifier,
      LayerStyle style,
      ImageFolder train,
      ClassifierRecipe recipe,
      int subdivisions) {
    return new MemoryBudget.Demand(
        (params, images) -> List.of(classifier.scores(params, images)),
        style,
        Sgd.plain(recipe.decay()),
        classifier.inputSize(),
        classifier.inputSize(),
        Math.min(recipe.batch(), train.items().size()),
        subdivisions,
        1,
        0);
  }

  /**
   * Shares each mini-batch with further devices.
   *
   * @param further the devices, each to be of use to this run alone
   * @return this run
   */
  public ClassifierRun across(List<? extends Device> further) {
    others = List.copyOf(further);
    return this;
  }

  /**
   * Returns the scores of the last evaluation.
   *
   * @return the scores, or null before the first
   */
  public @Nullable ClassifierScores lastScores() {
    return subject.last();
  }

  /** Ends the run after the present mini-batch; for interrupt handlers. */
  public void stop() {
    Trainer<?> running = trainer;
    if (running != null) {
      running.stop();
    }
  }

  /**
   * Trains.
   *
   * @param from a checkpoint of the same recipe to go on from, or null for a new run
   * @return the scores of the last evaluation, or null without validation data
   */
  public @Nullable ClassifierScores run(@Nullable Path from) {
    int threads = Runtime.getRuntime().availableProcessors();
    Order order = Order.shuffled(recipe.seed());
    ClassifierSource source = new ClassifierSource(train, classifier.inputSize(), recipe);
    try (RunLock _ = RunLock.of(folder, "weights");
        DataLoader<ClassifierExample> loader =
            new DataLoader<>(source, recipe.batch(), order, threads)) {
      Ops.on(
          device,
          () -> {
            train(loader, order, from);
            return folder;
          });
    }
    return subject.last();
  }

  /** What is minimised, with the work shared among the devices. */
  private Objective<ClassifierExample> objective() {
    ClassifierObjective one = new ClassifierObjective(classifier, new Staged<>());
    List<Device> devices = new ArrayList<>(List.of(device));
    devices.addAll(others);
    return others.isEmpty() ? one : new AcrossDevices<>(one, devices);
  }

  private void train(DataLoader<ClassifierExample> loader, Order order, @Nullable Path from) {
    List<Listener> listeners = new ArrayList<>(List.of(keeper)); // watchers see its scores
    listeners.addAll(watchers);
    long iterations = (long) recipe.epochs() * loader.batches();
    Trainer<ClassifierExample> run =
        new Trainer<>(
                params,
                loader,
                objective(),
                Sgd.plain(recipe.decay()),
                new CosineSchedule(
                    recipe.rate(),
                    recipe.finalShare(),
                    recipe.momentum(),
                    Math.min(0.8, recipe.momentum()),
                    WARMUP_BIAS_RATE,
                    Math.min(recipe.warmup(), iterations / 5),
                    recipe.epochs(),
                    loader.batches()),
                new Ema(
                    Math.min(0.9999, 1 - 20.0 / Math.max(100, iterations)),
                    Math.clamp(iterations / 50.0, 10, 2000)),
                new Accumulation.Mean(recipe.batch()),
                listeners)
            .subdivided(safety.subdivisions())
            .guarded(
                new RunGuard<>(
                    keeper, order, recipe.batch(), new ClassifierSubject.Pictures(train)));
    trainer = run;
    keeper.train(run, params, from, recipe.epochs(), () -> {});
  }
}
