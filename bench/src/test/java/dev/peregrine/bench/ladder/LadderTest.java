package dev.peregrine.bench.ladder;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every rung of the ladder computes the same convolution. */
class LadderTest {
  @ParameterizedTest
  @CsvSource({"7, 9, 32, 64", "1, 6, 64, 32", "13, 23, 32, 96"})
  void everyRungAgreesWithTheDefinition(int height, int width, int in, int out) {
    Problem problem = Problem.random(height, width, in, out);
    Ladder.rungs()
        .forEach((name, make) -> {
          float[] y = new float[height * width * out];
          Arrays.fill(y, Float.NaN);
          Rung rung = make.apply(problem);
          rung.run(y);
          rung.run(y); // nothing is left over from a run before
          assertThat(problem.error(y)).as(name).isLessThan(2e-5);
        });
  }
}
