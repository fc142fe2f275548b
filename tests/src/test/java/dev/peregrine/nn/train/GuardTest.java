package dev.peregrine.nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.autograd.Adjoints;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.data.DataLoader;
import dev.peregrine.nn.optim.Accumulation;
import dev.peregrine.nn.optim.Sgd;
import dev.peregrine.nn.optim.StepSize;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of runs whose numbers are not finite, and mini-batches in parts. */
class GuardTest {
  private static void spoil(Params params, String path, float number) {
    Tensor value = params.entry(path).value();
    float[] numbers = value.floats().clone();
    numbers[numbers.length / 2] = number;
    params.set(path, Tensor.of(value.shape(), numbers));
  }

  private static Map<String, float[]> numbers(Params params) {
    Map<String, float[]> all = new java.util.LinkedHashMap<>();
    params.entries().forEach(entry -> all.put(entry.path(), entry.value().floats().clone()));
    return all;
  }

  @ParameterizedTest
  @CsvSource({
    "a.weight, NaN, the output of layer 'a' (Conv2d gives NaN)",
    "a.gamma, Infinity, the output of layer 'a' (BatchNormTrain gives",
    "b.weight, NaN, the output of layer 'b' (Conv2d gives NaN)",
    "b.bias, Infinity, the output of layer 'b' (Binary gives Infinity)"
  })
  void theFirstLayerIsNamed(String path, float number, String where) {
    Params params = Toy.params(Toy::rich);
    spoil(params, path, number);
    try (DataLoader<Toy.Example> loader = Toy.loader(4)) {
      Trainer<Toy.Example> trainer =
          Toy.trainer(params, loader, Toy.objective(Toy::rich), Sgd.plain(0), null, 4);
      assertThatThrownBy(() -> trainer.train(1))
          .isInstanceOf(ArithmeticException.class)
          .hasMessageStartingWith("training: loss became ")
          .hasMessageContaining("in batch 1 of epoch 1 (iteration 0), first in " + where);
    }
  }

  /** The loss is finite and a derivative is not. */
  @Test
  void gradientsAreChecked() {
    Params params = Toy.params(Toy::plain);
    Map<String, float[]> before = numbers(params);
    Objective<Toy.Example> objective =
        (p, tape, batch) -> {
          Tensor x = Tensor.of(Shape.of(1, 2, 2, 3), batch.getFirst().pixels());
          Tensor y = tape.record(() -> Toy.plain(p, x));
          Adjoints gradients =
              tape.backward(List.of(y), List.of(Tensor.full(y.spec(), Double.POSITIVE_INFINITY)));
          return new Objective.Outcome(Map.of("loss", 1.0), gradients, batch.size());
        };
    try (DataLoader<Toy.Example> loader = Toy.loader(4)) {
      Trainer<Toy.Example> trainer = Toy.trainer(params, loader, objective, Sgd.plain(0), null, 4);
      assertThatThrownBy(() -> trainer.train(1))
          .isInstanceOf(ArithmeticException.class)
          .hasMessageContaining("the gradient of 'b.weight' became ")
          .hasMessageContaining("first in the gradients of layer 'b' (Conv2d");
    }
    numbers(params).forEach((path, now) -> assertThat(now).as(path).isEqualTo(before.get(path)));
  }

  /** A step that is too long spoils the weights themselves, with a loss that is finite still. */
  @Test
  void weightsAreChecked() {
    Params params = Toy.params(Toy::plain);
    try (DataLoader<Toy.Example> loader = Toy.loader(4)) {
      Trainer<Toy.Example> trainer =
          new Trainer<>(
              params,
              loader,
              Toy.objective(Toy::plain),
              Sgd.plain(0),
              _ -> StepSize.of(1e39, 0),
              null,
              new Accumulation.Mean(4),
              List.of());
      assertThatThrownBy(() -> trainer.train(1))
          .isInstanceOf(ArithmeticException.class)
          .hasMessageContaining("training: 'a.weight' became ")
          .hasMessageContaining("(iteration 0)");
    }
  }

