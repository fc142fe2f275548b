package dev.peregrine.tensor.cpu.reference;

import static dev.peregrine.tensor.cpu.reference.OnReference.run;
import static dev.peregrine.tensor.cpu.reference.OnReference.runAll;
import static dev.peregrine.tensor.cpu.reference.OnReference.x;
import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.BatchNorm;
import dev.peregrine.tensor.op.BatchNormGrad;
import dev.peregrine.tensor.op.BatchNormTrain;
import dev.peregrine.tensor.op.Unary;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Four numbers by hand: 1, 2, 3, 6 have mean 3 and variance (4 + 1 + 0 + 9) / 4 = 3.5; with epsilon
 * 0.5 the root is 2 and the normalised numbers are -1, -0.5, 0 and 1.5.
 */
class ReferenceNormalizationTest {
  private static final Tensor FOUR = x("1 2 2 1", 1, 2, 3, 6);
  private static final Tensor GAMMA = x("1", 2);
  private static final Tensor BETA = x("1", 1);

  @Test
  void givenStatistics() {
    // Root of 8.5 + 0.5 = 3: y = 2 * (x - 1) / 3 + 1
    assertThat(
            run(
                new BatchNorm(0.5, null),
                x("2 2", 1, 10, 4, 20),
                x("2", 2, 1),
                x("2", 1, 0),
                x("2", 1, 10),
                x("2", 8.5, 24.5)))
        .containsExactly(1, 0, 3, 2);
  }

  @Test
  void statisticsOfTheBatch() {
    List<double[]> out = runAll(new BatchNormTrain(0.5, null), FOUR, GAMMA, BETA);
    assertThat(out.get(0)).containsExactly(-1, 0, 1, 4);
    assertThat(out.get(1)).containsExactly(3);
    assertThat(out.get(2)).containsExactly(3.5);
  }

  @Test
  void anActivationFollows() {
    assertThat(run(new BatchNormTrain(0.5, Unary.Kind.RELU), FOUR, GAMMA, BETA))
        .containsExactly(0, 0, 1, 4);
  }

  @Test
  void theGradient() {
    // dbeta = 1 + 1 + 0 + 2 = 4; dgamma = -1 - 0.5 + 0 + 3 = 1.5;
    // dx = 2 / 2 * (dy - 4 / 4 - n * 1.5 / 4)
    List<double[]> out =
        runAll(
            new BatchNormGrad(0.5, null),
            FOUR,
            GAMMA,
            BETA,
            x("1", 3),
            x("1", 3.5),
            x("1 2 2 1", 1, 1, 0, 2));
    assertThat(out.get(0)).containsExactly(0.375, 0.1875, -1, 0.4375);
    assertThat(out.get(1)).containsExactly(1.5);
    assertThat(out.get(2)).containsExactly(4);
  }

  @Test
  void theGradientPassesTheActivationFirst() {
    // ReLU lets the last two through, at 1 and 4: dbeta = 0 + 2 = 2; dgamma = 3;
    // dx = dy' - 2 / 4 - n * 3 / 4
    List<double[]> out =
        runAll(
            new BatchNormGrad(0.5, Unary.Kind.RELU),
            FOUR,
            GAMMA,
            BETA,
            x("1", 3),
            x("1", 3.5),
            x("1 2 2 1", 1, 1, 0, 2));
    assertThat(out.get(0)).containsExactly(0.25, -0.125, -0.5, 0.375);
    assertThat(out.get(1)).containsExactly(3);
    assertThat(out.get(2)).containsExactly(2);
  }
}
