package dev.peregrine.yolo.train;

import dev.peregrine.nn.Params;
import dev.peregrine.nn.io.ParamsFile;
import dev.peregrine.nn.train.Checkpoint;
import dev.peregrine.nn.train.Listener;
import dev.peregrine.nn.train.Progress;
import dev.peregrine.nn.train.Trainer;
import dev.peregrine.nn.train.TrainingState;
import dev.peregrine.yolo.eval.CocoResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what a run achieves: measures it after epochs, writes its record, saves its best numbers,
 * and saves the whole of it after epochs and from time to time within.
 */
final class RunKeeper implements Listener {
  private static final String FITNESS = "best.fitness";
  private static final String BEST_EPOCH = "best.epoch";
  private static final String PRECISION = "class.ap";
  private static final String ROLLBACKS = "rollbacks";
  private static final String ROLLED_BACK_TO = "rolled_back_to";
  private static final String ENDED = "ended";

  private final Path folder;
  private final Map<String, String> metadata;
  private final TrainingSettings settings;
  private final @Nullable Validation validation;
  private final @Nullable WeightedOrder weights;
  private final List<Listener> watchers;
  private final GoodState good;
  private final RunRecord record;
  private final double[] precision;
  private final List<String> rollbacks = new ArrayList<>();

  private Patience patience;
  private String ended = "";
  private long rolledBackTo = -1;
  private @Nullable CocoResult last;
  private double[] losses = {};
  private @Nullable Evaluation lastEvaluation;
  private long saved = System.nanoTime();

  RunKeeper(
      Path folder,
      Map<String, String> metadata,
      TrainingSettings settings,
      @Nullable Validation validation,
      @Nullable WeightedOrder weights,
      int classes,
      int batches,
      List<? extends Listener> watchers) {
    this.folder = folder;
    this.metadata = metadata;
    this.settings = settings;
    this.validation = validation;
    this.weights = weights;
    this.watchers = List.copyOf(watchers);
    this.precision = new double[classes];
    this.patience = new Patience(settings.safety().patience());
    this.record = new RunRecord(folder);
    this.good = new GoodState(folder, batches, settings.safety().onNonFinite());
  }

  Path folder() {
    return folder;
  }

  /** What happened when numbers were not finite and the run went back. */
  List<String> rollbacks() {
    return List.copyOf(rollbacks);
  }

  /** The state to go back to: an older one where the last one was tried already. */
  Path backTo() {
    return good.backTo(rolledBackTo);
  }

  /** Why the run ended before its last epoch, or an empty text. */
  String ended() {
    return ended;
  }

  @Nullable CocoResult lastResult() {
    return last;
  }

  @Nullable Evaluation lastEvaluation() {
    return lastEvaluation;
  }

  /** Saves a run that begins, so that it can be resumed from any moment on. */
  void begin(Trainer<?> run) {
    record.begin(0);
    save(run);
    good.take();
  }

  /** Takes up what a checkpoint says of the run so far. */
  void resume(Path checkpoint, TrainingState state) {
    takeUp(checkpoint);
    record.begin(epochsDone(state));
    good.resume(state.position());
  }

  private int epochsDone(TrainingState state) {
    return state.position().epoch() + (good.isEndOfEpoch(state.position()) ? 1 : 0);
  }

  private void takeUp(Path checkpoint) {
    Map<String, String> texts = ParamsFile.metadata(checkpoint);
    patience =
        new Patience(
            settings.safety().patience(),
            Double.parseDouble(texts.getOrDefault(FITNESS, "-Infinity")),
            Integer.parseInt(texts.getOrDefault(BEST_EPOCH, "-1")));
    rollbacks.clear();
    String known = texts.getOrDefault(ROLLBACKS, "");
    rollbacks.addAll(known.isEmpty() ? List.of() : List.of(known.split("\n", -1)));
    ended = texts.getOrDefault(ENDED, "");
    rolledBackTo = Long.parseLong(texts.getOrDefault(ROLLED_BACK_TO, "-1"));
    String[] numbers = texts.getOrDefault(PRECISION, "").split(",", -1);
    if (numbers.length == precision.length && !numbers[0].isEmpty()) {
      Arrays.setAll(precision, c -> Double.parseDouble(numbers[c]));
    }
    weigh();
  }

