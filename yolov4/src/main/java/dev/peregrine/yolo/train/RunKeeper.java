package dev.peregrine.yolo.train;

import dev.peregrine.nn.Params;
import dev.peregrine.nn.io.ParamsFile;
import dev.peregrine.nn.train.Checkpoint;
import dev.peregrine.nn.train.Listener;
import dev.peregrine.nn.train.Progress;
import dev.peregrine.nn.train.Trainer;
import dev.peregrine.yolo.eval.CocoResult;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what a run achieves: measures it after epochs, writes its table, saves its best numbers,
 * and saves the whole of it after epochs and from time to time within.
 */
final class RunKeeper implements Listener {
  private static final String FITNESS = "best.fitness";
  private static final String PRECISION = "class.ap";

  private final Path folder;
  private final Map<String, String> metadata;
  private final TrainingSettings settings;
  private final @Nullable Validation validation;
  private final @Nullable WeightedOrder weights;
  private final long started = System.nanoTime();
  private final double[] precision;

  private ResultsTable table;
  private double bestFitness = Double.NEGATIVE_INFINITY;
  private @Nullable CocoResult last;
  private @Nullable Evaluation lastEvaluation;
  private long saved = System.nanoTime();

  RunKeeper(
      Path folder,
      Map<String, String> metadata,
      TrainingSettings settings,
      @Nullable Validation validation,
      @Nullable WeightedOrder weights,
      int classes) {
    this.folder = folder;
    this.metadata = metadata;
    this.settings = settings;
    this.validation = validation;
    this.weights = weights;
    this.precision = new double[classes];
    this.table = new ResultsTable(folder.resolve("results.csv"), 0);
  }

  /** Takes up what a checkpoint says of the run so far. */
  void resume(Path checkpoint, int epochsDone) {
    Map<String, String> texts = ParamsFile.metadata(checkpoint);
    String fitness = texts.get(FITNESS);
    bestFitness = fitness == null ? bestFitness : Double.parseDouble(fitness);
    String known = texts.get(PRECISION);
    if (known != null) {
      String[] numbers = known.split(",", -1);
      for (int c = 0; c < Math.min(numbers.length, precision.length); c++) {
        precision[c] = Double.parseDouble(numbers[c]);
      }
      weigh();
    }
    table = new ResultsTable(folder.resolve("results.csv"), epochsDone);
  }

  @Nullable CocoResult lastResult() {
    return last;
  }

  @Nullable Evaluation lastEvaluation() {
    return lastEvaluation;
  }

  @Override
  public void onBatch(Trainer<?> run, Progress progress) {
    boolean due = System.nanoTime() - saved >= settings.saveSeconds() * 1e9;
    if (due && progress.batch() < progress.batches()) {
      save(run);
    }
  }

  @Override
  public void onEpoch(Trainer<?> run, Progress progress) {
    String scores = ",";
    if (validation != null && validation.isDue(progress.epoch())) {
      CocoResult result = measure(run, validation);
      scores = String.format(Locale.ROOT, "%.5f,%.5f", result.ap50(), result.ap());
    }
    table.add(row(progress, scores));
    save(run);
  }

  private CocoResult measure(Trainer<?> run, Validation on) {
    Params averaged = run.averaged();
    Evaluation evaluation = on.run(averaged);
    CocoResult result = evaluation.coco();
    lastEvaluation = evaluation;
    last = result;
    result.classes().forEach((index, scores) -> precision[index] = Math.max(0, scores.ap()));
    weigh();
    double fitness = 0.1 * result.ap50() + 0.9 * result.ap();
    if (fitness > bestFitness) {
      bestFitness = fitness;
      ParamsFile.write(averaged, metadata, folder.resolve("weights").resolve("best.safetensors"));
    }
    return result;
  }

  private void weigh() {
    if (weights != null) {
      weights.precision(precision);
    }
  }

  private String row(Progress p, String scores) {
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

  /** Saves the whole run. */
  void save(Trainer<?> run) {
    Map<String, String> texts = new LinkedHashMap<>(metadata);
    texts.put(FITNESS, Double.toString(bestFitness));
    texts.put(
        PRECISION,
        Arrays.stream(precision).mapToObj(Double::toString).collect(Collectors.joining(",")));
    Checkpoint.save(run.state(), texts, TrainingRun.checkpoint(folder));
    saved = System.nanoTime();
  }
}
