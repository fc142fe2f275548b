package dev.peregrine.yolo.train;

import dev.peregrine.nn.Params;
import dev.peregrine.nn.data.DataLoader;
import dev.peregrine.nn.io.ParamsFile;
import dev.peregrine.nn.optim.CosineSchedule;
import dev.peregrine.nn.optim.Ema;
import dev.peregrine.nn.optim.Sgd;
import dev.peregrine.nn.train.Checkpoint;
import dev.peregrine.nn.train.Listener;
import dev.peregrine.nn.train.Progress;
import dev.peregrine.nn.train.Trainer;
import dev.peregrine.nn.train.TrainingState;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.yolo.Detector;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.augment.LabelledImage;
import dev.peregrine.yolo.augment.PictureCache;
import dev.peregrine.yolo.augment.TrainingSampler;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.eval.CocoResult;
import dev.peregrine.yolo.loss.DarknetLoss;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.plot.ResultsPlot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One training run of a detector, with its folder.
 *
 * <p>The folder gets {@code weights/last.safetensors} (the whole run, to resume and to use), {@code
 * weights/best.safetensors} (the averaged numbers of the best epoch), {@code results.csv} and
 * pictures. The best epoch has the highest {@code 0.1 AP50 + 0.9 AP} on the validation data.
 */
public final class TrainingRun {
  private static final int SHOWN_BATCHES = 3;

  private final DetectionModel model;
  private final Params params;
  private final DataSet train;
  private final @Nullable DataSet val;
  private final TrainingSettings settings;
  private final Path folder;
  private final Device device;
  private final List<Listener> watchers;
  private final RunPictures pictures;
  private final Map<String, String> metadata;