  /** Goes back to a state and remembers why, in the checkpoint too. */
  void rollBack(Trainer<?> run, Path file, TrainingState to, String why) {
    List<String> all = new ArrayList<>(rollbacks);
    String what =
        "%s: back to batch %d of epoch %d, on with %s of the rate"
            .formatted(
                why, to.position().batch(), to.position().epoch(), to.position().rateShare());
    all.add(what.replace('\n', ' '));
    takeUp(file);
    rollbacks.clear();
    rollbacks.addAll(all);
    rolledBackTo = to.position().iteration();
    save(to);
    good.take();
    record.begin(epochsDone(to));
    notice(run, "rolled back: " + what);
  }

  @Override
  public void onBatch(Trainer<?> run, Progress progress) {
    boolean within = progress.batch() < progress.batches();
    boolean due = System.nanoTime() - saved >= settings.saveSeconds() * 1e9;
    boolean milestone = good.isDue(progress);
    if (within && (due || milestone)) {
      save(run);
    }
    if (within && milestone) {
      good.take();
    }
  }

  @Override
  public void onEpoch(Trainer<?> run, Progress progress) {
    CocoResult result = null;
    if (validation != null && validation.isDue(progress.epoch())) {
      result = measure(run, validation, progress.epoch());
      ended = patience.verdict(progress.epoch(), result);
    }
    record.epoch(progress, result, losses);
    save(run);
    good.take();
    if (!ended.isEmpty()) {
      notice(run, ended);
      run.stop();
    }
  }

  /** Draws the course of the run. */
  void draw() {
    record.draw();
  }

  private void notice(Trainer<?> run, String sentence) {
    watchers.forEach(watcher -> watcher.onNotice(run, sentence));
  }

  private CocoResult measure(Trainer<?> run, Validation on, int epoch) {
    Params averaged = run.averaged();
    Validation.Measured measured = on.run(averaged);
    Evaluation evaluation = measured.evaluation();
    CocoResult result = evaluation.coco();
    lastEvaluation = evaluation;
    last = result;
    result.classes().forEach((index, scores) -> precision[index] = Math.max(0, scores.ap()));
    weigh();
    if (patience.isBest(epoch, result)) {
      ParamsFile.write(averaged, metadata, folder.resolve("weights").resolve("best.safetensors"));
    }
    losses = measured.losses();
    return result;
  }

  private void weigh() {
    if (weights != null) {
      weights.precision(precision);
    }
  }

  /** Saves the whole run. */
  void save(Trainer<?> run) {
    save(run.state());
  }

  private void save(TrainingState state) {
    Checkpoint.save(state, texts(), TrainingRun.checkpoint(folder));
    saved = System.nanoTime();
  }

  /** Saves the whole run in another place. */
  void saveAside(Trainer<?> run, Path file) {
    Checkpoint.save(run.state(), texts(), file);
  }

  private Map<String, String> texts() {
    Map<String, String> texts = new LinkedHashMap<>(metadata);
    texts.put(FITNESS, Double.toString(patience.best()));
    texts.put(BEST_EPOCH, String.valueOf(patience.bestEpoch()));
    texts.put(ENDED, ended);
    texts.put(ROLLED_BACK_TO, String.valueOf(rolledBackTo));
    texts.put(ROLLBACKS, String.join("\n", rollbacks));
    texts.put(
        PRECISION,
        Arrays.stream(precision).mapToObj(Double::toString).collect(Collectors.joining(",")));
    return texts;
  }
}
