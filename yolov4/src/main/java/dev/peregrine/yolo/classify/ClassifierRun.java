package dev.peregrine.yolo.classify;

import dev.peregrine.nn.Params;
import dev.peregrine.nn.data.DataLoader;
import dev.peregrine.nn.io.ParamsFile;
import dev.peregrine.nn.optim.Accumulation;
import dev.peregrine.nn.optim.CosineSchedule;
import dev.peregrine.nn.optim.Ema;
import dev.peregrine.nn.optim.Sgd;
import dev.peregrine.nn.train.Checkpoint;
import dev.peregrine.nn.train.Listener;
import dev.peregrine.nn.train.Progress;
import dev.peregrine.nn.train.Trainer;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.shape.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One training run of a classifier, with its folder: {@code weights/last.safetensors} (the whole
 * run, to resume and to use), {@code weights/best.safetensors} (the averaged numbers of the epoch
 * with the best top-1) and {@code results.csv}.
 */
public final class ClassifierRun {
  private static final double WARMUP_BIAS_RATE = 0.1;
  private static final String HEADER = "epoch,train/loss,val/loss,metrics/top1,metrics/top5,lr";
  private static final String BEST = "best.top1";
  private static final String ROWS = "results";

  private final Classifier classifier;
  private final Params params;
  private final ImageFolder train;
  private final @Nullable ImageFolder val;
  private final ClassifierRecipe recipe;
  private final Path folder;
  private final Device device;
  private final Consumer<String> lines;
  private final List<String> rows = new ArrayList<>();
  private double best = -1;
  private @Nullable ClassifierScores last;
  private volatile @Nullable Trainer<?> trainer;

  /**
   * Prepares a run.
   *
   * @param classifier the network
   * @param params its numbers, random or trained; copied to the device
   * @param train training data
   * @param val validation data, or null for none
   * @param recipe how it is trained
   * @param folder where files go; made when missing
   * @param device where to compute
   * @param lines hears a line about each epoch
   */
  public ClassifierRun(
      Classifier classifier,
      Params params,
      ImageFolder train,
      @Nullable ImageFolder val,
      ClassifierRecipe recipe,
      Path folder,
      Device device,
      Consumer<String> lines) {
    this.classifier = classifier;
    this.params = params.to(DType.F32, device);
    this.train = train;
    this.val = val;
    this.recipe = recipe;
    this.folder = folder;
    this.device = device;
    this.lines = lines;
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
    try {
      Files.createDirectories(folder.resolve("weights"));
    } catch (IOException failure) {
      throw new FormatException(
          folder + ": the run's folder cannot be made: " + failure + "; choose another with out=",
          failure);
    }
    int threads = Runtime.getRuntime().availableProcessors();
    ClassifierSource source = new ClassifierSource(train, classifier.inputSize(), recipe);
    try (DataLoader<ClassifierExample> loader =
        new DataLoader<>(source, recipe.batch(), true, recipe.seed(), threads)) {
      Ops.on(
          device,
          () -> {
            train(loader, from);
            return folder;
          });
    }
    return last;
  }

  private void train(DataLoader<ClassifierExample> loader, @Nullable Path from) {
    long iterations = (long) recipe.epochs() * loader.batches();
    Trainer<ClassifierExample> run =
        new Trainer<>(
            params,
            loader,
            new ClassifierObjective(classifier),
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
            List.of(new Saver()));
    trainer = run;
    if (from != null) {
      run.restore(Checkpoint.load(from, params));
      Map<String, String> texts = ParamsFile.metadata(from);
      best = Double.parseDouble(texts.getOrDefault(BEST, "-1"));
      String table = texts.getOrDefault(ROWS, "");
      rows.addAll(table.isEmpty() ? List.of() : List.of(table.split("\n")));
    }
    run.train(recipe.epochs());
    if (run.epoch() < recipe.epochs()) {
      save(run);
    }
  }

  private void save(Trainer<?> run) {
    Map<String, String> texts = new LinkedHashMap<>(classifier.describe(params.style()));
    texts.put(BEST, Double.toString(best));
    texts.put(ROWS, String.join("\n", rows));
    Checkpoint.save(run.state(), texts, weights("last"));
  }

  private Path weights(String name) {
    return folder.resolve("weights").resolve(name + ".safetensors");
  }

  private final class Saver implements Listener {
    @Override
    public void onEpoch(Trainer<?> run, Progress progress) {
      Params averaged = run.averaged();
      ImageFolder data = val;
      ClassifierScores scores =
          data == null ? null : ClassifierScores.of(classifier, averaged, data, recipe.batch());
      last = scores;
      double fitness = scores == null ? 0 : scores.top1();
      if (fitness > best || scores == null) {
        best = fitness;
        ParamsFile.write(averaged, classifier.describe(params.style()), weights("best"));
      }
      double loss = progress.means().getOrDefault("loss", Double.NaN);
      rows.add(row(progress, loss, scores));
      write();
      save(run);
      lines.accept(
          String.format(
              Locale.ROOT,
              "epoch %d/%d  loss %.4f  %s",
              progress.epoch() + 1,
              recipe.epochs(),
              loss,
              scores == null ? "" : scores));
    }

    private static String row(Progress progress, double loss, @Nullable ClassifierScores scores) {
      String measured =
          scores == null
              ? ",,"
              : String.format(
                  Locale.ROOT, "%.5f,%.5f,%.5f", scores.loss(), scores.top1(), scores.top5());
      return String.format(
          Locale.ROOT, "%d,%.5f,%s,%.6f", progress.epoch() + 1, loss, measured, progress.rate());
    }

    private void write() {
      Path file = folder.resolve("results.csv");
      Path beside = file.resolveSibling("results.csv.part");
      try {
        Files.writeString(beside, HEADER + "\n" + String.join("\n", rows) + "\n");
        Files.move(
            beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } catch (IOException failure) {
        throw new FormatException(file + ": cannot be written: " + failure, failure);
      }
    }
  }
}
