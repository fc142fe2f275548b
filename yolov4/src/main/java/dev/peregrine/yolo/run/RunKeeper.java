package dev.peregrine.yolo.run;

import dev.peregrine.nn.Params;
import dev.peregrine.nn.io.ParamsFile;
import dev.peregrine.nn.train.Checkpoint;
import dev.peregrine.nn.train.Listener;
import dev.peregrine.nn.train.Progress;
import dev.peregrine.nn.train.Trainer;
import dev.peregrine.nn.train.TrainingState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what a run achieves: measures it after epochs, writes its record, saves its best numbers,
 * and saves the whole of it after epochs and from time to time within.
 */
public final class RunKeeper implements Listener {
  private static final String FITNESS = "best.fitness";
  private static final String BEST_EPOCH = "best.epoch";
  private static final String ROLLBACKS = "rollbacks";
  private static final String ROLLED_BACK_TO = "rolled_back_to";
  private static final String ENDED = "ended";

  private final Path folder;
  private final Subject subject;
  private final Safety safety;
  private final double saveSeconds;
  private final List<Listener> watchers;
  private final GoodState good;
  private final List<String> rollbacks = new ArrayList<>();

  private Patience patience;
  private String ended = "";
  private long rolledBackTo = -1;
  private long saved = System.nanoTime();

  /**
   * Makes the keeper of a run.
   *
   * @param folder where the run's files go
   * @param subject what it is about
   * @param safety what it does so that it is not lost
   * @param saveSeconds seconds from one saving to the next within an epoch
   * @param batches mini-batches of an epoch
   * @param watchers hear what the run does by itself
   */
  public RunKeeper(
      Path folder,
      Subject subject,
      Safety safety,
      double saveSeconds,
      int batches,
      List<? extends Listener> watchers) {
    this.folder = folder;
    this.subject = subject;
    this.safety = safety;
    this.saveSeconds = saveSeconds;
    this.watchers = List.copyOf(watchers);
    this.patience = new Patience(subject, safety.patience());
    this.good = new GoodState(folder, batches, safety.onNonFinite());
  }

  /**
   * Returns where a whole run is saved.
   *
   * @param folder the run's folder
   * @return its checkpoint
   */
  public static Path checkpoint(Path folder) {
    return folder.resolve("weights").resolve("last.safetensors");
  }

  /**
   * Returns where the numbers of the best epoch are.
   *
   * @param folder the run's folder
   * @return a file of weights
   */
  public static Path best(Path folder) {
    return folder.resolve("weights").resolve("best.safetensors");
  }

  Path folder() {
    return folder;
  }

  Safety safety() {
    return safety;
  }

  /** What happened when numbers were not finite and the run went back. */
  List<String> rollbacks() {
    return List.copyOf(rollbacks);
  }

  /** The state to go back to: an older one where the last one was tried already. */
  Path backTo() {
    return good.backTo(rolledBackTo);
  }

  /**
   * Trains from the beginning, or goes on where a checkpoint ended, and saves the run where it was
   * stopped.
   *
   * @param run the run, guarded and listened to
   * @param params its numbers
   * @param from a checkpoint, or null
   * @param epochs of the whole run
   * @param first done when the run begins from the beginning, after it was saved
   * @return true if all epochs are done or the run ended early by itself
   */
  public boolean train(
      Trainer<?> run, Params params, @Nullable Path from, int epochs, Runnable first) {
    if (from != null) {
      TrainingState state = Checkpoint.load(from, params);
      run.restore(state);
      takeUp(from);
      subject.begin(epochsDone(state));
      good.resume(state.position());
    } else {
      subject.begin(0);
      save(run);
      good.take();
      first.run();
    }
    if (ended.isEmpty()) {
      run.train(epochs);
    } else {
      notice(run, ended);
    }
    if (run.epoch() < epochs && ended.isEmpty()) {
      save(run);
      return false;
    }
    return true;
  }

  private int epochsDone(TrainingState state) {
    return state.position().epoch() + (good.isEndOfEpoch(state.position()) ? 1 : 0);
  }

  private void takeUp(Path checkpoint) {
    Map<String, String> texts = ParamsFile.metadata(checkpoint);
    patience =
        new Patience(
            subject,
            safety.patience(),
            Double.parseDouble(texts.getOrDefault(FITNESS, "-Infinity")),
            Integer.parseInt(texts.getOrDefault(BEST_EPOCH, "-1")));
    rollbacks.clear();
    String known = texts.getOrDefault(ROLLBACKS, "");
    rollbacks.addAll(known.isEmpty() ? List.of() : List.of(known.split("\n", -1)));
    ended = texts.getOrDefault(ENDED, "");
    rolledBackTo = Long.parseLong(texts.getOrDefault(ROLLED_BACK_TO, "-1"));
    subject.restore(texts);
  }

  /** Goes back to a state and remembers why, in the checkpoint too. */
  void rollBack(Trainer<?> run, Path file, TrainingState to, String why) {
    List<String> all = new ArrayList<>(rollbacks);
    String what =
        "%s: back to where %d batches of epoch %d were done, on with %s of the rate"
            .formatted(
                why, to.position().batch(), to.position().epoch() + 1, to.position().rateShare());
    all.add(what.replace('\n', ' '));
    takeUp(file);
    rollbacks.clear();
    rollbacks.addAll(all);
    rolledBackTo = to.position().iteration();
    save(to);
    good.take();
    subject.begin(epochsDone(to));
    notice(run, "rolled back: " + what);
  }

  @Override
  public void onBatch(Trainer<?> run, Progress progress) {
    boolean within = progress.batch() < progress.batches();
    boolean due = System.nanoTime() - saved >= saveSeconds * 1e9;
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
    int epoch = progress.epoch();
    boolean measured = subject.measures(epoch);
    if (measured) {
      Params averaged = run.averaged();
      double score = subject.measure(averaged, epoch);
      if (patience.isBest(epoch, score)) {
        ParamsFile.write(averaged, subject.metadata(), best(folder));
      }
      ended = patience.verdict(epoch, score);
    }
    subject.record(run, progress, measured);
    save(run);
    good.take();
    if (!ended.isEmpty()) {
      notice(run, ended);
      run.stop();
    }
  }

  private void notice(Trainer<?> run, String sentence) {
    watchers.forEach(watcher -> watcher.onNotice(run, sentence));
  }

  private void save(Trainer<?> run) {
    save(run.state());
  }

  private void save(TrainingState state) {
    Checkpoint.save(state, texts(), checkpoint(folder));
    saved = System.nanoTime();
  }

  /** Saves the whole run in another place. */
  void saveAside(Trainer<?> run, Path file) {
    Checkpoint.save(run.state(), texts(), file);
  }

  private Map<String, String> texts() {
    Map<String, String> texts = new LinkedHashMap<>(subject.metadata());
    texts.put(FITNESS, Double.toString(patience.best()));
    texts.put(BEST_EPOCH, String.valueOf(patience.bestEpoch()));
    texts.put(ENDED, ended);
    texts.put(ROLLED_BACK_TO, String.valueOf(rolledBackTo));
    texts.put(ROLLBACKS, String.join("\n", rollbacks));
    texts.putAll(subject.state());
    return texts;
  }
}
