package dev.peregrine.yolo.evolve;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SplittableRandom;

/**
 * A search for hyper-parameters by breeding.
 *
 * <p>The first generation has the numbers it is given. Each further one takes a parent out of the
 * best five so far and changes every number with chance 0.9, by factors near one. Each row of the
 * table is written before the next generation starts, and what is random depends on the seed and
 * the generation alone: a search that was interrupted goes on as if nothing had happened.
 *
 * <p><b>Formula</b> factor of a number: {@code 1 + 0.2 gain n u}, n normal, u uniform in [0, 1) and
 * one for the generation; within [0.3, 3]. Then the number is cut to its limits and rounded to five
 * decimals. Parents are drawn with a chance that grows with their lead over the fifth.
 *
 * <p><b>Source</b> ScaledYOLOv4 {@code train.py --evolve}.
 */
public final class Evolution {
  /** The table of a search, one row a generation. */
  public static final String TABLE = "evolve.csv";

  /** The numbers of the best generation. */
  public static final String BEST = "hyp_evolved.yaml";

  /** How the numbers of the parents become those of the child. */
  public enum Selection {
    /** One parent is drawn. */
    SINGLE,
    /** The weighted mean of all parents. */
    WEIGHTED
  }

  /** Trains with certain numbers and tells how good that was. */
  @FunctionalInterface
  public interface Fitness {
    /**
     * Tries numbers.
     *
     * @param generation from 0
     * @param values the hyper-parameters, by name
     * @return what came of them
     */
    Outcome of(int generation, SequencedMap<String, Double> values);
  }

  private static final int PARENTS = 5;
  private static final double CHANCE = 0.9;
  private static final double SPREAD = 0.2;
  private static final double SMALLEST_FACTOR = 0.3;
  private static final double LARGEST_FACTOR = 3;
  private static final double DECIMALS = 1e5;
  private static final int ATTEMPTS = 1000;

  /** Keeps the weight of the fifth parent, and of a single one, above zero. */
  private static final double LEAST_WEIGHT = 1e-6;

  private final List<Gene> genes;
  private final SequencedMap<String, Double> start;
  private final Selection selection;
  private final long seed;
  private final Path folder;

  /**
   * Describes a search; nothing is done yet.
   *
   * <p><b>Errors</b> {@link IllegalArgumentException} where a gene has no starting value, or none
   * can change.
   *
   * @param genes the numbers that are bred
   * @param start their first values, by name; values without a gene are left out
   * @param selection how parents are used
   * @param seed of everything random
   * @param folder of the table and of the best numbers
   */
  public Evolution(
      List<Gene> genes,
      SequencedMap<String, Double> start,
      Selection selection,
      long seed,
      Path folder) {
    this.genes = List.copyOf(genes);
    this.start = new LinkedHashMap<>();
    this.selection = selection;
    this.seed = seed;
    this.folder = folder;
    boolean changes = false;
    for (Gene gene : genes) {
      Double value = start.get(gene.name());
      if (value == null || !Double.isFinite(value)) {
        throw new IllegalArgumentException(
            "evolution: " + gene.name() + " has no starting value; give one for every gene");
      }
      this.start.put(gene.name(), inLimits(gene, value));
      changes |= gene.gain() > 0 && value != 0 && gene.low() < gene.high();
    }
    if (!changes) {
      throw new IllegalArgumentException(
          "evolution: no number can change, since all are 0, have no gain or no room; nothing to"
              + " breed");
    }
  }

  /**
   * Runs generations until the table has so many.
   *
   * <p><b>Errors</b> {@link dev.peregrine.tensor.FormatException} where the folder has the table of
   * another search or cannot be written. What the fitness throws ends the search; its generation is
   * tried again when it goes on.
   *
   * @param generations rows of the table in the end, those of earlier runs counted in
   * @param fitness the training
   * @return the best row; of equals the first
   */
  public Trial run(int generations, Fitness fitness) {
    if (generations < 1) {
      throw new IllegalArgumentException(
          "evolution needs 1 generation at least, got " + generations);
    }
    EvolutionTable table = new EvolutionTable(folder.resolve(TABLE), genes);
    List<Trial> trials = new ArrayList<>(trials());
    while (trials.size() < generations) {
      int generation = trials.size();
      SequencedMap<String, Double> values = next(generation, trials);
      trials.add(new Trial(generation, values, fitness.of(generation, values)));
      table.write(trials);
      EvolutionTable.writeBest(folder.resolve(BEST), best(trials), trials.size());
    }
    return best(trials);
  }

