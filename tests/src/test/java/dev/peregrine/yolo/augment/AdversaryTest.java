package dev.peregrine.yolo.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.autograd.Tape;
import dev.peregrine.tensor.Activations;
import dev.peregrine.tensor.Convolutions;
import dev.peregrine.tensor.Reductions;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Window;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Pictures altered by the gradient of a small network, which autograd gives. */
class AdversaryTest {
  private static final int SIDE = 12;
  private static final Shape BATCH = Shape.of(2, SIDE, SIDE, 3);

  private final float[] pixels = random(2 * SIDE * SIDE * 3, 1, 0, 1);
  private final Tensor first = Tensor.of(Shape.of(3, 3, 3, 4), random(108, 2, -.5, .5));
  private final Tensor second = Tensor.of(Shape.of(1, 1, 4, 1), random(4, 3, -1, 1));

  private static float[] random(int count, long seed, double low, double high) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextDouble(low, high);
    }
    return values;
  }

  /** How many objects the network sees: the sum of a map of chances. */
  private Tensor seen(Tensor pictures) {
    Tensor hidden = Activations.mish(Convolutions.conv2d(pictures, first, Window.same(3, 2)));
    return Reductions.sum(
        Activations.logistic(Convolutions.conv2d(hidden, second, Window.same(1, 1))));
  }

  private double seen(float[] values) {
    return seen(Tensor.of(BATCH, values)).floats()[0];
  }

  private float[] gradient(float[] values) {
    Tensor pictures = Tensor.of(BATCH, values);
    try (Tape tape = Tape.watching(List.of(pictures))) {
      Tensor loss = tape.record(() -> seen(pictures));
      return tape.backward(loss).of(pictures).floats();
    }
  }

  @Test
  void theNetworkSeesLessOfAlteredPictures() {
    Adversary adversary = new Adversary(2, 1, 0, 10, 5);
    float[] altered = adversary.alter(pixels, 10, this::gradient);
    assertThat(seen(altered)).isLessThan(seen(pixels) - .3);
    for (float value : altered) {
      assertThat(value).isBetween(0f, 1f);
    }
    // Half way through a run the step is half as long.
    float[] half = adversary.alter(pixels, 5, this::gradient);
    assertThat(seen(half)).isBetween(seen(altered), seen(pixels));
    float[] slope = gradient(pixels);
    for (int i = 0; i < pixels.length; i += 7) {
      assertThat(half[i]).isCloseTo(Math.clamp(pixels[i] - slope[i], 0, 1), within(1e-6f));
    }
  }

  @Test
  void theGradientIsThatOfThePixels() {
    float[] slope = gradient(pixels);
    for (int i = 3; i < pixels.length; i += 71) {
      float[] more = pixels.clone();
      float[] less = pixels.clone();
      more[i] += .02f;
      less[i] -= .02f;
      assertThat((seen(more) - seen(less)) / .04).isCloseTo(slope[i], within(2e-3));
    }
  }

  @Test
  void onlyItsOwnBatchesAreAltered() {
    Adversary adversary = new Adversary(1, .5, 20, 1000, 9);
    int acts = 0;
    for (long i = 0; i < 1000; i++) {
      boolean does = adversary.acts(i);
      assertThat(does && i <= 20).isFalse();
      assertThat(new Adversary(1, .5, 20, 1000, 9).acts(i)).isEqualTo(does);
      float[] result = adversary.alter(pixels, i, values -> new float[values.length]);
      assertThat(result == pixels).isEqualTo(!does);
      acts += does ? 1 : 0;
    }
    assertThat(acts).isBetween(430, 550);
    assertThat(Adversary.NONE.acts(99)).isFalse();
  }

  @Test
  void wrongNumbersAreRefused() {
    assertThatThrownBy(() -> new Adversary(1, 2, 0, 10, 0)).hasMessageContaining("adversarial_lr");
    assertThatThrownBy(() -> new Adversary(1, 1, 0, 10, 0).alter(pixels, 5, v -> new float[3]))
        .hasMessageContaining("one value for each of the 864");
  }
}
