package dev.peregrine.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Pointwise;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.op.Conv2dInputGrad;
import dev.peregrine.tensor.op.Conv2dWeightGrad;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.DTypeException;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.List;
import org.junit.jupiter.api.Test;

class GradCheckTest {
  private static Tensor normal(long seed, int... extents) {
    return Ops.on(
        Devices.reference(), () -> Arrays.normal(new Spec(DType.F64, Shape.of(extents)), seed));
  }

  @Test
  void agreesWithARightDerivative() {
    GradCheck.Result result =
        GradCheck.directional(
            in -> Pointwise.exp(in.get(0)).times(in.get(1)),
            List.of(normal(1, 3, 4), normal(2, 4)),
            3);
    assertThat(result.analytic()).isNotZero();
    assertThat(result.error()).isLessThan(1e-8);
  }

  /** The tape does not see a number that goes through the host, the differences do. */
  @Test
  void catchesAWrongDerivative() {
    GradCheck.Result result =
        GradCheck.directional(
            in -> in.get(0).times(Tensor.of(in.get(0).shape(), in.get(0).doubles())),
            List.of(normal(1, 3, 4)),
            3);
    assertThat(result.analytic()).isCloseTo(result.numeric() / 2, within(1e-6));
    assertThat(result.error()).isGreaterThan(0.4);
  }

  @Test
  void refusesToCheckNothing() {
    assertThatThrownBy(
            () -> GradCheck.directional(in -> in.get(0), List.of(Tensor.of(Shape.of(1), 1f)), 1))
        .isInstanceOf(DTypeException.class)
        .hasMessage(
            "grad check: none of the 1 inputs is f64, so none is moved and nothing is checked;"
                + " make them f64");
  }

  /** Second derivatives: the two gradients of a convolution are differentiated in turn. */
  @Test
  void theGradientsOfConvolutionHaveGradients() {
    Window window = Window.same(3, 2);
    Tensor x = normal(1, 2, 5, 7, 4);
    Tensor w = normal(2, 3, 3, 2, 6);
    Tensor dy = normal(3, 2, 3, 4, 6);
    GradCheck.Result byInput =
        GradCheck.directional(
            in -> {
              Tensor dx =
                  Ops.apply(new Conv2dInputGrad(window, 2, x.shape()), in.get(0), in.get(1));
              return dx.times(dx);
            },
            List.of(dy, w),
            4);
    GradCheck.Result byWeight =
        GradCheck.directional(
            in -> {
              Tensor dw =
                  Ops.apply(new Conv2dWeightGrad(window, 2, w.shape()), in.get(0), in.get(1));
              return dw.times(dw);
            },
            List.of(x, dy),
            5);
    assertThat(byInput.error()).isLessThan(1e-7);
    assertThat(byWeight.error()).isLessThan(1e-7);
  }

  @Test
  void aPowerOfZeroHasADerivativeByItsExponent() {
    Tensor base = Ops.on(Devices.reference(), () -> Tensor.of(Shape.of(2), new double[] {0, 2}));
    Tensor exponent =
        Ops.on(Devices.reference(), () -> Tensor.of(Shape.of(2), new double[] {1.5, 3}));
    GradCheck.Result result =
        GradCheck.directional(in -> Pointwise.power(base, in.get(0)), List.of(exponent), 1);
    assertThat(result.error()).isLessThan(1e-8);
  }
}
