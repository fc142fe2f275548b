package dev.peregrine.tensor.cpu.reference;

import static dev.peregrine.tensor.cpu.reference.OnReference.run;
import static dev.peregrine.tensor.cpu.reference.OnReference.x;
import static java.lang.Double.NEGATIVE_INFINITY;
import static java.lang.Double.NaN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.AvgPool;
import dev.peregrine.tensor.op.AvgPoolGrad;
import dev.peregrine.tensor.op.MaxPool;
import dev.peregrine.tensor.op.MaxPoolGrad;
import dev.peregrine.tensor.op.Upsample;
import dev.peregrine.tensor.op.UpsampleGrad;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Window;
import org.junit.jupiter.api.Test;

class ReferencePoolingTest {
  private static final Tensor NINE = x("1 3 3 1", 1, 2, 3, 4, 5, 6, 7, 8, 9);

  /** 2x2 at stride 2 with one row and column more below and right, as darknet pools odd maps. */
  private static final Window HALF = Window.of(2).stride(2).pad(0, 0, 1, 1);

  @Test
  void twoByTwoTakesTheLargestAndTheMean() {
    Tensor two = x("1 2 4 1", 1, 2, 3, 4, 5, 6, 7, 8);
    Window window = Window.of(2).stride(2);
    assertThat(run(new MaxPool(window), two)).containsExactly(6, 8);
    // (1 + 2 + 5 + 6) / 4, (3 + 4 + 7 + 8) / 4
    assertThat(run(new AvgPool(window), two)).containsExactly(3.5, 5.5);
  }

  @Test
  void placesOutsideTheInputDoNotTakePart() {
    assertThat(run(new MaxPool(HALF), NINE)).containsExactly(5, 6, 8, 9);
    // (1 + 2 + 4 + 5) / 4, (3 + 6) / 2, (7 + 8) / 2, 9
    assertThat(run(new AvgPool(HALF), NINE)).containsExactly(3, 4.5, 7.5, 9);
    assertThat(run(new MaxPool(Window.same(13, 1)), x("1 1 1 1", -5))).containsExactly(-5);
  }

  @Test
  void aWindowWhollyOutsideHoldsNothing() {
    Window beyond = new Window(1, 1, 1, 1, 0, 1, 0, 0, 1, 1);
    Tensor one = x("1 1 1 1", -5);
    assertThat(run(new MaxPool(beyond), one)).containsExactly(NEGATIVE_INFINITY, -5);
    assertThat(run(new AvgPool(beyond), one)).containsExactly(0, -5);
    Tensor dy = x("1 1 2 1", 7, 11);
    assertThat(run(new MaxPoolGrad(beyond), one, dy)).containsExactly(11);
    assertThat(run(new AvgPoolGrad(beyond, one.shape()), dy)).containsExactly(11);
  }

  @Test
  void channelsAreSeparate() {
    Tensor two = x("1 1 2 3", 1, 9, 2, 3, 4, 1);
    Window window = new Window(1, 2, 1, 1, 0, 0, 0, 0, 1, 1);
    assertThat(run(new MaxPool(window), two)).containsExactly(3, 9, 2);
  }

  @Test
  void nanReachesTheResult() {
    Tensor two = x("1 1 3 1", 1, NaN, 3);
    Window window = new Window(1, 2, 1, 1, 0, 0, 0, 0, 1, 1);
    assertThat(run(new MaxPool(window), two)).containsExactly(NaN, NaN);
  }

  @Test
  void theGradientOfTheLargestGoesToTheFirstOfEqualOnes() {
    Tensor equal = x("1 2 2 1", 4, 4, 4, 4);
    assertThat(run(new MaxPoolGrad(Window.of(2)), equal, x("1 1 1 1", 7)))
        .containsExactly(7, 0, 0, 0);
    // Overlapping windows: 5 is the largest of the first, 9 of all others that reach it.
    assertThat(
            run(
                new MaxPoolGrad(Window.of(2)),
                x("1 3 3 1", 1, 2, 3, 4, 5, 6, 7, 8, 9),
                x("1 2 2 1", 1, 10, 100, 1000)))
        .containsExactly(0, 0, 0, 0, 1, 10, 0, 100, 1000);
  }

  @Test
  void theGradientOfTheMeanIsSharedByThoseThatTookPart() {
    assertThat(run(new AvgPoolGrad(HALF, Shape.of(1, 3, 3, 1)), x("1 2 2 1", 4, 10, 20, 100)))
        .containsExactly(1, 1, 5, 1, 1, 5, 10, 10, 100);
  }

  @Test
  void upsamplingRepeatsAndItsGradientAddsUp() {
    assertThat(run(new Upsample(2), x("1 1 2 2", 1, 2, 3, 4)))
        .containsExactly(1, 2, 1, 2, 3, 4, 3, 4, 1, 2, 1, 2, 3, 4, 3, 4);
    assertThat(run(new UpsampleGrad(2), x("1 2 4 1", 1, 2, 3, 4, 5, 6, 7, 8)))
        .containsExactly(1 + 2 + 5 + 6, 3 + 4 + 7 + 8);
  }
}
