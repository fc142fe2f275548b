package dev.peregrine.tensor.cpu.reference;

import static dev.peregrine.tensor.cpu.reference.OnReference.apply;
import static dev.peregrine.tensor.cpu.reference.OnReference.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.tensor.op.Fill;
import dev.peregrine.tensor.op.Iota;
import dev.peregrine.tensor.op.Random;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ReferenceGeneratorsTest {
  private static final Spec THREE = new Spec(DType.F64, Shape.of(3));

  @Test
  void fillAndIota() {
    assertThat(run(new Fill(THREE, 0.1))).containsExactly(0.1, 0.1, 0.1);
    Spec table = new Spec(DType.I32, Shape.of(2, 3));
    assertThat(run(new Iota(table, 0))).containsExactly(0, 0, 0, 1, 1, 1);
    assertThat(run(new Iota(table, 1))).containsExactly(0, 1, 2, 0, 1, 2);
  }

  @Test
  void uniformNumbersAreTheTopBitsOfSplitMix64() {
    // SplitMix64 of seed 0 begins E220A8397B1DCDAF, 6E789E6AA1B965F4, 06C45D188009454F.
    assertThat(run(new Random(THREE, Random.Kind.UNIFORM, 0)))
        .containsExactly(0xE220A8 * 0x1p-24, 0x6E789E * 0x1p-24, 0x06C45D * 0x1p-24);
  }

  @Test
  void normalNumbersTakeTwoUniformOnesEach() {
    double radius = Math.sqrt(-2 * Math.log(1 - 0xE220A8 * 0x1p-24));
    assertThat(run(new Random(THREE, Random.Kind.NORMAL, 0))[0])
        .isCloseTo(radius * Math.cos(2 * Math.PI * 0x6E789E * 0x1p-24), within(1e-14));
  }

  @Test
  void momentsAreThoseOfTheDistributions() {
    Spec many = Spec.f32(100_000);
    double[] uniform = apply(new Random(many, Random.Kind.UNIFORM, 7)).doubles();
    assertThat(mean(uniform)).isCloseTo(0.5, within(0.005));
    assertThat(Arrays.stream(uniform)).allMatch(u -> u >= 0 && u < 1);
    double[] normal = apply(new Random(many, Random.Kind.NORMAL, 7)).doubles();
    assertThat(mean(normal)).isCloseTo(0, within(0.02));
    double[] squares = Arrays.stream(normal).map(z -> z * z).toArray();
    assertThat(mean(squares)).isCloseTo(1, within(0.03));
  }

  @Test
  void seedsGiveDifferentNumbers() {
    assertThat(run(new Random(THREE, Random.Kind.UNIFORM, 1)))
        .isNotEqualTo(run(new Random(THREE, Random.Kind.UNIFORM, 2)))
        .isEqualTo(run(new Random(THREE, Random.Kind.UNIFORM, 1)));
  }

  private static double mean(double[] numbers) {
    return Arrays.stream(numbers).average().orElseThrow();
  }
}