  /**
   * Returns the rows there are.
   *
   * <p><b>Errors</b> {@link dev.peregrine.tensor.FormatException} where the table is damaged or
   * belongs to another search.
   *
   * @return the trials so far, by generation
   */
  public List<Trial> trials() {
    Path file = folder.resolve(TABLE);
    return Files.exists(file) ? new EvolutionTable(file, genes).read() : List.of();
  }

  /**
   * The numbers of the next generation; a function of the seed and of the trials before it.
   *
   * @param generation from 0
   * @param trials all before it
   * @return values by name
   */
  SequencedMap<String, Double> next(int generation, List<Trial> trials) {
    if (trials.isEmpty()) {
      return start;
    }
    SplittableRandom random =
        new SplittableRandom(seed * 0x9E3779B97F4A7C15L + generation * 0xD1B54A32D192ED03L);
    SequencedMap<String, Double> parent = parent(trials, random);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      SequencedMap<String, Double> child = new LinkedHashMap<>();
      double step = random.nextDouble() * SPREAD;
      for (Gene gene : genes) {
        boolean chosen = random.nextDouble() < CHANCE;
        double factor = chosen ? 1 + gene.gain() * random.nextGaussian() * step : 1;
        double value = value(parent, gene) * Math.clamp(factor, SMALLEST_FACTOR, LARGEST_FACTOR);
        child.put(gene.name(), inLimits(gene, value));
      }
      if (!child.equals(parent)) {
        return child;
      }
    }
    return start; // the parent is stuck: so small that rounding undoes every change
  }

  private SequencedMap<String, Double> parent(List<Trial> trials, SplittableRandom random) {
    List<Trial> parents =
        trials.stream()
            .sorted(Comparator.comparingDouble(trial -> -trial.outcome().fitness()))
            .limit(PARENTS)
            .toList();
    double least = parents.getLast().outcome().fitness();
    double[] weights =
        parents.stream().mapToDouble(t -> t.outcome().fitness() - least + LEAST_WEIGHT).toArray();
    double sum = 0;
    for (double weight : weights) {
      sum += weight;
    }
    if (selection == Selection.SINGLE) {
      double drawn = random.nextDouble() * sum;
      int chosen = 0;
      while (chosen < weights.length - 1 && drawn >= weights[chosen]) {
        drawn -= weights[chosen++];
      }
      return parents.get(chosen).values();
    }
    SequencedMap<String, Double> mean = new LinkedHashMap<>();
    for (Gene gene : genes) {
      double value = 0;
      for (int i = 0; i < weights.length; i++) {
        value += value(parents.get(i).values(), gene) * weights[i] / sum;
      }
      mean.put(gene.name(), value);
    }
    return mean;
  }

  private static double value(SequencedMap<String, Double> values, Gene gene) {
    return values.getOrDefault(gene.name(), gene.low());
  }

  private static double inLimits(Gene gene, double value) {
    double cut = Math.clamp(value, gene.low(), gene.high());
    double rounded = Math.round(cut * DECIMALS) / DECIMALS;
    // A limit may have more decimals than are kept.
    return Math.clamp(rounded, gene.low(), gene.high());
  }

  private static Trial best(List<Trial> trials) {
    Optional<Trial> best = Optional.empty();
    for (Trial trial : trials) {
      if (best.isEmpty() || trial.outcome().fitness() > best.get().outcome().fitness()) {
        best = Optional.of(trial);
      }
    }
    return best.orElseThrow();
  }
}
