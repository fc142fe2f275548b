package dev.peregrine.nn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.autograd.Tape;
import dev.peregrine.nn.Initializer;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.train.Checkpoint;
import dev.peregrine.nn.train.TrainingState;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Steps of three numbers, whose gradients are chosen, against the update rule written out. */
class AdamTest {
  private static final double DECAY = 0.1;
  private static final double[] GRADIENTS = {2, -1, 0.5, 3};
  private static final StepSize SIZE = new StepSize(0.05, 0.02, 0.9);
  private static final String[] PATHS = {"w", "b", "s"};

  private final Params params = fresh();

  private static Params fresh() {
    Params params = Params.create(0, DType.F64);
    Ops.on(
        Devices.reference(),
        () -> {
          params.get("w", Params.Kind.WEIGHT, Shape.of(), Initializer.constant(1.5));
          params.get("b", Params.Kind.BIAS, Shape.of(), Initializer.constant(1.5));
          return params.get("s", Params.Kind.SCALE, Shape.of(), Initializer.constant(1.5));
        });
    return params;
  }

  /** Makes a step, or lets the gradient wait, with the gradient of all three numbers alike. */
  private static void learn(Params params, Adam optimizer, double gradient, boolean step) {
    try (Tape tape = Tape.watching(params)) {
      Tensor loss =
          tape.record(() -> {
            Tensor sum = params.entry("w").value().plus(params.entry("b").value());
            return sum.plus(params.entry("s").value()).times(gradient);
          });
      if (step) {
        optimizer.step(params, tape.backward(loss), 1, SIZE);
      } else {
        optimizer.accumulate(params, tape.backward(loss), 1);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void isThePublishedUpdate(boolean decoupled) {
    Adam optimizer = decoupled ? Adam.decoupled(DECAY) : Adam.coupled(DECAY);
    double[] value = {1.5, 1.5, 1.5};
    double[] first = new double[3];
    double[] second = new double[3];
    for (int t = 1; t <= GRADIENTS.length; t++) {
      for (int i = 0; i < 3; i++) {
        double rate = i == 1 ? SIZE.biasRate() : SIZE.rate();
        double decay = i == 0 ? DECAY : 0;
        double g = GRADIENTS[t - 1] + (decoupled ? 0 : decay * value[i]);
        first[i] += 0.1 * (g - first[i]);
        second[i] += 0.001 * (g * g - second[i]);
        double mean = first[i] / (1 - Math.pow(0.9, t));
        double square = second[i] / (1 - Math.pow(0.999, t));
        double kept = decoupled ? value[i] - rate * decay * value[i] : value[i];
        value[i] = kept - rate * mean / (Math.sqrt(square) + 1e-8);
      }
      learn(params, optimizer, GRADIENTS[t - 1], true);
      for (int i = 0; i < 3; i++) {
        double found = params.entry(PATHS[i]).value().item();
        assertThat(found).as("%s after step %d", PATHS[i], t).isCloseTo(value[i], within(1e-12));
      }
    }
  }

  /** Darknet's: everything decays, and square and epsilon are the cfg's. */
  @Test
  void darknetsLetsAllNumbersDecay() {
    Adam optimizer = Adam.ofAll(DECAY, 0.99, 1e-3);
    double value = 1.5;
    double first = 0;
    double second = 0;
    for (int t = 1; t <= GRADIENTS.length; t++) {
      double g = GRADIENTS[t - 1] + DECAY * value;
      first += 0.1 * (g - first);
      second += 0.01 * (g * g - second);
      double mean = first / (1 - Math.pow(0.9, t));
      value -= SIZE.rate() * mean / (Math.sqrt(second / (1 - Math.pow(0.99, t))) + 1e-3);
      learn(params, optimizer, GRADIENTS[t - 1], true);
      assertThat(params.entry("w").value().item()).isCloseTo(value, within(1e-12));
      assertThat(params.entry("s").value().item()).isCloseTo(value, within(1e-12));
    }
    assertThat(params.entry("b").value().item()).isNotCloseTo(value, within(1e-3));
  }

  @Test
  void theFirstStepIsAsLongAsTheRate() {
    learn(params, Adam.coupled(0), 1e-3, true);
    assertThat(params.entry("w").value().item()).isCloseTo(1.5 - SIZE.rate(), within(1e-6));
  }

  @Test
  void waitingGradientsAreOneStep() {
    Params other = fresh();
    Adam together = Adam.decoupled(DECAY);
    Adam apart = Adam.decoupled(DECAY);
    for (double gradient : GRADIENTS) {
      learn(params, together, gradient, true);
      learn(other, apart, gradient / 2, false);
      learn(other, apart, gradient / 2, true);
    }
    assertThat(other.entry("w").value().item())
        .isCloseTo(params.entry("w").value().item(), within(1e-12));
  }

  /** Kept are both averages, the gradients that wait, and how many steps were made. */
  @Test
  void aRestoredOptimiserGoesOnWithTheSameBits(@TempDir Path folder) {
    Adam optimizer = Adam.decoupled(DECAY);
    learn(params, optimizer, GRADIENTS[0], true);
    learn(params, optimizer, GRADIENTS[1], true);
    learn(params, optimizer, GRADIENTS[2], false);
    Path file = folder.resolve("run.safetensors");
    Checkpoint.save(
        new TrainingState(
            params.entries(),
            Map.of(),
            0,
            optimizer.state(),
            Map.of(),
            new TrainingState.Position(0, 0, 3, 0, 3, 1, 1, Map.of())),
        Map.of(),
        file);

    Params again = fresh();
    TrainingState state = Checkpoint.load(file, again);
    state.params().forEach(entry -> again.set(entry.path(), entry.value()));
    Adam restored = Adam.decoupled(DECAY);
    restored.restore(state.optimizer());
    learn(params, optimizer, GRADIENTS[3], true);
    learn(again, restored, GRADIENTS[3], true);
    for (String path : PATHS) {
      assertThat(again.entry(path).value().item())
          .as(path)
          .isEqualTo(params.entry(path).value().item());
    }
  }
}
