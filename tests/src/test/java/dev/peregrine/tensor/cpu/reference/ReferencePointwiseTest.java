package dev.peregrine.tensor.cpu.reference;

import static dev.peregrine.tensor.cpu.reference.OnReference.apply;
import static dev.peregrine.tensor.cpu.reference.OnReference.run;
import static dev.peregrine.tensor.cpu.reference.OnReference.x;
import static java.lang.Double.NaN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.tensor.op.Binary;
import dev.peregrine.tensor.op.Cast;
import dev.peregrine.tensor.op.Compare;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.op.UnaryGrad;
import dev.peregrine.tensor.op.Where;
import dev.peregrine.tensor.shape.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ReferencePointwiseTest {
  // x, x tanh(ln(1 + e^x)) and its derivative, by another program in double precision.
  @ParameterizedTest
  @CsvSource({
    "-20, -4.12230724063e-08, -3.91619187435e-08",
    "-5, -0.0335762377302, -0.0267474980199",
    "-2, -0.252501482696, -0.10835509242",
    "-1, -0.303401461374, 0.0592167558774",
    "-0.5, -0.220743774652, 0.289510677914",
    "0, 0, 0.6",
    "0.5, 0.375245211305, 0.886424375358",
    "1, 0.865098388267, 1.0490362201",
    "2, 1.94395895953, 1.06931793428",
    "5, 4.99955207753, 1.00080022483",
    "20, 20, 1",
  })
  void mishAndItsDerivative(double at, double y, double slope) {
    assertThat(unary(Unary.Kind.MISH, at))
        .isCloseTo(y, within(1e-11 * Math.max(1e-6, Math.abs(y))));
    assertThat(slope(Unary.Kind.MISH, at))
        .isCloseTo(slope, within(1e-11 * Math.max(1e-6, Math.abs(slope))));
  }

  @ParameterizedTest
  @CsvSource({
    "NEGATE, 2, -2, -1",
    "ABS, -2, 2, -1",
    "ABS, 0, 0, 0",
    "EXP, 1, 2.718281828459045, 2.718281828459045",
    "LOG, 4, 1.3862943611198906, 0.25",
    "SQRT, 4, 2, 0.25",
    "TANH, 0.5, 0.46211715726000973, 0.7864477329659274",
    "ATAN, 1, 0.7853981633974483, 0.5",
    "LOGISTIC, 0, 0.5, 0.25",
    "LOGISTIC, 1, 0.7310585786300049, 0.19661193324148185",
    "SOFTPLUS, 0, 0.6931471805599453, 0.5",
    "RELU, -1, 0, 0",
    "RELU, 0, 0, 0",
    "RELU, 2, 2, 1",
    "RELU6, 7, 6, 0",
    "RELU6, 3, 3, 1",
    "LEAKY_RELU, -2, -0.2, 0.1",
    "LEAKY_RELU, 0, 0, 0.1",
    "LEAKY_RELU, 3, 3, 1",
    "SWISH, 1, 0.7310585786300049, 0.9276705118714867",
    "HARD_SWISH, -4, 0, 0",
    "HARD_SWISH, 1, 0.6666666666666666, 0.8333333333333334",
    "HARD_SWISH, 4, 4, 1",
  })
  void functionsAndTheirDerivatives(Unary.Kind kind, double at, double y, double slope) {
    assertThat(unary(kind, at)).isCloseTo(y, within(1e-15));
    assertThat(slope(kind, at)).isCloseTo(slope, within(1e-15));
  }

  @Test
  void largeArgumentsDoNotOverflow() {
    assertThat(unary(Unary.Kind.SOFTPLUS, 1000)).isEqualTo(1000);
    assertThat(unary(Unary.Kind.SOFTPLUS, -1000)).isZero();
    assertThat(unary(Unary.Kind.LOGISTIC, -1000)).isZero();
    assertThat(unary(Unary.Kind.MISH, 1000)).isEqualTo(1000);
    assertThat(unary(Unary.Kind.MISH, -1000)).isZero();
    assertThat(unary(Unary.Kind.SWISH, -1000)).isZero();
    assertThat(slope(Unary.Kind.MISH, -1000)).isZero();
    assertThat(slope(Unary.Kind.SWISH, 1000)).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  void nanGoesThroughEveryFunction(Unary.Kind kind) {
    assertThat(unary(kind, NaN)).isNaN();
  }

  @Test
  void twoValuesCombine() {
    assertThat(binary(Binary.Kind.ADD)).containsExactly(5, 3);
    assertThat(binary(Binary.Kind.SUBTRACT)).containsExactly(-1, 1);
    assertThat(binary(Binary.Kind.MULTIPLY)).containsExactly(6, 2);
    assertThat(binary(Binary.Kind.DIVIDE)).containsExactly(2 / 3., 2);
    assertThat(binary(Binary.Kind.MAXIMUM)).containsExactly(3, 2);
    assertThat(binary(Binary.Kind.MINIMUM)).containsExactly(2, 1);
    assertThat(binary(Binary.Kind.POWER)).containsExactly(8, 2);
    assertThat(run(new Binary(Binary.Kind.MAXIMUM), x("1", 1), x("1", NaN))).containsExactly(NaN);
  }

  @Test
  void theSmallerOneIsRepeated() {
    Binary minus = new Binary(Binary.Kind.SUBTRACT);
    assertThat(run(minus, x("2 3", 1, 2, 3, 4, 5, 6), x("3", 1, 2, 3)))
        .containsExactly(0, 0, 0, 3, 3, 3);
    assertThat(run(minus, x("3", 1, 2, 3), x("2 1", 10, 20)))
        .containsExactly(-9, -8, -7, -19, -18, -17);
  }

  @Test
  void comparisonsGiveOneWhereTheyHold() {
    assertThat(compare(Compare.Kind.LESS)).containsExactly(1, 0, 0, 0);
    assertThat(compare(Compare.Kind.LESS_OR_EQUAL)).containsExactly(1, 1, 0, 0);
    assertThat(compare(Compare.Kind.GREATER)).containsExactly(0, 0, 1, 0);
    assertThat(compare(Compare.Kind.GREATER_OR_EQUAL)).containsExactly(0, 1, 1, 0);
    assertThat(compare(Compare.Kind.EQUAL)).containsExactly(0, 1, 0, 0);
  }

  @Test
  void whereChoosesAndDoesNotMix() {
    // The value that is not chosen may be anything, NaN too.
    assertThat(run(new Where(), x("3", 1, 0, -2), x("3", 1, NaN, 3), x("1", 7)))
        .containsExactly(1, 7, 3);
  }

  @Test
  void castsRoundAndClip() {
    double[] numbers = {-1, 1.4, 1.5, 2.5, 254.6, 300, NaN, 1e10};
    assertThat(apply(new Cast(DType.I32), x("8", numbers)).ints())
        .containsExactly(-1, 1, 1, 2, 254, 300, 0, Integer.MAX_VALUE);
    assertThat(apply(new Cast(DType.F32), apply(new Cast(DType.U8), x("8", numbers))).floats())
        .containsExactly(0, 1, 2, 3, 255, 255, 0, 255);
    assertThat(run(new Cast(DType.F32), x("1", 0.1))).containsExactly(0.1f);
  }

  private static double unary(Unary.Kind kind, double at) {
    return run(new Unary(kind), x("1", at))[0];
  }

  private static double slope(Unary.Kind kind, double at) {
    // dy = 2 shows that the gradient is multiplied in.
    return run(new UnaryGrad(kind), x("1", at), x("1", 2))[0] / 2;
  }

  private static double[] binary(Binary.Kind kind) {
    return run(new Binary(kind), x("2", 2, 2), x("2", 3, 1));
  }

  private static double[] compare(Compare.Kind kind) {
    return run(new Compare(kind), x("4", 1, 2, 3, NaN), x("1", 2));
  }
}
