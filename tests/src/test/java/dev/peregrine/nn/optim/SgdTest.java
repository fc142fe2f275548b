package dev.peregrine.nn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.autograd.Adjoints;
import dev.peregrine.autograd.Tape;
import dev.peregrine.nn.Initializer;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Reductions;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Steps of one number, whose gradients are chosen, against the update rules written out. */
class SgdTest {
  private static final double DECAY = 0.1;
  private static final double[] GRADIENTS = {2, -1, 0.5, 3};
  private static final StepSize[] SIZES = {
    new StepSize(0.1, 0.2, 0.9),
    new StepSize(0.05, 0.01, 0.9),
    new StepSize(0.1, 0.1, 0.8),
    new StepSize(0.02, 0.3, 0.5)
  };

  private final Params params = Params.create(0, DType.F64);

  SgdTest() {
    Ops.on(
        Devices.reference(),
        () -> {
          params.get("w", Params.Kind.WEIGHT, Shape.of(), Initializer.constant(1.5));
          params.get("b", Params.Kind.BIAS, Shape.of(), Initializer.constant(1.5));
          params.get("s", Params.Kind.SCALE, Shape.of(), Initializer.constant(1.5));
          return params.get("m", Params.Kind.STATISTIC, Shape.of(), Initializer.constant(1.5));
        });
  }

  private double value(String path) {
    return params.entry(path).value().item();
  }

  /** Accumulates the gradient {@code gradient} of w, b and s alike. */
  private void accumulate(Sgd optimizer, double gradient, double scale) {
    try (Tape tape = Tape.watching(params)) {
      Tensor loss =
          tape.record(() -> {
            Tensor sum = params.entry("w").value().plus(params.entry("b").value());
            return sum.plus(params.entry("s").value()).times(gradient);
          });
      optimizer.accumulate(params, tape.backward(loss), scale);
    }
  }

  @Test
  void plainFormIsDarknetsUpdate() {
    Sgd optimizer = Sgd.plain(DECAY);
    int batch = 4;
    double w = 1.5;
    double b = 1.5;
    double weightUpdate = 0;
    double biasUpdate = 0;
    for (double mean : GRADIENTS) {
      double rate = 0.05;
      double momentum = 0.9;
      // Darknet sums the descent over the pictures, and divides where it is applied.
      weightUpdate += -mean * batch;
      biasUpdate += -mean * batch;
      weightUpdate += -DECAY * batch * w;
      w += rate / batch * weightUpdate;
      b += rate / batch * biasUpdate;
      weightUpdate *= momentum;
      biasUpdate *= momentum;

      accumulate(optimizer, mean * batch, 1.0 / batch);
      optimizer.step(params, StepSize.of(rate, momentum));
      assertThat(value("w")).isCloseTo(w, within(1e-12));
      assertThat(value("b")).isCloseTo(b, within(1e-12));
      assertThat(value("s")).isCloseTo(b, within(1e-12));
    }
    assertThat(value("m")).as("statistics are not trained").isEqualTo(1.5);
  }

  @Test
  void nesterovFormIsTorchsUpdate() {
    Sgd optimizer = Sgd.nesterov(DECAY);
    double[] value = {1.5, 1.5, 1.5};
    double[] buffer = new double[3];
    String[] paths = {"w", "b", "s"};
    for (int step = 0; step < GRADIENTS.length; step++) {
      StepSize size = SIZES[step];
      for (int i = 0; i < 3; i++) {
        double g = GRADIENTS[step] + (i == 0 ? DECAY * value[i] : 0);
        buffer[i] = step == 0 ? g : size.momentum() * buffer[i] + g;
        double rate = i == 1 ? size.biasRate() : size.rate();
        value[i] -= rate * (g + size.momentum() * buffer[i]);
      }
      accumulate(optimizer, GRADIENTS[step], 1);
      optimizer.step(params, size);
      for (int i = 0; i < 3; i++) {
        assertThat(value(paths[i])).as(paths[i]).isCloseTo(value[i], within(1e-12));
      }
    }
  }

