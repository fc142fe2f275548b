package dev.peregrine.nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.nn.LayerStyle;
import dev.peregrine.nn.Layers;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.data.DataLoader;
import dev.peregrine.nn.io.ParamsFile;
import dev.peregrine.nn.optim.Accumulation;
import dev.peregrine.nn.optim.Ema;
import dev.peregrine.nn.optim.Sgd;
import dev.peregrine.nn.optim.StepSize;
import dev.peregrine.tensor.FormatException;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Shape;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainerTest {
  @TempDir Path folder;

  private static void train(
      Params params, Toy.Model model, int batch, int nominal, int epochs, Listener... listeners) {
    try (DataLoader<Toy.Example> loader = Toy.loader(batch)) {
      Toy.trainer(params, loader, Toy.objective(model), Sgd.plain(0.01), null, nominal, listeners)
          .train(epochs);
    }
  }

  @Test
  void learns() {
    Toy.Losses losses = new Toy.Losses();
    train(Toy.params(Toy::plain), Toy::plain, 4, 4, 20, losses);
    assertThat(losses.losses).hasSize(60);
    assertThat(losses.means).hasSize(20);
    assertThat(losses.means.get(19).get("loss")).isLessThan(0.1 * losses.means.get(0).get("loss"));
    double mean = (losses.losses.get(0) + losses.losses.get(1) + losses.losses.get(2)) / 3;
    assertThat(losses.means.get(0).get("loss")).isCloseTo(mean, within(1e-9));
  }

  @Test
  void halfBatchesAddUpToAWholeOne() {
    Params whole = Toy.params(Toy::plain);
    Params halves = Toy.params(Toy::plain);
    // A rate that does not depend on the number of mini-batches.
    for (Params params : List.of(whole, halves)) {
      try (DataLoader<Toy.Example> loader = Toy.loader(params == whole ? 6 : 3)) {
        new Trainer<>(
                params,
                loader,
                Toy.objective(Toy::plain),
                Sgd.plain(0.01),
                iteration -> StepSize.of(0.02, 0.9),
                null,
                new Accumulation.Mean(6),
                List.of())
            .train(2);
      }
    }
    for (Params.Entry entry : whole.entries()) {
      float[] expected = entry.value().floats();
      float[] actual = halves.entry(entry.path()).value().floats();
      for (int i = 0; i < expected.length; i++) {
        assertThat(actual[i]).as(entry.path()).isCloseTo(expected[i], within(1e-6f));
      }
    }
  }

  /** Each mini-batch moves the running statistics, also when several make one step. */
  @Test
  void everyMiniBatchMovesTheStatistics() {
    Params params = Toy.params(Toy::rich);
    List<double[]> means = new ArrayList<>();
    Listener watcher =
        new Listener() {
          @Override
          public void onBatch(Trainer<?> trainer, Progress progress) {
            means.add(params.entry("a.mean").value().doubles());
          }
        };
    train(params, Toy::rich, 3, 6, 1, watcher);
    assertThat(means).hasSize(4).doesNotHaveDuplicates();
    assertThat(means.get(0)).isNotEqualTo(new double[8]);
  }

  @Test
  void aLossThatIsNotFiniteEndsTheRunBeforeItDoesHarm() {
    Params params = Toy.params(Toy::rich);
    Objective<Toy.Example> sound = Toy.objective(Toy::rich);
    List<float[]> before = new ArrayList<>();
    Objective<Toy.Example> broken =
        (p, tape, batch) -> {
          Objective.Outcome outcome = sound.compute(p, tape, batch);
          if (before.isEmpty()) {
            before.add(new float[0]);
            return outcome;
          }
          for (Params.Entry entry : p.entries()) {
            before.add(entry.value().floats());
          }
          return new Objective.Outcome(
              Map.of("loss", Double.NaN), outcome.gradients(), outcome.examples());
        };
    try (DataLoader<Toy.Example> loader = Toy.loader(4)) {
      Trainer<Toy.Example> trainer =
          Toy.trainer(params, loader, broken, Sgd.plain(0), new Ema(), 4);
      assertThatThrownBy(() -> trainer.train(3))
          .isInstanceOf(ArithmeticException.class)
          .hasMessageStartingWith(
              "training: loss became NaN in batch 2 of epoch 1 (iteration 1), first in the output"
                  + " of layer '")
          .hasMessageEndingWith("resume from the last checkpoint with a lower learning rate");
      params.commit();
      int at = 1;
      for (Params.Entry entry : params.entries()) {
        assertThat(entry.value().floats()).as(entry.path()).containsExactly(before.get(at++));
      }
      assertThat(trainer.isBetweenSteps()).isTrue();
    }
  }

  /** Stops from a listener in the middle of a step, whose gradients a saved run keeps. */
  @Test
  void stopsAfterTheMiniBatch() {
    Toy.Losses losses = new Toy.Losses();
    Listener stopper =
        new Listener() {
          @Override
          public void onBatch(Trainer<?> trainer, Progress progress) {
            if (progress.iteration() == 7) {
              assertThat(trainer.isBetweenSteps()).isFalse();
              assertThat(trainer.state().position().waiting()).isEqualTo(2);
              assertThat(trainer.state().optimizer()).containsKeys("a.weight", "waiting/a.weight");
              trainer.stop();
            }
          }
        };
    train(Toy.params(Toy::plain), Toy::plain, 2, 4, 3, losses, stopper);
    assertThat(losses.losses).hasSize(7);
    assertThat(losses.means).as("ended epochs").hasSize(1);
  }

  @Test
  void aStopAtTheEndOfAnEpochEndsThatEpoch() {
    Toy.Losses losses = new Toy.Losses();
    Listener stopper =
        new Listener() {
          @Override
          public void onBatch(Trainer<?> trainer, Progress progress) {
            if (progress.iteration() == 3) {
              trainer.stop();
            }
          }
        };
    train(Toy.params(Toy::plain), Toy::plain, 4, 4, 3, losses, stopper);
    assertThat(losses.losses).hasSize(3);
    assertThat(losses.means).hasSize(1);
  }

  /**
   * With normalisation, masks, momentum, the average and two mini-batches a step, saved between two
   * steps and in the middle of one.
   */
  @ParameterizedTest
  @CsvSource({"BATCH, 10", "BATCH, 9", "CROSS_MINI_BATCH, 10", "CROSS_ITERATION, 9"})
  void aRunGoesOnWithTheSameBits(LayerStyle.Kind kind, int saved) {
    LayerStyle style = LayerStyle.PLAIN.normalizing(kind).droppingConnections(0.1);
    Toy.Losses wholeLosses = new Toy.Losses();
    Params whole = Toy.params(Toy::rich).with(style);
    Ema wholeAverage = new Ema(0.9, 5);
    try (DataLoader<Toy.Example> loader = Toy.loader(2)) {
      Toy.trainer(
              whole,
              loader,
              Toy.objective(Toy::rich),
              Sgd.nesterov(0.01),
              wholeAverage,
              4,
              wholeLosses)
          .train(3);
    }

    Path file = folder.resolve("last.safetensors");
    Toy.Losses first = new Toy.Losses();
    Listener saver =
        new Listener() {
          @Override
          public void onBatch(Trainer<?> trainer, Progress progress) {
            if (progress.iteration() == saved) {
              Checkpoint.save(trainer.state(), Map.of("model", "toy"), file);
              trainer.stop();
            }
          }
        };
    try (DataLoader<Toy.Example> loader = Toy.loader(2)) {
      Toy.trainer(
              Toy.params(Toy::rich).with(style),
              loader,
              Toy.objective(Toy::rich),
              Sgd.nesterov(0.01),
              new Ema(0.9, 5),
              4,
              first,
              saver)
          .train(3);
    }

    // Another seed: everything that matters comes from the file.
    Params resumed = Params.create(99).with(style);
    Toy.rich(resumed, Tensor.of(Shape.of(1, 2, 2, 3), new float[12]));
    Toy.Losses second = new Toy.Losses();
    Ema average = new Ema(0.9, 5);
    try (DataLoader<Toy.Example> loader = Toy.loader(2)) {
      Trainer<Toy.Example> trainer =
          Toy.trainer(
              resumed, loader, Toy.objective(Toy::rich), Sgd.nesterov(0.01), average, 4, second);
      trainer.restore(Checkpoint.load(file, resumed));
      assertThat(trainer.epoch()).isEqualTo(1);
      trainer.train(3);
      assertThat(trainer.averaged().entry("b.weight").value().floats())
          .containsExactly(average.state().get("b.weight").floats());
      assertThat(trainer.averaged().isTraining()).isFalse();
    }
    assertThat(first.losses).isEqualTo(wholeLosses.losses.subList(0, saved));
    assertThat(second.losses).isEqualTo(wholeLosses.losses.subList(saved, 18));
    assertThat(second.means).isEqualTo(wholeLosses.means.subList(1, 3));
    for (Params.Entry entry : whole.entries()) {
      assertThat(resumed.entry(entry.path()).value().floats())
          .as(entry.path())
          .containsExactly(entry.value().floats());
      assertThat(average.state().get(entry.path()).floats())
          .as(entry.path())
          .containsExactly(wholeAverage.state().get(entry.path()).floats());
    }
  }

  @Test
  void refusesAPositionBeyondTheEpoch() {
    Params params = Toy.params(Toy::plain);
    try (DataLoader<Toy.Example> loader = Toy.loader(4)) {
      Trainer<Toy.Example> trainer =
          Toy.trainer(params, loader, Toy.objective(Toy::plain), Sgd.plain(0), null, 4);
      TrainingState state =
          new TrainingState(
              params.entries(),
              Map.of(),
              0,
              Map.of(),
              Map.of(),
              new TrainingState.Position(0, 5, 5, 0, 20, 0, 1, Map.of()));
      assertThatThrownBy(() -> trainer.restore(state))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "trainer: the saved run stands at mini-batch 5 of its epoch but an epoch now has 3;"
                  + " resume with the same data and batch size");
      assertThatThrownBy(() ->
              Toy.trainer(
                  Params.create(0), loader, Toy.objective(Toy::plain), Sgd.plain(0), null, 4))
          .hasMessageContaining("the parameters are empty");
    }
  }

  @Test
  void checkpointsOfOtherThingsAreRefused() throws Exception {
    Params params = Toy.params(Toy::plain);
    Path file = folder.resolve("x.safetensors");
    ParamsFile.write(params, Map.of(), file);
    assertThatThrownBy(() -> Checkpoint.load(file, params))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("holds weights but no training state");
    Params averaged = Toy.params(Toy::plain);
    Checkpoint.loadAveraged(file, averaged);

    TrainingState state =
        new TrainingState(
            params.entries(),
            Map.of("a.bias", Tensor.of(Shape.of(8), 1, 2, 3, 4, 5, 6, 7, 8)),
            3,
            Map.of(),
            Map.of("a.past", Tensor.of(Shape.of(2, 1), 7, 8)),
            new TrainingState.Position(1, 2, 5, -9, 8, 0, 0.25, Map.of("loss", 0.1)));
    Checkpoint.save(state, Map.of("model", "toy"), file);
    TrainingState read = Checkpoint.load(file, params);
    assertThat(read.position()).isEqualTo(state.position());
    assertThat(read.updates()).isEqualTo(3);
    assertThat(read.memory().get("a.past").floats()).containsExactly(7, 8);
    Checkpoint.loadAveraged(file, averaged);
    assertThat(averaged.entry("a.bias").value().floats()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
    assertThat(averaged.entry("b.weight").value().floats())
        .containsExactly(params.entry("b.weight").value().floats());

    Params smaller = Params.create(0);
    Layers.bias(smaller.at("a"), Tensor.of(Shape.of(1, 1, 1, 8), new float[8]));
    assertThatThrownBy(() -> Checkpoint.load(file, smaller))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("which the model lacks; it belongs to another model");
    byte[] bytes = Files.readAllBytes(file);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    Files.write(
        file,
        text.replace("\"position.batch\":\"2\"", "\"position.batch\":\"x\"")
            .getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> Checkpoint.load(file, params))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("the training state's batch is 'x', not a number");
    Files.write(
        file,
        text.replace("0x1.999999999999ap-4", "0x1.99999z999999ap-4")
            .getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> Checkpoint.load(file, params))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("sum.loss is '0x1.99999z999999ap-4', not a number");
  }
}
