package dev.peregrine.nn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.List;
import org.junit.jupiter.api.Test;

class SchedulesTest {
  /** Asserts to about six digits, which is how the expected numbers were written down. */
  private static void close(double actual, double expected) {
    assertThat(actual).isCloseTo(expected, withinPercentage(1e-4));
  }

  private static double rate(DarknetSchedule.Policy policy, long iteration) {
    return new DarknetSchedule(0.1, 0.9, 0, 4, policy).at(iteration).rate();
  }

  /** Expected: f(e) = (1 + cos(pi e / 300)) / 2 * 0.8 + 0.2 in double precision. */
  @Test
  void cosineFallsToAFifthOverTheEpochs() {
    CosineSchedule schedule = new CosineSchedule(0.01, 0.2, 0.937, 0.9, 0.1, 0, 300, 7);
    int[] epochs = {0, 1, 50, 75, 100, 150, 299};
    double[] shares = {1, 0.999978068, 0.946410162, 0.882842712, 0.8, 0.6, 0.200021932};
    for (int i = 0; i < epochs.length; i++) {
      close(schedule.share(epochs[i]), shares[i]);
      // The rate of an epoch is the one that the epoch before it ended with.
      for (int batch : new int[] {0, 6}) {
        StepSize size = schedule.at(7L * (epochs[i] + 1) + batch);
        close(size.rate(), 0.01 * shares[i]);
        assertThat(size.biasRate()).isEqualTo(size.rate());
        assertThat(size.momentum()).isEqualTo(0.937);
      }
    }
  }

  @Test
  void warmUpIsALineForWeightsBiasesAndMomentum() {
    CosineSchedule schedule = new CosineSchedule(0.01, 0.2, 0.937, 0.9, 0.1, 1000, 300, 2000);
    assertThat(schedule.at(0)).isEqualTo(new StepSize(0, 0.1, 0.9));
    StepSize quarter = schedule.at(250);
    close(quarter.rate(), 0.0025);
    close(quarter.biasRate(), 0.0775);
    close(quarter.momentum(), 0.90925);
    assertThat(schedule.at(1000)).isEqualTo(StepSize.of(0.01, 0.937));
  }

  /** Expected: 0.00261 * (n / 1000)^4. */
  @Test
  void burnInRisesWithTheFourthPower() {
    DarknetSchedule schedule =
        new DarknetSchedule(0.00261, 0.949, 1000, 4, new DarknetSchedule.Constant());
    close(schedule.at(1).rate(), 2.61e-15);
    close(schedule.at(100).rate(), 2.61e-7);
    close(schedule.at(500).rate(), 0.000163125);
    close(schedule.at(999).rate(), 0.00259957564956261);
    assertThat(schedule.at(1000)).isEqualTo(StepSize.of(0.00261, 0.949));
  }

  /** Expected: darknet's own formula in double precision, one cycle of 1000 down to 1e-5. */
  @Test
  void cosineWithRestartsFollowsDarknet() {
    DarknetSchedule schedule =
        new DarknetSchedule(0.00261, 0.9, 0, 4, new DarknetSchedule.Cosine(1e-5, 1000, 2));
    close(schedule.at(0).rate(), 0.00261);
    close(schedule.at(250).rate(), 0.002229238816367481);
    close(schedule.at(500).rate(), 0.00131);
    close(schedule.at(999).rate(), 1.0006415252230686e-05);
    close(schedule.at(1000).rate(), 1e-5);
    close(schedule.at(1001).rate(), 1e-5 + 0.0013 * (1 + Math.cos(Math.PI / 2000)));
    close(schedule.at(2000).rate(), 0.00131);
    close(schedule.at(3001).rate(), 1e-5 + 0.0013 * (1 + Math.cos(Math.PI / 4000)));
  }

  @Test
  void everyPolicyFollowsItsFormula() {
    DarknetSchedule.Policy step = new DarknetSchedule.Step(10, 0.5);
    close(rate(step, 9), 0.1);
    close(rate(step, 10), 0.05);
    close(rate(step, 25), 0.025);
    DarknetSchedule.Policy steps = new DarknetSchedule.Steps(List.of(10L, 20L), List.of(0.1, 0.2));
    close(rate(steps, 9), 0.1);
    close(rate(steps, 10), 0.01);
    close(rate(steps, 20), 0.002);
    close(rate(new DarknetSchedule.Exponential(0.9), 3), 0.0729);
    close(rate(new DarknetSchedule.Polynomial(100, 4), 50), 0.00625);
    assertThat(rate(new DarknetSchedule.Polynomial(100, 4), 101)).isZero();
    close(rate(new DarknetSchedule.Sigmoid(0.2, 10), 10), 0.05);
    close(rate(new DarknetSchedule.Sigmoid(0.2, 10), 20), 0.1 / (1 + Math.exp(2)));
    close(rate(new DarknetSchedule.Constant(), 123), 0.1);
  }

  @Test
  void refusesWhatHasNoMeaning() {
    assertThatThrownBy(() -> new DarknetSchedule.Steps(List.of(1L, 2L), List.of(0.1)))
        .hasMessage("learning rate: 2 steps [1, 2] take as many scales, not [0.1]");
    assertThatThrownBy(() -> new DarknetSchedule.Step(0, 0.1)).hasMessageContaining("step 0");
    assertThatThrownBy(() -> new DarknetSchedule.Cosine(0, 0, 2)).hasMessageContaining("cycle 0");
    assertThatThrownBy(() -> new DarknetSchedule.Polynomial(0, 4)).hasMessageContaining("last");
    assertThatThrownBy(() -> new CosineSchedule(0.01, 0.2, 0.9, 0.9, 0.1, 0, 0, 5))
        .hasMessageContaining("epochs 0");
  }
}
