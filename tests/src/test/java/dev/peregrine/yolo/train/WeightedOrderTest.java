package dev.peregrine.yolo.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.data.Sample;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Three pictures with a common object, one with a rare one, one with both, one with none. */
class WeightedOrderTest {
  private static final Label COMMON = new Label(0, 0.5, 0.5, 0.1, 0.1);
  private static final Label RARE = new Label(1, 0.5, 0.5, 0.1, 0.1);
  private static final int DRAWN = 60_000;

  private final WeightedOrder order =
      new WeightedOrder(
          new DataSet(
              List.of("common", "rare"),
              IntStream.range(0, 6)
                  .mapToObj(i ->
                      new Sample(
                          Path.of(i + ".png"),
                          switch (i) {
                            case 3 -> List.of(RARE);
                            case 4 -> List.of(COMMON, RARE);
                            case 5 -> List.of();
                            default -> List.of(COMMON);
                          }))
                  .toList()),
          3);

  /** How often each picture is drawn, in epochs of six pictures. */
  private double[] shares() {
    double[] shares = new double[6];
    for (int epoch = 0; epoch < DRAWN / 6; epoch++) {
      for (int index : order.of(6, epoch)) {
        shares[index] += 1.0 / DRAWN;
      }
    }
    return shares;
  }

  private static void close(double[] shares, double... weights) {
    double sum = IntStream.range(0, 6).mapToDouble(i -> weights[i]).sum();
    for (int i = 0; i < 6; i++) {
      // Five deviations of a share of a half.
      assertThat(shares[i])
          .as("picture %d", i)
          .isBetween(weights[i] / sum - .011, weights[i] / sum + .011);
    }
  }

  /** Four common objects, two rare ones: an object weighs 1/4 or 1/2. */
  @Test
  void picturesOfRareClassesComeMoreOften() {
    double[] shares = shares();
    close(shares, .25, .25, .25, .5, .75, 0);
    assertThat(shares[5]).as("without an object").isZero();
  }

  /** A class that is found with AP 0.5 weighs a quarter of what it did. */
  @Test
  void picturesOfClassesThatAreFoundComeLessOften() {
    order.precision(new double[] {0.5, 0});
    close(shares(), .0625, .0625, .0625, .5, .5625, 0);
    order.precision(new double[] {1, 0});
    assertThat(shares()[0]).isZero();
  }

  /** Where nothing is left to improve each picture comes once. */
  @Test
  void withoutWeightsAllComeOnce() {
    order.precision(new double[] {1, 1});
    assertThat(order.of(6, 4)).containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5);
  }

  @Test
  void anEpochHasItsOwnOrderEachTime() {
    assertThat(order.of(6, 1)).isEqualTo(order.of(6, 1));
    assertThat(
            IntStream.range(0, 5).mapToObj(epoch -> Arrays.toString(order.of(6, epoch))).distinct())
        .hasSize(5);
  }
}