  /** Worked out on paper: v = 2, w = 1.5 - 0.2 = 1.3; v = 0.9 * 2 - 1 = 0.8, w = 1.3 - 0.08. */
  @Test
  void twoStepsByHand() {
    Sgd optimizer = Sgd.plain(0);
    accumulate(optimizer, 2, 1);
    optimizer.step(params, StepSize.of(0.1, 0.9));
    assertThat(value("w")).isCloseTo(1.3, within(1e-12));
    accumulate(optimizer, -1, 1);
    optimizer.step(params, StepSize.of(0.1, 0.9));
    assertThat(value("w")).isCloseTo(1.22, within(1e-12));
  }

  @Test
  void gradientsOfSeveralMiniBatchesAddUp() {
    Sgd optimizer = Sgd.plain(0);
    accumulate(optimizer, 2, 0.5);
    accumulate(optimizer, 6, 0.5);
    optimizer.step(params, StepSize.of(0.1, 0.9));
    assertThat(value("w")).isCloseTo(1.5 - 0.4, within(1e-12));
    optimizer.step(params, StepSize.of(0.1, 0.9));
    assertThat(value("w")).as("nothing waits any more").isCloseTo(1.1, within(1e-12));
  }

  @Test
  void leavesFrozenNumbersAlone() {
    params.freeze("w", true);
    Sgd optimizer = Sgd.plain(DECAY);
    accumulate(optimizer, 2, 1);
    optimizer.step(params, StepSize.of(0.1, 0.9));
    assertThat(value("w")).isEqualTo(1.5);
    assertThat(value("b")).isCloseTo(1.3, within(1e-12));
    assertThat(optimizer.state()).doesNotContainKey("w");
  }

  @Test
  void takesItsVelocityBack() {
    Sgd optimizer = Sgd.nesterov(DECAY);
    accumulate(optimizer, 2, 1);
    optimizer.step(params, SIZES[0]);
    Params twin = params.to(DType.F64, Devices.reference());
    Sgd other = Sgd.nesterov(DECAY);
    other.restore(optimizer.state());
    accumulate(optimizer, 3, 1);
    optimizer.step(params, SIZES[1]);
    try (Tape tape = Tape.watching(twin)) {
      Tensor loss = tape.record(() -> twin.entry("w").value().times(3));
      other.step(twin, tape.backward(loss), SIZES[1]);
    }
    assertThat(twin.entry("w").value().item()).isEqualTo(value("w"));
  }

  /** A step at once, without sums of gradients between, has the bits of one after the other. */
  @Test
  void aStepAtOnceIsThatAfterAccumulation() {
    Params single = Params.create(5);
    Tensor w = single.get("w", Params.Kind.WEIGHT, Shape.of(3, 37), Initializer.DARKNET);
    single.get("b", Params.Kind.BIAS, Shape.of(37), Initializer.constant(0.3));
    for (Sgd[] pair :
        new Sgd[][] {
          {Sgd.plain(DECAY), Sgd.plain(DECAY)}, {Sgd.nesterov(DECAY), Sgd.nesterov(DECAY)}
        }) {
      Params twin = single.to(w.dtype(), w.device());
      Params other = single.to(w.dtype(), w.device());
      for (StepSize size : SIZES) {
        step(twin, gradients -> pair[0].step(twin, gradients, 0.3, size));
        step(
            other,
            gradients -> {
              pair[1].accumulate(other, gradients, 0.3);
              pair[1].step(other, size);
            });
        for (String path : new String[] {"w", "b"}) {
          assertThat(twin.entry(path).value().floats())
              .containsExactly(other.entry(path).value().floats());
        }
      }
      assertThat(pair[0].state().get("w").floats())
          .containsExactly(pair[1].state().get("w").floats());
    }
  }

  private static void step(Params params, Consumer<Adjoints> optimizer) {
    try (Tape tape = Tape.watching(params)) {
      Tensor loss =
          tape.record(() -> {
            Tensor sum = params.entry("w").value().plus(params.entry("b").value());
            return Reductions.sum(sum.times(sum));
          });
      optimizer.accept(tape.backward(loss));
    }
  }
}
