package dev.peregrine.tensor.cpu.reference;

import static dev.peregrine.tensor.cpu.reference.OnReference.apply;
import static dev.peregrine.tensor.cpu.reference.OnReference.run;
import static dev.peregrine.tensor.cpu.reference.OnReference.x;
import static java.lang.Double.NaN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.ArgMax;
import dev.peregrine.tensor.op.Reduce;
import dev.peregrine.tensor.op.Softmax;
import dev.peregrine.tensor.shape.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReferenceReductionTest {
  private static final Tensor SIX = x("2 3", 1, 2, 3, 6, 5, 4);

  @Test
  void sumsAndMaximaAlongEachAxis() {
    assertThat(run(sum(0), SIX)).containsExactly(7, 7, 7);
    assertThat(run(sum(1), SIX)).containsExactly(6, 15);
    assertThat(run(sum(0, 1), SIX)).containsExactly(21);
    assertThat(run(sum(), SIX)).containsExactly(1, 2, 3, 6, 5, 4);
    assertThat(run(max(0), SIX)).containsExactly(6, 5, 4);
    assertThat(run(max(1), SIX)).containsExactly(3, 6);
  }

  @Test
  void outerAndInnerAxesFoldTogether() {
    Tensor cube = x("2 2 2", 1, 2, 3, 4, 10, 20, 30, 40);
    assertThat(run(sum(0, 2), cube)).containsExactly(1 + 2 + 10 + 20, 3 + 4 + 30 + 40);
    assertThat(run(max(0, 1), cube)).containsExactly(30, 40);
  }

  @Test
  void foldedAxesStayWhenTheyAreKept() {
    assertThat(apply(new Reduce(Reduce.Kind.SUM, List.of(0), true), SIX).shape())
        .isEqualTo(Shape.of(1, 3));
  }

  @Test
  void nothingSumsToZeroAndItsLargestIsMinusInfinity() {
    assertThat(run(sum(0), x("0 2"))).containsExactly(0, 0);
    assertThat(run(max(0), x("0 2")))
        .containsExactly(Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY);
  }

  @Test
  void nanIsTheLargest() {
    assertThat(run(max(0), x("3", 1, NaN, 2))).containsExactly(NaN);
    assertThat(run(new ArgMax(0), x("4", 1, NaN, 2, NaN))).containsExactly(1);
  }

  @Test
  void argMaxNamesTheFirstOfEqualOnes() {
    assertThat(run(new ArgMax(1), x("2 3", 1, 5, 5, -1, -2, -1))).containsExactly(1, 0);
    assertThat(run(new ArgMax(0), x("2 3", 1, 5, 5, 2, 5, 6))).containsExactly(1, 0, 1);
  }

  @Test
  void softmaxSharesOne() {
    // e^0 : e^ln 3 = 1 : 3
    double[] y = run(new Softmax(), x("2 2", 0, Math.log(3), 1000, 1000));
    assertThat(y[0]).isCloseTo(0.25, within(1e-15));
    assertThat(y[1]).isCloseTo(0.75, within(1e-15));
    assertThat(y[2]).isEqualTo(0.5);
    assertThat(y[3]).isEqualTo(0.5);
  }

  private static Reduce sum(Integer... axes) {
    return new Reduce(Reduce.Kind.SUM, List.of(axes), false);
  }

  private static Reduce max(Integer... axes) {
    return new Reduce(Reduce.Kind.MAX, List.of(axes), false);
  }
}
