package dev.peregrine.nn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.nn.Initializer;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Shape;
import org.junit.jupiter.api.Test;

class EmaTest {
  /** Expected: 0.9999 * (1 - exp(-u / 2000)) in double precision. */
  @Test
  void keepsMoreTheLongerItRuns() {
    Ema ema = new Ema();
    long[] updates = {1, 100, 2000, 10000, 100000};
    double[] shares = {0.000499825, 0.048765698, 0.632057347, 0.993162727, 0.9999};
    for (int i = 0; i < updates.length; i++) {
      assertThat(ema.share(updates[i])).isCloseTo(shares[i], within(1e-9));
    }
  }

  @Test
  void averagesWeightsAndStatistics() {
    Params params = Params.create(0);
    params.get("w", Params.Kind.WEIGHT, Shape.of(2), Initializer.ZEROS);
    params.get("mean", Params.Kind.STATISTIC, Shape.of(1), Initializer.ZEROS);
    Ema ema = new Ema(0.5, 1e-3);
    double[] average = new double[3];
    double[][] values = {{4, 8, 1}, {0, 2, 3}, {-2, 6, 0}};
    for (int step = 0; step < values.length; step++) {
      double[] v = values[step];
      params.set("w", Tensor.of(Shape.of(2), (float) v[0], (float) v[1]));
      params.set("mean", Tensor.of(Shape.of(1), (float) v[2]));
      ema.update(params);
      for (int i = 0; i < 3; i++) {
        // With so short a horizon the share is the decay from the first update on.
        average[i] = step == 0 ? v[i] : 0.5 * average[i] + 0.5 * v[i];
      }
    }
    Params copy = params.to(params.entry("w").value().dtype(), params.entry("w").value().device());
    ema.applyTo(copy);
    assertThat(copy.entry("w").value().doubles()).containsExactly(average[0], average[1]);
    assertThat(copy.entry("mean").value().doubles()).containsExactly(average[2]);
    assertThat(params.entry("w").value().doubles()).containsExactly(-2, 6);
    assertThat(ema.updates()).isEqualTo(3);

    Ema other = new Ema(0.5, 1e-3);
    other.restore(ema.state(), ema.updates());
    other.update(params);
    ema.update(params);
    assertThat(other.state().get("w").floats()).containsExactly(ema.state().get("w").floats());
    assertThat(other.updates()).isEqualTo(4);
  }

  /** Frozen weights, for instance. */
  @Test
  void numbersThatStayTheSameAreTheirOwnAverage() {
    float[] numbers = {1, 0.37f, -123.4f, 7, 0.001234f, 3.3f};
    Params params = Params.create(0);
    params.get("w", Params.Kind.WEIGHT, Shape.of(numbers.length), Initializer.ZEROS);
    params.set("w", Tensor.of(Shape.of(numbers.length), numbers));
    Ema ema = new Ema(0.9999, 100);
    for (int i = 0; i < 20_000; i++) {
      ema.update(params);
    }
    float[] average = ema.state().get("w").floats();
    for (int i = 0; i < numbers.length; i++) {
      assertThat(average[i]).isCloseTo(numbers[i], within(3e-7f * Math.abs(numbers[i])));
    }
  }

  @Test
  void refusesADecayThatNeverForgets() {
    assertThatThrownBy(() -> new Ema(1, 10)).hasMessageContaining("decay 1.0");
    assertThatThrownBy(() -> new Ema(0.9, 0)).hasMessageContaining("horizon 0.0");
  }
}
