package dev.peregrine.yolo.cli.train;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Failure;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.eval.CocoResult;
import dev.peregrine.yolo.eval.ConfidenceCurves;
import dev.peregrine.yolo.evolve.Evolution;
import dev.peregrine.yolo.evolve.Gene;
import dev.peregrine.yolo.evolve.Outcome;
import dev.peregrine.yolo.evolve.Trial;
import dev.peregrine.yolo.plot.EvolvePlot;
import dev.peregrine.yolo.train.Evaluation;
import dev.peregrine.yolo.train.TrainingRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;

/**
 * {@code train evolve=N}: breeds hyper-parameters by N trainings.
 *
 * <p>The present training lies in {@code generation/}, the best one so far in {@code best/}, the
 * table beside them.
 */
final class EvolvedTraining {
  static final Key<Integer> EVOLVE =
      Key.whole(
          "evolve",
          "0",
          0,
          1_000_000,
          "breed hyper-parameters by so many trainings of epochs= each; 0 trains once");

  private static final String PRESENT = "generation";
  private static final String BEST = "best";

  /** Numbers that are bred may be no good at all; the search finds others. */
  private static final Outcome DIVERGED =
      Outcome.ofDetector(0, 0, 0, 0, Double.NaN, Double.NaN, Double.NaN);

  private EvolvedTraining() {}

  /** Whether a folder is that of a search: its settings say so. */
  static boolean isOne(Call call, Path folder) {
    return Files.isRegularFile(folder.resolve("args.yaml"))
        && !Files.exists(TrainingRun.checkpoint(folder))
        && ResumedRun.settings(call, folder).get(EVOLVE) > 0;
  }

  /** Trains once with the settings of a call; empty where it was stopped before its end. */
  interface Training {
    Optional<Evaluation> run(Call call, Path folder);
  }

  /** The user wants the search to end. */
  private static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /**
   * Runs a search, or goes on with one whose table is in the folder.
   *
   * @param call the settings of all trainings
   * @param genes what may be bred
   * @param numbers the values in force by key, also those not given
   * @param folder the run's folder
   * @param training what to do with each call
   */
  static int run(
      Call call, List<Gene> genes, Map<String, String> numbers, Path folder, Training training) {
    SequencedMap<String, Double> start = new LinkedHashMap<>();
    List<Gene> bred = genes.stream().filter(gene -> numbers.containsKey(gene.name())).toList();
    bred.forEach(
        gene -> start.put(gene.name(), Double.valueOf(numbers.getOrDefault(gene.name(), "0"))));
    Evolution evolution =
        new Evolution(bred, start, Evolution.Selection.SINGLE, call.get(Call.SEED), folder);
    int generations = call.get(EVOLVE);
    try {
      Trial best =
          evolution.run(
              generations,
              (generation, values) -> {
                call.print("generation %d of %d".formatted(generation + 1, generations));
                keepBest(evolution, folder);
                Path present = folder.resolve(PRESENT);
                clear(present);
                try {
                  return outcome(
                      training.run(with(call, values), present).orElseThrow(Stopped::new), present);
                } catch (ArithmeticException diverged) {
                  call.print("generation counts as 0: " + diverged.getMessage());
                  return DIVERGED;
                }
              });
      keepBest(evolution, folder);
      call.print(
          String.format(
              Locale.ROOT,
              "best of %d: generation %d, fitness %.4f",
              generations,
              best.generation() + 1,
              best.outcome().fitness()));
      best.values().forEach((name, value) -> call.print("  " + name + "=" + value));
      call.print("hyper-parameters: " + folder.resolve(Evolution.BEST));
    } catch (Stopped stopped) {
      call.print("stopped; go on with: ./yolo train resume=" + folder);
    }
    return Failure.NONE;
  }

  /** The call of one training. */
  private static Call with(Call call, Map<String, Double> values) {
    Map<String, String> texts = new HashMap<>(call.texts());
    values.forEach((name, value) -> texts.put(name, value.toString()));
    texts.put(EVOLVE.name(), EVOLVE.fallback());
    return new Call(call.verb(), texts, call.console());
  }

  private static Outcome outcome(Evaluation evaluation, Path folder) {
    CocoResult result = evaluation.coco();
    ConfidenceCurves.Curve mean =
        ConfidenceCurves.of(evaluation.annotations(), evaluation.predictions(), 0.5).mean();
    int point = (int) Math.round(mean.bestConfidence() * (ConfidenceCurves.CONFIDENCES - 1));
    Map<String, Double> last = lastRow(folder.resolve("results.csv"));
    return Outcome.ofDetector(
        mean.precision()[point],
        mean.recall()[point],
        result.ap50(),
        result.ap(),
        last.getOrDefault("train/box", Double.NaN),
        last.getOrDefault("train/obj", Double.NaN),
        last.getOrDefault("train/cls", Double.NaN));
  }

  private static Map<String, Double> lastRow(Path table) {
    List<String> lines;
    try {
      lines = Files.readAllLines(table);
    } catch (IOException failure) {
      throw new FormatException(table + ": the table of the training cannot be read", failure);
    }
    String[] names = lines.getFirst().split(",", -1);
    String[] fields = lines.getLast().split(",", -1);
    Map<String, Double> row = new HashMap<>();
    for (int i = 0; i < Math.min(names.length, fields.length); i++) {
      if (!fields[i].isBlank() && lines.size() > 1) {
        row.put(names[i].strip(), Double.valueOf(fields[i].strip()));
      }
    }
    return row;
  }

  /** Sets the last training aside where none was better, and draws the search. */
  private static void keepBest(Evolution evolution, Path folder) {
    List<Trial> trials = evolution.trials();
    if (trials.isEmpty()) {
      return;
    }
    EvolvePlot.draw(trials, folder.resolve("evolve.png"));
    double last = trials.getLast().outcome().fitness();
    boolean best =
        trials.subList(0, trials.size() - 1).stream()
            .allMatch(trial -> trial.outcome().fitness() < last);
    Path present = folder.resolve(PRESENT);
    if (best && Files.isDirectory(present)) {
      clear(folder.resolve(BEST));
      try {
        Files.move(present, folder.resolve(BEST));
      } catch (IOException failure) {
        throw new FormatException(present + " cannot be moved: " + failure, failure);
      }
    }
  }

  /** Removes a folder of a training of this search. */
  private static void clear(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> content = Files.walk(folder)) {
      for (Path path : content.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException | UncheckedIOException failure) {
      throw new FormatException(folder + " cannot be removed: " + failure, failure);
    }
  }
}
