package dev.peregrine.tensor.cpu.reference;

import static dev.peregrine.tensor.cpu.reference.OnReference.run;
import static dev.peregrine.tensor.cpu.reference.OnReference.x;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.op.Conv2dInputGrad;
import dev.peregrine.tensor.op.Conv2dWeightGrad;
import dev.peregrine.tensor.op.Epilogue;
import dev.peregrine.tensor.op.MatMul;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Window;
import org.junit.jupiter.api.Test;

class ReferenceConvolutionTest {
  private static final Tensor NINE = x("3 3 1 1", 1, 2, 3, 4, 5, 6, 7, 8, 9);

  private static Conv2d conv(Window window) {
    return new Conv2d(window, 1, Epilogue.NONE);
  }

  @Test
  void oneLitPixelShowsTheTurnedKernel() {
    Tensor lit = x("1 3 3 1", 0, 0, 0, 0, 1, 0, 0, 0, 0);
    // y[i, j] = w[2 - i, 2 - j]: the pixel at (1, 1) lies under tap (2, 2) of output (0, 0).
    assertThat(run(conv(Window.same(3, 1)), lit, NINE)).containsExactly(9, 8, 7, 6, 5, 4, 3, 2, 1);
  }

  @Test
  void paddingOnOneSideAndStrideTwoAddWhatIsThere() {
    Tensor picture = x("1 3 3 1", 1, 2, 3, 4, 5, 6, 7, 8, 9);
    Tensor ones = x("2 2 1 1", 1, 1, 1, 1);
    // 1 + 2 + 4 + 5, 3 + 6, 7 + 8, 9
    assertThat(run(conv(Window.of(2).stride(2).pad(0, 0, 1, 1)), picture, ones))
        .containsExactly(12, 9, 15, 9);
  }

  @Test
  void dilationSkipsPixels() {
    Tensor row = x("1 1 5 1", 1, 2, 3, 4, 5);
    Tensor taps = x("1 2 1 1", 1, 10);
    Window window = new Window(1, 2, 1, 1, 0, 0, 0, 0, 1, 2);
    assertThat(run(conv(window), row, taps)).containsExactly(31, 42, 53);
  }

  @Test
  void groupsSeeTheirOwnChannelsOnly() {
    Tensor pixel = x("1 1 1 4", 1, 2, 3, 4);
    Tensor filters = x("1 1 2 4", 1, 2, 3, 4, 10, 20, 30, 40);
    // Outputs 0 and 1 see channels 1, 2; outputs 2 and 3 see channels 3, 4.
    assertThat(run(new Conv2d(Window.of(1), 2, Epilogue.NONE), pixel, filters))
        .containsExactly(1 + 20, 2 + 40, 9 + 120, 12 + 160);
  }

  @Test
  void channelsAddUp() {
    Tensor pixel = x("1 1 1 2", 3, 5);
    Tensor filters = x("1 1 2 3", 1, 2, 3, 10, 20, 30);
    assertThat(run(conv(Window.of(1)), pixel, filters)).containsExactly(53, 106, 159);
  }

  @Test
  void fusedStepsAreAppliedInTheirOrder() {
    Epilogue steps =
        Epilogue.NONE
            .then(new Epilogue.Bias())
            .then(new Epilogue.Add())
            .then(new Epilogue.Activate(Unary.Kind.LEAKY_RELU))
            .then(new Epilogue.Add());
    Tensor one = x("1 1 1 1", 2);
    // 2 * 3 = 6; 6 - 10 = -4; -4 + 1 = -3; leaky -0.3; + 5 = 4.7
    double[] y =
        run(
            new Conv2d(Window.of(1), 1, steps),
            one,
            x("1 1 1 1", 3),
            x("1", -10),
            x("1 1 1 1", 1),
            x("1 1 1 1", 5));
    assertThat(y[0]).isCloseTo(4.7, within(1e-15));
  }

  @Test
  void theGradientByTheInputSpreadsTheKernel() {
    Tensor lit = x("1 3 3 1", 0, 0, 0, 0, 1, 0, 0, 0, 0);
    assertThat(run(new Conv2dInputGrad(Window.same(3, 1), 1, Shape.of(1, 3, 3, 1)), lit, NINE))
        .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9);
    Window apart = new Window(1, 2, 1, 2, 0, 0, 0, 0, 1, 1);
    // One more pixel than the windows reach gets no gradient.
    assertThat(
            run(
                new Conv2dInputGrad(apart, 1, Shape.of(1, 1, 5, 1)),
                x("1 1 2 1", 5, 7),
                x("1 2 1 1", 1, 10)))
        .containsExactly(5, 50, 7, 70, 0);
  }

  @Test
  void theGradientByTheFiltersPicksThePixelsUnderTheWindow() {
    Tensor picture = x("1 3 3 1", 1, 2, 3, 4, 5, 6, 7, 8, 9);
    Tensor lit = x("1 3 3 1", 1, 0, 0, 0, 0, 0, 0, 0, 0);
    // Output (0, 0) sees the border above and on the left.
    assertThat(run(new Conv2dWeightGrad(Window.same(3, 1), 1, NINE.shape()), picture, lit))
        .containsExactly(0, 0, 0, 0, 1, 2, 0, 4, 5);
  }

  @Test
  void sumsInF32AreExactBeforeTheyAreStored() {
    double[] sum =
        Ops.on(
            Devices.reference(),
            () ->
                Ops.apply(
                        conv(Window.of(1)),
                        Tensor.of(Shape.of(1, 1, 1, 3), 1e8f, 1, -1e8f),
                        Tensor.of(Shape.of(1, 1, 3, 1), 1f, 1f, 1f))
                    .doubles());
    assertThat(sum).containsExactly(1);
  }

  @Test
  void matricesMultiplyInAllFourOrientations() {
    // [1 2; 3 4] [5 6; 7 8]
    Tensor a = x("2 2", 1, 2, 3, 4);
    Tensor b = x("2 2", 5, 6, 7, 8);
    assertThat(run(new MatMul(false, false), a, b)).containsExactly(19, 22, 43, 50);
    assertThat(run(new MatMul(true, false), a, b)).containsExactly(26, 30, 38, 44);
    assertThat(run(new MatMul(false, true), a, b)).containsExactly(17, 23, 39, 53);
    assertThat(run(new MatMul(true, true), a, b)).containsExactly(23, 31, 34, 46);
    assertThat(run(new MatMul(false, false), x("1 3", 1, 2, 3), x("3 2", 1, 10, 2, 20, 3, 30)))
        .containsExactly(14, 140);
  }
}