  /** From the state of the beginning on with half the rate, as often as it takes. */
  @Test
  void aGuardMaySendTheRunBack() {
    Params params = Toy.params(Toy::plain);
    List<String> told = new ArrayList<>();
    List<Double> rates = new ArrayList<>();
    Listener watcher =
        new Listener() {
          @Override
          public void onBatch(Trainer<?> trainer, Progress progress) {
            rates.add(progress.rate());
          }
        };
    try (DataLoader<Toy.Example> loader = Toy.loader(4)) {
      Trainer<Toy.Example> trainer =
          new Trainer<>(
              params,
              loader,
              Toy.objective(Toy::plain),
              Sgd.plain(0),
              iteration -> StepSize.of(iteration == 4 ? 1e38 : 0.01, 0.9),
              null,
              new Accumulation.Mean(4),
              List.of(watcher));
      TrainingState start = trainer.state();
      trainer.guarded((run, found) -> {
        told.add(found.what());
        return told.size() < 3
            ? start.withRateShare(0.5 * run.rateShare())
            : start.withRateShare(0); // stands still, so that it comes to an end
      });
      trainer.train(2);
      assertThat(trainer.epoch()).isEqualTo(2);
      assertThat(trainer.state().position().rateShare()).isZero();
    }
    assertThat(told).hasSize(3);
    assertThat(rates).startsWith(0.01, 0.01, 0.01, 0.01).contains(0.005, 0.0025).endsWith(0.0, 0.0);
  }

  /** Parts of a mini-batch give the step of the whole where no layer looks at the whole. */
  @ParameterizedTest
  @CsvSource({"2", "3", "100"})
  void partsOfABatchAddUp(int parts) {
    Params whole = Toy.params(Toy::plain);
    Params inParts = Toy.params(Toy::plain);
    Toy.Losses expected = new Toy.Losses();
    Toy.Losses actual = new Toy.Losses();
    try (DataLoader<Toy.Example> loader = Toy.loader(5)) {
      Toy.trainer(whole, loader, Toy.objective(Toy::plain), Sgd.plain(0.01), null, 5, expected)
          .train(2);
      Toy.trainer(inParts, loader, Toy.objective(Toy::plain), Sgd.plain(0.01), null, 5, actual)
          .subdivided(parts)
          .train(2);
    }
    for (int i = 0; i < expected.losses.size(); i++) {
      assertThat(actual.losses.get(i)).isCloseTo(expected.losses.get(i), within(1e-5));
    }
    numbers(whole)
        .forEach((path, numbers) ->
            assertThat(numbers(inParts).get(path))
                .as(path)
                .containsExactly(numbers, within(1e-6f)));
  }

  /** Noise differs from part to part, and statistics move with each. */
  @Test
  void partsDrawNoiseOfTheirOwn() {
    List<Integer> parts = new ArrayList<>();
    List<Boolean> firsts = new ArrayList<>();
    List<Long> seeds = new ArrayList<>();
    Params params = Toy.params(Toy::rich);
    Objective<Toy.Example> sound = Toy.objective(Toy::rich);
    Objective<Toy.Example> watched =
        (p, tape, batch) -> {
          parts.add(p.moment().part());
          firsts.add(p.moment().first());
          seeds.add(p.noiseSeed("x"));
          return sound.compute(p, tape, batch);
        };
    try (DataLoader<Toy.Example> loader = Toy.loader(6)) {
      Toy.trainer(params, loader, watched, Sgd.plain(0), null, 12).subdivided(3).train(1);
    }
    assertThat(parts).containsExactly(0, 1, 2, 0, 1, 2);
    assertThat(firsts).containsExactly(true, false, false, false, false, false);
    assertThat(seeds).doesNotHaveDuplicates();
    float[] before = Toy.params(Toy::rich).entry("a.mean").value().floats();
    assertThat(Arrays.equals(params.entry("a.mean").value().floats(), before)).isFalse();
  }
}
