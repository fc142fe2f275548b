package dev.peregrine.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.nn.Layers;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Reductions;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TapeTest {
  private final Tensor x = Tensor.of(Shape.of(2, 2), 1, 2, 3, 4);

  @Test
  void addsTheDerivativesOfEveryUse() {
    try (Tape tape = Tape.watching(List.of(x))) {
      // x^2 + 3x + x, with x as both inputs of one operation and as the input of others
      Tensor loss = tape.record(() -> Reductions.sum(x.times(x).plus(x.times(3)).plus(x)));
      assertThat(tape.backward(loss).of(x).floats()).containsExactly(6, 8, 10, 12);
    }
  }

  @Test
  void goesThroughViews() {
    try (Tape tape = Tape.watching(List.of(x))) {
      Tensor loss =
          tape.record(() -> {
            Tensor right = Arrays.slice(x, -1, 1, 1); // 2, 4
            Tensor flat = x.times(x).reshape(4); // 1, 4, 9, 16
            Tensor last = Arrays.slice(flat, 0, 3, 1); // 16
            return Reductions.sum(right.times(10)).plus(Reductions.sum(last));
          });
      assertThat(loss.item()).isEqualTo(76);
      assertThat(tape.backward(loss).of(x).floats()).containsExactly(0, 10, 0, 18);
    }
  }

  @Test
  void givesZerosToATensorWithoutAPath() {
    Tensor other = Tensor.of(Shape.of(3), 1, 2, 3);
    try (Tape tape = Tape.watching(List.of(x, other))) {
      Tensor loss = tape.record(() -> Reductions.sum(x));
      Adjoints gradients = tape.backward(loss);
      assertThat(gradients.reaches(x)).isTrue();
      assertThat(gradients.reaches(other)).isFalse();
      assertThat(gradients.of(other).floats()).containsExactly(0, 0, 0);
    }
  }

  @Test
  void refusesToTellOfATensorItDidNotWatch() {
    Tensor late = Tensor.of(Shape.of(3), 1, 2, 3);
    try (Tape tape = Tape.watching(List.of(x))) {
      Adjoints gradients = tape.backward(tape.record(() -> Reductions.sum(x)));
      assertThat(gradients.reaches(late)).isFalse();
      assertThatThrownBy(() -> gradients.of(late))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "tape: f32[3] is not among the 1 tensors that the tape watched; it was made, set or"
                  + " thawed after Tape.watching(...)");
    }
  }

  @Test
  void takesSeveralOutputsWithTheirGradients() {
    try (Tape tape = Tape.watching(List.of(x))) {
      List<Tensor> outputs = tape.record(() -> List.of(x.times(2), x.times(x)));
      Tensor ones = Tensor.full(x.spec(), 1);
      Adjoints gradients = tape.backward(outputs, List.of(ones, ones.times(10)));
      assertThat(gradients.of(x).floats()).containsExactly(22, 42, 62, 82);
      assertThatThrownBy(() -> tape.backward(outputs, List.of(ones)))
          .hasMessage("tape: backward was given 2 outputs but 1 seeds");
      assertThatThrownBy(() -> tape.backward(outputs, List.of(ones, Tensor.of(Shape.of(1), 1f))))
          .isInstanceOf(ShapeException.class)
          .hasMessageContaining("must have the spec of its output");
    }
  }

  @Test
  void refusesALossOfManyElements() {
    try (Tape tape = Tape.watching(List.of(x))) {
      Tensor y = tape.record(() -> x.times(2));
      assertThatThrownBy(() -> tape.backward(y))
          .isInstanceOf(ShapeException.class)
          .hasMessageContaining("a loss of one element")
          .hasMessageContaining("reduce it");
    }
  }

  @Test
  void refusesTensorsOfSeveralDevices() {
    Tensor elsewhere = x.to(Devices.reference());
    assertThatThrownBy(() -> Tape.watching(List.of(x, elsewhere)))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("on cpu and on reference");
  }

  /** Of values, of views of them, and of derivatives. */
  @ParameterizedTest
  @ValueSource(strings = {"cpu", "reference"})
  void nothingIsReadAfterClosing(String name) {
    Device device = Devices.open(name);
    Ops.on(
        device,
        () -> {
          Tensor leaf = Tensor.of(Shape.of(2, 2), 1, 2, 3, 4);
          List<Tensor> results;
          Tensor kept;
          Tape closed;
          try (Tape tape = Tape.watching(List.of(leaf))) {
            Tensor y = tape.record(() -> leaf.times(2));
            Tensor flat = tape.record(() -> y.reshape(4));
            Tensor right = tape.record(() -> Arrays.slice(y, -1, 1, 1));
            Tensor both = tape.record(() -> Arrays.slice(y.reshape(1, 4), -1, 1, 2));
            Tensor derivative = tape.backward(tape.record(() -> Reductions.sum(y))).of(leaf);
            assertThat(both.floats()).containsExactly(4, 6);
            results = List.of(y, flat, right, both, derivative);
            kept = tape.keep(right);
            closed = tape;
          }
          assertThat(kept.floats()).containsExactly(4, 8);
          for (Tensor result : results) {
            assertThatThrownBy(result::floats)
                .isInstanceOf(DeviceException.class)
                .hasMessageContaining("read after its tape was closed")
                .hasMessageContaining("tape.keep(tensor)");
            assertThatThrownBy(() -> result.plus(1)).isInstanceOf(DeviceException.class);
          }
          assertThatThrownBy(() -> closed.record(() -> leaf))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("tape: it is closed");
          assertThatThrownBy(() -> closed.backward(leaf)).isInstanceOf(IllegalStateException.class);
          return leaf;
        });
  }

  @Test
  void stepsUseTheSameMemoryAgain() {
    Device device = Devices.open("cpu:1");
    Ops.on(
        device,
        () -> {
          Params params = Params.create(1).training(true);
          Tensor image = Arrays.normal(Spec.f32(2, 12, 12, 3), 2);
          net(params, image);
          long pooled = 0;
          for (int step = 0; step < 50; step++) {
            try (Tape tape = Tape.watching(params)) {
              Tensor loss = tape.record(() -> Reductions.sum(net(params, image)));
              tape.backward(loss);
            }
            params.discard();
            if (step == 0) {
              pooled = device.pool().pooledBytes();
              assertThat(pooled).isPositive();
            }
            assertThat(device.pool().pooledBytes()).as("after step %d", step).isEqualTo(pooled);
          }
          return image;
        });
  }

  private static Tensor net(Params p, Tensor x) {
    Tensor y = Layers.convBn(p.at("a"), x, 8, 3, 2, Unary.Kind.MISH);
    Tensor half = Arrays.slice(y, -1, 4, 4);
    Tensor z = Layers.convBn(p.at("b"), half, 8, 3, 1, Unary.Kind.LEAKY_RELU);
    return Arrays.concat(-1, y, z).reshape(2, 6 * 6 * 16);
  }
}
