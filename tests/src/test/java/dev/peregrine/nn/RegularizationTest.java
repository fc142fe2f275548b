package dev.peregrine.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.autograd.Tape;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Reductions;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.shape.Spec;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RegularizationTest {
  private static final int N = 3;
  private static final int H = 9;
  private static final int W = 7;
  private static final int C = 5;

  /** The ways to clear a map. */
  enum Way {
    DROPOUT,
    SPATIAL_DROPOUT,
    DROP_PATH,
    DROP_CONNECT,
    DROP_BLOCK,
    DARKNET_DROP_BLOCK;

    Tensor apply(Params p, Tensor x, double probability) {
      return switch (this) {
        case DROPOUT -> Regularization.dropout(p, x, probability);
        case SPATIAL_DROPOUT -> Regularization.spatialDropout(p, x, probability);
        case DROP_PATH -> Regularization.dropPath(p, x, probability);
        case DROP_CONNECT -> Regularization.dropConnect(p, x, probability);
        case DROP_BLOCK -> Regularization.dropBlock(p, x, probability, 3);
        case DARKNET_DROP_BLOCK -> Regularization.darknetDropBlock(p, x, probability, 3);
      };
    }
  }

  private static float[] drawn(String device, Way way, Moment moment) {
    return Ops.on(
        Devices.open(device),
        () -> {
          Params p = Params.create(0).training(true).moment(moment);
          return way.apply(p.at("room"), Arrays.normal(Spec.f32(N, H, W, C), 1), 0.5).floats();
        });
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void masksDependOnSeedAndStepAlone(Way way) {
    float[] expected = drawn("cpu:1", way, new Moment(4, 17, true, 1));
    for (String device : List.of("cpu:2", "cpu:3", "reference")) {
      assertThat(drawn(device, way, new Moment(4, 17, false, 1))).as(device).isEqualTo(expected);
    }
    List<float[]> others = new ArrayList<>();
    for (int step = 18; step < 24; step++) {
      others.add(drawn("cpu:1", way, new Moment(4, step, true, 1)));
    }
    assertThat(others).as("another step").anyMatch(o -> !java.util.Arrays.equals(o, expected));
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void isTheIdentityOutsideOfTraining(Way way) {
    Tensor x = Arrays.normal(Spec.f32(N, H, W, C), 1);
    Params p = Params.create(0);
    assertThat(way.apply(p, x, 0.5)).isSameAs(x);
    assertThat(way.apply(p.training(true), x, 0)).isSameAs(x);
    for (double wrong : new double[] {-0.1, 1, Double.NaN}) {
      assertThatThrownBy(() -> way.apply(p, x, wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("the probability is " + wrong);
    }
  }

  /** The gradient is the mask times that of the result. */
  @ParameterizedTest
  @EnumSource(Way.class)
  void gradientsPassThroughWhatIsKept(Way way) {
    Tensor x = Tensor.full(Spec.f32(N, H, W, C), 1);
    Params p = Params.create(0).training(true);
    try (Tape tape = Tape.watching(List.of(x))) {
      Tensor y = tape.record(() -> way.apply(p, x, 0.5));
      Tensor loss = tape.record(() -> Reductions.sum(y));
      float[] mask = y.floats();
      assertThat(tape.backward(loss).of(x).floats()).isEqualTo(mask);
      assertThat(mask).contains(0f);
    }
  }

  /** Over many steps the mean of a map of ones stays 1. */
  @ParameterizedTest
  @EnumSource(Way.class)
  void keepsTheMean(Way way) {
    Tensor ones = Tensor.full(Spec.f32(16, H, W, C), 1);
    double sum = 0;
    int steps = 60;
    for (int step = 0; step < steps; step++) {
      Params p = Params.create(0).training(true).step(3, step);
      sum += Reductions.mean(way.apply(p, ones, 0.25)).item();
    }
    // The masks with the fewest draws, one a picture: 960 of variance 1/3, four deviations.
    assertThat(sum / steps).isCloseTo(1, within(0.075));
  }

  @Test
  void spatialDropoutClearsWholeChannels() {
    float[] y = ones(Way.SPATIAL_DROPOUT);
    for (int n = 0; n < N; n++) {
      for (int c = 0; c < C; c++) {
        for (int i = 0; i < H * W; i++) {
          assertThat(y[(n * H * W + i) * C + c]).isEqualTo(y[n * H * W * C + c]).isIn(0f, 2f);
        }
      }
    }
    assertThat(y).contains(0f, 2f);
  }

  @Test
  void dropPathClearsWholePictures() {
    int size = H * W * C;
    List<Float> firsts = new ArrayList<>();
    Params p = Params.create(0).training(true);
    float[] y = Regularization.dropPath(p, Tensor.full(Spec.f32(40, H, W, C), 1), 0.5).floats();
    for (int n = 0; n < 40; n++) {
      firsts.add(y[n * size]);
      for (int i = 0; i < size; i++) {
        assertThat(y[n * size + i]).isEqualTo(y[n * size]);
      }
    }
    assertThat(firsts).containsOnly(0f, 2f);
  }

  private static float[] ones(Way way) {
    return way.apply(Params.create(0).training(true), Tensor.full(Spec.f32(N, H, W, C), 1), 0.5)
        .floats();
  }

  /** What is cleared is a union of whole squares; what is left makes up for it. */
  @Test
  void dropBlockClearsSquares() {
    int side = 3;
    Params p = Params.create(0).training(true);
    float[] y =
        Regularization.dropBlock(p, Tensor.full(Spec.f32(N, H, W, C), 1), 0.3, side).floats();
    int kept = 0;
    for (float value : y) {
      kept += value > 0 ? 1 : 0;
    }
    float scale = (float) y.length / kept;
    for (float value : y) {
      assertThat(value == 0 || Math.abs(value - scale) < 1e-5 * scale).isTrue();
    }
    for (int n = 0; n < N; n++) {
      for (int c = 0; c < C; c++) {
        for (int row = 0; row < H; row++) {
          for (int column = 0; column < W; column++) {
            if (at(y, n, row, column, c) == 0) {
              assertThat(inClearedSquare(y, n, row, column, c, side))
                  .as("%d %d %d %d", n, row, column, c)
                  .isTrue();
            }
          }
        }
      }
    }
    assertThat(kept).isBetween(y.length / 2, y.length - 1);
  }

  private static float at(float[] y, int n, int row, int column, int c) {
    return y[((n * H + row) * W + column) * C + c];
  }

  private static boolean inClearedSquare(float[] y, int n, int row, int column, int c, int side) {
    for (int top = Math.max(0, row - side + 1); top <= Math.min(row, H - side); top++) {
      for (int left = Math.max(0, column - side + 1); left <= Math.min(column, W - side); left++) {
        boolean whole = true;
        for (int i = 0; i < side * side && whole; i++) {
          whole = at(y, n, top + i / side, left + i % side, c) == 0;
        }
        if (whole) {
          return true;
        }
      }
    }
    return false;
  }

  /** The part that is cleared follows the published formula, and grows linearly over the run. */
  @Test
  void dropBlockGrowsOverTheRun() {
    Tensor ones = Tensor.full(Spec.f32(8, 20, 20, 8), 1);
    double[] cleared = new double[3];
    for (int i = 0; i < 3; i++) {
      for (int step = 0; step < 10; step++) {
        Params p = Params.create(0).training(true).moment(new Moment(1, step, true, i / 2.0));
        float[] y = Regularization.dropBlock(p, ones, 0.1, 5).floats();
        for (float value : y) {
          cleared[i] += value == 0 ? 1.0 / y.length / 10 : 0;
        }
      }
    }
    assertThat(cleared[0]).isZero();
    // Squares overlap, so a little less than half and all of the tenth is cleared.
    assertThat(cleared[1]).isBetween(0.040, 0.052);
    assertThat(cleared[2]).isBetween(0.080, 0.102);
  }

  @Test
  void aSquareIsAtMostAsLargeAsTheMap() {
    Params p = Params.create(0).training(true);
    float[] y = Regularization.dropBlock(p, Tensor.full(Spec.f32(9, 4, 2, 1), 1), 0.5, 7).floats();
    assertThat(y).hasSize(72).contains(0f);
  }

  @Test
  void darknetClearsOneSquareOfAChannelAtMost() {
    int side = 20;
    Tensor ones = Tensor.full(Spec.f32(2, side, side, 16), 1);
    Params p = Params.create(0).training(true);
    float[] y = Regularization.darknetDropBlock(p, ones, 0.5, 5).floats();
    int squares = 0;
    for (int n = 0; n < 2; n++) {
      double sum = 0;
      for (int c = 0; c < 16; c++) {
        int cleared = 0;
        for (int i = 0; i < side * side; i++) {
          float value = y[(n * side * side + i) * 16 + c];
          cleared += value == 0 ? 1 : 0;
          sum += value;
        }
        assertThat(cleared).isLessThanOrEqualTo(25);
        squares += cleared > 0 ? 1 : 0;
      }
      assertThat(sum).as("what is left makes up").isCloseTo(side * side * 16, within(0.5));
    }
    // With 0.5 / 25 a value and 400 values nearly each channel has one.
    assertThat(squares).isBetween(28, 32);
    Params early = Params.create(0).training(true).moment(new Moment(0, 0, true, 0.85 / 5));
    float[] single = Regularization.darknetDropBlock(early, ones, 0.5, 5).floats();
    int cleared = 0;
    for (float value : single) {
      cleared += value == 0 ? 1 : 0;
    }
    assertThat(cleared).as("single values while the side is 1").isBetween(20, 32);
  }
}