  private double bestFitness = Double.NEGATIVE_INFINITY;
  private @Nullable CocoResult last;
  private @Nullable Evaluation lastEvaluation;
  private long saved = System.nanoTime();
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
    this.val = val;
    this.settings = settings;
    this.folder = folder;
    this.device = device;
    this.watchers = List.copyOf(watchers);
    this.pictures = new RunPictures(folder, train.names());
    this.metadata = Models.metadata(this.model, train.names());
  }

  /**
   * Returns where the whole run is saved.
   *
   * @param folder the run's folder
   * @return its checkpoint
   */
  public static Path checkpoint(Path folder) {
    return folder.resolve("weights").resolve("last.safetensors");
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
    return last;
  }

  /**
   * Returns the findings of the last evaluation.
   *
   * @return the findings, or null before the first
   */
  public @Nullable Evaluation lastEvaluation() {
    return lastEvaluation;
  }

  private @Nullable CocoResult run(@Nullable Path from) {
    try {
      Files.createDirectories(folder.resolve("weights"));
    } catch (IOException failure) {
      throw new FormatException(
          folder + ": the run's folder cannot be made: " + failure + "; choose another with out=",
          failure);
    }
    TrainingSampler sampler =
        new TrainingSampler(
            new PictureCache(train, PictureCache.usualBudget()),
            settings.augmentation(),
            settings.seed(),
            settings.epochs());
    int threads = Runtime.getRuntime().availableProcessors();
    try (DataLoader<LabelledImage> loader =
        new DataLoader<>(
            new DetectionSource(sampler, settings.size()),
            settings.batch(),
            true,
            settings.seed(),
            threads)) {
      Ops.on(
          device,
          () -> {
            train(loader, from);
            return folder;
          });
    }
    return last;
  }

  private void train(DataLoader<LabelledImage> loader, @Nullable Path from) {
    params.statisticsMomentum(settings.statisticsMomentum());
    int done = 0;
    Saver saver = new Saver();
    List<Listener> listeners = new ArrayList<>(List.of(saver)); // watchers see its evaluation
    listeners.addAll(watchers);
    Trainer<LabelledImage> run =
        new Trainer<>(
            params,
            loader,
            new DetectionObjective(model, new DarknetLoss(model.heads(), settings.form())),
            Sgd.plain(settings.decay()),
            schedule(loader.batches()),
            new Ema(settings.emaDecay(), settings.emaHorizon()),
            settings.nominalBatch(),
            listeners);
    trainer = run;
    if (from != null) {
      TrainingState state = Checkpoint.load(from, params);
      run.restore(state);
      done = run.epoch();
      String fitness = ParamsFile.metadata(from).get("best.fitness");
      bestFitness = fitness == null ? bestFitness : Double.parseDouble(fitness);
    } else {
      draw(loader);
    }
    saver.table = new ResultsTable(folder.resolve("results.csv"), done);
    run.train(settings.epochs());
    if (run.epoch() < settings.epochs()) {
      saver.save(run);
    } else {
      finish();
    }
  }

  private CosineSchedule schedule(int batches) {
    return new CosineSchedule(
        settings.rate(),
        settings.finalShare(),
        settings.momentum(),
        Math.min(0.8, settings.momentum()),
        settings.warmup(),
        settings.epochs(),
        batches);
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
    Path table = folder.resolve("results.csv");
    if (Files.exists(table) && settings.epochs() > 1) {
      ResultsPlot.draw(table, folder.resolve("results.png"));
    }
    Evaluation evaluation = lastEvaluation;
    if (val != null && evaluation != null) {
      pictures.valBatch(val, evaluation);
      pictures.curves(evaluation);
    }
  }

  /**
   * Evaluates after epochs, keeps the table, and saves the run after epochs and from time to time
   * within.
   */
  private final class Saver implements Listener {
    private final long started = System.nanoTime();
    private @Nullable ResultsTable table;

    @Override
    public void onBatch(Trainer<?> run, Progress progress) {
      boolean due = System.nanoTime() - saved >= settings.saveSeconds() * 1e9;
      if (due && run.isBetweenSteps() && progress.batch() < progress.batches()) {
        save(run);
      }
    }

    @Override
    public void onEpoch(Trainer<?> run, Progress progress) {
      boolean evaluated = false;
      DataSet data = val;
      if (data != null
          && ((progress.epoch() + 1) % settings.evaluateEvery() == 0
              || progress.epoch() + 1 == settings.epochs())) {
        evaluate(run, data);
        evaluated = true;
      }
      if (table != null) {
        table.add(row(progress, evaluated));
      }
      save(run);
    }

    private void evaluate(Trainer<?> run, DataSet data) {
      Params averaged = run.averaged();
      Detector detector =
          Detector.of(model, averaged)
              .on(device)
              .names(data.names())
              .confidence(Evaluation.CONFIDENCE);
      Evaluation evaluation =
          Evaluation.run(detector, data, Math.min(8, settings.batch()), count -> {});
      CocoResult result = evaluation.coco();
      lastEvaluation = evaluation;
      last = result;
      double fitness = 0.1 * result.ap50() + 0.9 * result.ap();
      if (fitness > bestFitness) {
        bestFitness = fitness;
        ParamsFile.write(averaged, metadata, folder.resolve("weights").resolve("best.safetensors"));
      }
    }

    private String row(Progress p, boolean evaluated) {
      CocoResult result = last;
      String scores =
          evaluated && result != null
              ? String.format(Locale.ROOT, "%.5f,%.5f", result.ap50(), result.ap())
              : ",";
      Map<String, Double> means = p.means();
      return String.format(
          Locale.ROOT,
          "%d,%.1f,%.5f,%.5f,%.5f,%.5f,%s,%.6f",
          p.epoch() + 1,
          (System.nanoTime() - started) / 1e9,
          means.getOrDefault("loss", Double.NaN),
          means.getOrDefault("box", Double.NaN),
          means.getOrDefault("obj", Double.NaN),
          means.getOrDefault("cls", Double.NaN),
          scores,
          p.rate());
    }

    private void save(Trainer<?> run) {
      Map<String, String> texts = new java.util.LinkedHashMap<>(metadata);
      texts.put("best.fitness", Double.toString(bestFitness));
      Checkpoint.save(run.state(), texts, checkpoint(folder));
      saved = System.nanoTime();
    }
  }
}
