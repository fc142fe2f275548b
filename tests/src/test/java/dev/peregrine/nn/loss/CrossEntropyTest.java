package dev.peregrine.nn.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.autograd.Adjoints;
import dev.peregrine.autograd.GradCheck;
import dev.peregrine.autograd.Tape;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Reductions;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;
import org.junit.jupiter.api.Test;

class CrossEntropyTest {
  /** Softmax of ln 1, ln 2, ln 5 is 1/8, 2/8, 5/8. */
  @Test
  void isTheLogarithmOfTheProbability() {
    Tensor scores =
        Tensor.of(Shape.of(2, 3), 0, (float) Math.log(2), (float) Math.log(5), 1000, 1000, -1000);
    Tensor targets = Tensor.of(Shape.of(2, 3), 0, 1, 0, 0.5f, 0.5f, 0);
    double expected = Math.log(4) + Math.log(2);
    assertThat(CrossEntropy.sum(scores, targets).item()).isCloseTo(expected, within(1e-5));
    assertThatThrownBy(() -> CrossEntropy.sum(scores, Tensor.of(Shape.of(3), 0, 1, 0)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("both must be [N, classes]");
  }

  /** The derivative is softmax less target, and that of the differences. */
  @Test
  void derivative() {
    Ops.on(
        Devices.reference(),
        () -> {
          Tensor scores = Arrays.normal(new Spec(DType.F64, Shape.of(4, 5)), 1).times(3);
          Tensor targets =
              Reductions.softmax(Arrays.normal(new Spec(DType.F64, Shape.of(4, 5)), 2));
          GradCheck.Result result =
              GradCheck.directional(in -> CrossEntropy.sum(in.get(0), targets), List.of(scores), 3);
          assertThat(result.error()).isLessThan(1e-7);
          try (Tape tape = Tape.watching(List.of(scores))) {
            Tensor loss = tape.record(() -> CrossEntropy.sum(scores, targets));
            Adjoints adjoints = tape.backward(loss);
            double[] actual = adjoints.of(scores).doubles();
            double[] expected = Reductions.softmax(scores).minus(targets).doubles();
            for (int i = 0; i < expected.length; i++) {
              assertThat(actual[i]).isCloseTo(expected[i], within(1e-12));
            }
          }
          return scores;
        });
  }
}
