package dev.peregrine.yolo.evolve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.image.Images;
import dev.peregrine.yolo.plot.EvolvePlot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A fitness with a known best: the numbers must move towards it, and stay reproducible. */
class EvolutionTest {
  private static final List<Gene> GENES =
      List.of(
          new Gene("rate", 1, 1e-5, 0.1),
          new Gene("fixed", 0, 0, 1),
          new Gene("momentum", 0.1, 0.6, 0.98));

  @TempDir private Path folder;

  private static SequencedMap<String, Double> start() {
    SequencedMap<String, Double> start = new LinkedHashMap<>();
    start.put("rate", 0.01);
    start.put("momentum", 0.7);
    start.put("fixed", 0.25);
    start.put("no gene", 7.0);
    return start;
  }

  /** Highest where the rate is 0.03 and the momentum 0.9. */
  private static Outcome fitness(int generation, SequencedMap<String, Double> values) {
    double rate = Math.log(values.get("rate") / 0.03);
    double momentum = values.get("momentum") - 0.9;
    double ap = Math.exp(-rate * rate - 20 * momentum * momentum);
    return Outcome.ofDetector(0.5, 0.6, ap, ap, 1, generation, 3);
  }

  private Evolution evolution(Path where, Evolution.Selection selection) {
    return new Evolution(GENES, start(), selection, 3, where);
  }

  @ParameterizedTest
  @EnumSource(Evolution.Selection.class)
  void theBestIsFound(Evolution.Selection selection) throws Exception {
    Evolution evolution = evolution(folder, selection);
    Trial best = evolution.run(150, EvolutionTest::fitness);
    List<Trial> trials = evolution.trials();
    assertThat(trials).hasSize(150);
    assertThat(trials.getFirst().values())
        .as("the first generation is what was given")
        .containsExactlyEntriesOf(first());
    assertThat(trials.getFirst().outcome().fitness()).isLessThan(0.2);
    assertThat(best.outcome().fitness()).isGreaterThan(0.85);
    assertThat(best.values().get("rate")).isBetween(0.015, 0.06);
    for (Trial trial : trials) {
      assertThat(trial.values().get("fixed")).isEqualTo(0.25);
      assertThat(trial.values().get("momentum")).isBetween(0.6, 0.98);
      double rate = trial.values().get("rate");
      assertThat(Math.round(rate * 1e5) / 1e5).as("five decimals").isEqualTo(rate);
    }
    assertThat(trials.stream().map(Trial::values).distinct().count()).isGreaterThan(140);
    assertThat(Files.readString(folder.resolve(Evolution.BEST)))
        .contains("the best of 150 generations: generation " + best.generation())
        .contains("rate: " + best.values().get("rate") + "\n");
    Path chart = folder.resolve("evolve.png");
    EvolvePlot.draw(trials, chart);
    assertThat(Images.read(chart).width()).isEqualTo(3 * 320);
  }

  private static SequencedMap<String, Double> first() {
    SequencedMap<String, Double> first = new LinkedHashMap<>();
    first.put("rate", 0.01);
    first.put("fixed", 0.25);
    first.put("momentum", 0.7);
    return first;
  }

  /** Ended by an error in the middle of generation 7 and again in 12: the table is the same. */
  @Test
  void aSearchGoesOnAsIfNothingHadHappened() throws Exception {
    Path whole = Files.createDirectory(folder.resolve("whole"));
    Path broken = Files.createDirectory(folder.resolve("broken"));
    evolution(whole, Evolution.Selection.SINGLE).run(20, EvolutionTest::fitness);
    for (int end : new int[] {7, 12}) {
      assertThatThrownBy(() ->
              evolution(broken, Evolution.Selection.SINGLE)
                  .run(
                      20,
                      (generation, values) -> {
                        if (generation == end) {
                          throw new IllegalStateException("the power went");
                        }
                        return fitness(generation, values);
                      }))
          .hasMessage("the power went");
      assertThat(evolution(broken, Evolution.Selection.SINGLE).trials()).hasSize(end);
    }
    List<Integer> tried = new ArrayList<>();
    evolution(broken, Evolution.Selection.SINGLE)
        .run(
            20,
            (generation, values) -> {
              tried.add(generation);
              return fitness(generation, values);
            });
    assertThat(tried).startsWith(12).hasSize(8);
    for (String name : List.of(Evolution.TABLE, Evolution.BEST)) {
      assertThat(broken.resolve(name)).hasSameTextualContentAs(whole.resolve(name));
    }
    assertThat(Files.readString(whole.resolve(Evolution.TABLE)))
        .startsWith(
            "generation,fitness,P,R,AP50,AP,box_loss,obj_loss,cls_loss,|,rate,fixed,momentum\n"
                + "0,");
  }

