package dev.peregrine.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.autograd.Tape;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Reductions;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayersTest {
  private final Params params = Params.create(3);

  @Test
  void convolutionTakesItsInputChannelsFromTheTensor() {
    Tensor x = Arrays.normal(Spec.f32(2, 5, 6, 4), 1);
    Tensor y = Layers.conv2d(params.at("a"), x, 8, Window.same(3, 2), 2);
    assertThat(y.shape()).isEqualTo(Shape.of(2, 3, 3, 8));
    assertThat(params.entry("a.weight").value().shape()).isEqualTo(Shape.of(3, 3, 2, 8));
    assertThatThrownBy(() -> Layers.conv2d(params.at("b"), x, 8, Window.same(3, 1), 0))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("groups 0");
    assertThatThrownBy(() -> Layers.conv2d(params.at("c"), x, 8, Window.same(3, 1), 3))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("groups 3 must divide the 4 channels");
  }

  /**
   * Two channels of four rows. Channel 0 holds 1, 2, 3, 6: mean 3, squares of the distances 4 + 1 +
   * 0 + 9 = 14, variance 3.5, unbiased 14 / 3. Channel 1 holds 4 throughout.
   */
  @Test
  void normalisesByTheBatchWhileTraining() {
    Tensor x = Tensor.of(Shape.of(1, 2, 2, 2), 1, 4, 2, 4, 3, 4, 6, 4);
    params.training(true).statisticsMomentum(0.1);
    float[] y = Layers.batchNorm(params, x, 0.5, null).floats();
    // sqrt(3.5 + 0.5) = 2
    float[] expected = {-1, 0, -0.5f, 0, 0, 0, 1.5f, 0};
    for (int i = 0; i < y.length; i++) {
      assertThat(y[i]).isCloseTo(expected[i], within(1e-6f));
    }
    assertThat(params.entry("mean").value().floats()).containsExactly(0, 0);
    params.commit();
    statistic("mean", 0.3, 0.4);
    statistic("variance", 0.9 + 0.1 * 14 / 3, 0.9);
    Layers.batchNorm(params, x, 0.5, null);
    params.commit();
    statistic("mean", 0.9 * 0.3 + 0.3, 0.9 * 0.4 + 0.4);
    statistic("variance", 0.9 * (0.9 + 1.4 / 3) + 1.4 / 3, 0.81);
  }

  private void statistic(String name, double first, double second) {
    double[] values = params.entry(name).value().doubles();
    assertThat(values[0]).as(name).isCloseTo(first, within(1e-6));
    assertThat(values[1]).as(name).isCloseTo(second, within(1e-6));
  }

  @Test
  void normalisesByTheRunningStatisticsOtherwise() {
    Tensor x = Tensor.of(Shape.of(1, 1, 2, 2), 1, 4, 3, -4);
    Layers.batchNorm(params, x, 0.5, null);
    params.set("mean", Tensor.of(Shape.of(2), 1, 2));
    params.set("variance", Tensor.of(Shape.of(2), 3.5f, 0.5f));
    params.set("gamma", Tensor.of(Shape.of(2), 2, 1));
    params.set("beta", Tensor.of(Shape.of(2), 0, 1));
    float[] y = Layers.batchNorm(params, x, 0.5, Unary.Kind.LEAKY_RELU).floats();
    float[] expected = {0, 3, 2, -0.5f};
    for (int i = 0; i < y.length; i++) {
      assertThat(y[i]).isCloseTo(expected[i], within(1e-6f));
    }
    params.commit();
    assertThat(params.entry("mean").value().floats()).as("nothing moves").containsExactly(1, 2);
  }

  @Test
  void oneRowHasNoUnbiasedVariance() {
    params.training(true);
    Layers.batchNorm(params, Tensor.of(Shape.of(1, 1, 1, 1), 5f), 1e-5, null);
    params.commit();
    assertThat(params.entry("variance").value().item()).isCloseTo(0.97, within(1e-6));
  }

  @ParameterizedTest
  @ValueSource(strings = {"cpu", "cpu:3", "reference"})
  void dropoutDependsOnTheStepAlone(String name) {
    float[] expected = dropped(Devices.cpu(), 4, 17);
    assertThat(dropped(Devices.open(name), 4, 17)).containsExactly(expected);
    assertThat(dropped(Devices.open(name), 4, 18)).isNotEqualTo(expected);
    assertThat(dropped(Devices.open(name), 5, 17)).isNotEqualTo(expected);
  }

  private static float[] dropped(Device device, long seed, long step) {
    return Ops.on(
        device,
        () -> {
          Params p = Params.create(0).training(true).step(seed, step);
          return Regularization.dropout(p.at("drop"), Arrays.normal(Spec.f32(2, 9, 7, 5), 1), 0.5)
              .floats();
        });
  }

  @Test
  void dropoutKeepsTheMean() {
    params.training(true).step(1, 1);
    Tensor ones = Tensor.full(Spec.f32(1, 100, 100, 4), 1);
    float[] y = Regularization.dropout(params.at("a"), ones, 0.2).floats();
    double sum = 0;
    for (float value : y) {
      assertThat(value == 0 || value == 1.25f).isTrue();
      sum += value;
    }
    // Four standard deviations of the mean of 40,000 draws.
    assertThat(sum / y.length).isCloseTo(1, within(4 * 0.5 / 200));
    float[] other = Regularization.dropout(params.at("b"), ones, 0.2).floats();
    assertThat(other).as("rooms drop apart").isNotEqualTo(y);
  }

  @Test
  void dropoutPassesGradientsOfWhatItKeeps() {
    Tensor x = Tensor.full(Spec.f32(1000), 3);
    params.training(true);
    try (Tape tape = Tape.watching(List.of(x))) {
      Tensor y = tape.record(() -> Regularization.dropout(params, x, 0.5));
      Tensor loss = tape.record(() -> Reductions.sum(y));
      float[] values = y.floats();
      float[] gradients = tape.backward(loss).of(x).floats();
      for (int i = 0; i < values.length; i++) {
        assertThat(gradients[i]).isEqualTo(values[i] == 0 ? 0 : 2f);
      }
      assertThat(values).contains(0f, 6f);
    }
  }

  @Test
  void dropoutIsTheIdentityOtherwise() {
    Tensor x = Tensor.of(Shape.of(2), 1, 2);
    assertThat(Regularization.dropout(params, x, 0.5)).isSameAs(x);
    assertThat(Regularization.dropout(params.training(true), x, 0)).isSameAs(x);
    for (double wrong : new double[] {-0.1, 1, Double.NaN}) {
      assertThatThrownBy(() -> Regularization.dropout(params, x, wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("dropout: the probability is " + wrong);
    }
  }

  @Test
  void dropoutWorksInDoublePrecision() {
    Ops.on(
        Devices.reference(),
        () -> {
          Tensor x = Tensor.full(new Spec(DType.F64, Shape.of(100)), 1);
          Params p = Params.create(0, DType.F64).training(true);
          assertThat(Regularization.dropout(p, x, 0.5).doubles()).containsOnly(0, 2);
          return x;
        });
  }
}