  /** Parents are the best: without luck, a child is a few percent from one of the first five. */
  @Test
  void childrenStayNearTheBest() {
    List<Trial> trials = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      SequencedMap<String, Double> values = first();
      values.put("rate", i < 5 ? 0.05 : 0.001);
      trials.add(
          new Trial(i, values, new Outcome(i < 5 ? 0.5 + 0.01 * i : 0.1, new LinkedHashMap<>())));
    }
    Evolution evolution = evolution(folder, Evolution.Selection.SINGLE);
    for (int generation = 30; generation < 200; generation++) {
      assertThat(evolution.next(generation, trials).get("rate")).isBetween(0.015, 0.1);
    }
  }

  @Test
  void aTrainingThatDivergedCountsAsNothing() {
    Trial best =
        evolution(folder, Evolution.Selection.WEIGHTED)
            .run(
                10,
                (generation, values) ->
                    generation % 2 == 0
                        ? Outcome.ofDetector(0, 0, Double.NaN, Double.NaN, Double.NaN, 0, 0)
                        : fitness(generation, values));
    assertThat(best.generation() % 2).isEqualTo(1);
    List<Trial> read = evolution(folder, Evolution.Selection.WEIGHTED).trials();
    assertThat(read.getFirst().outcome().fitness()).isEqualTo(0);
    assertThat(read.getFirst().outcome().results().get("box_loss")).isNaN();
  }

  @Test
  void wrongTablesAndSettingsAreRefused() throws Exception {
    Path table = folder.resolve(Evolution.TABLE);
    Evolution evolution = evolution(folder, Evolution.Selection.SINGLE);
    Files.writeString(table, "generation,fitness,|,rate\n0,0.5,,0.1\n");
    assertThatThrownBy(evolution::trials)
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("evolve.csv:1")
        .hasMessageContaining("breeds rate, fixed, momentum");
    Files.writeString(table, "generation,fitness,|,rate,fixed,momentum\n0,0.5,,0.1,0.1\n");
    assertThatThrownBy(evolution::trials).hasMessageContaining("evolve.csv:2: 5 fields");
    Files.writeString(table, "generation,fitness,|,rate,fixed,momentum\n0,0.5,,0.1,0.1,x\n");
    assertThatThrownBy(evolution::trials).hasMessageContaining("evolve.csv:2: 'x' is not a number");

    SequencedMap<String, Double> zeros = first();
    zeros.replaceAll((_, _) -> 0.0);
    assertThatThrownBy(() ->
            new Evolution(
                List.of(new Gene("fixed", 0, 0, 1)), zeros, Evolution.Selection.SINGLE, 0, folder))
        .hasMessageContaining("nothing to breed");
    assertThatThrownBy(() ->
            new Evolution(GENES, new LinkedHashMap<>(), Evolution.Selection.SINGLE, 0, folder))
        .hasMessageContaining("rate has no starting value");
  }

  @Test
  void familyPsGenes() {
    assertThat(Gene.scaled()).hasSize(22).doesNotHaveDuplicates();
    assertThat(Gene.scaled().getFirst()).isEqualTo(new Gene("lr0", 1, 1e-5, 0.1));
    assertThat(Outcome.ofDetector(0, 0, 0.5, 0.25, 0, 0, 0).fitness()).isEqualTo(0.275);
  }
}
