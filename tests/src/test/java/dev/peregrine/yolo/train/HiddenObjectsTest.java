package dev.peregrine.yolo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.augment.Adversary;
import dev.peregrine.yolo.demo.Scene;
import dev.peregrine.yolo.demo.ShapesDataSet;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A detector of random weights, whose objectness is about one half everywhere. */
class HiddenObjectsTest {
  private static final InputSize SIZE = InputSize.square(64);

  private final DetectionModel model = Models.named("yolov4-tiny@0.1", 4).withInputSize(SIZE);
  private final Params params = Models.initialize(model, 3);
  private final float[] pixels = pixels();

  private static float[] pixels() {
    ShapesDataSet data = new ShapesDataSet(2, 1, 64, 1);
    float[] pixels = new float[2 * 64 * 64 * 3];
    for (int i = 0; i < 2; i++) {
      Scene scene = data.trainScene(i);
      System.arraycopy(scene.image().rgb(), 0, pixels, i * 64 * 64 * 3, 64 * 64 * 3);
    }
    return pixels;
  }

  /** The sum of all chances of an object, weighted as the derivative is. */
  private double seen(float[] values) {
    params.training(false);
    List<Tensor> heads = model.forward(params, Tensor.of(Shape.of(2, 64, 64, 3), values));
    double sum = 0;
    for (int h = 0; h < heads.size(); h++) {
      HeadSpec head = model.heads().get(h);
      float[] raw = heads.get(h).floats();
      for (int at = 0; at < raw.length; at += head.entries()) {
        sum += 1 / (1 + Math.exp(-raw[at + 4]));
      }
    }
    return sum;
  }

  @Test
  void alteredPicturesHideTheirObjects() {
    params.training(true);
    HiddenObjects gradient = new HiddenObjects(model, params, SIZE);
    float[] slope = gradient.of(pixels);
    assertThat(slope).hasSameSizeAs(pixels);
    assertThat(params.isTraining()).isTrue();
    double largest = 0;
    for (float value : slope) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertThat(largest).isPositive().isFinite();
    assertThat(gradient.of(pixels)).isEqualTo(slope);
    // A step that moves no pixel by more than a twentieth.
    float[] altered = new Adversary(0.05 / largest, 1, 0, 10, 0).alter(pixels, 10, gradient);
    float[] opposite = pixels.clone();
    for (int i = 0; i < pixels.length; i++) {
      opposite[i] += pixels[i] - altered[i];
    }
    // Random weights see little, and the other way a little more.
    assertThat(seen(altered)).isLessThan(seen(pixels) - 2e-5);
    assertThat(seen(opposite)).isGreaterThan(seen(pixels) + 2e-5);
    for (int i = 0; i < pixels.length; i++) {
      assertThat(altered[i]).isCloseTo(pixels[i], within(0.0501f));
    }
  }

  /** No weight and no statistic moves. */
  @Test
  void theNetworkStaysAsItIs() {
    List<float[]> before = params.entries().stream().map(e -> e.value().floats()).toList();
    params.training(true);
    new HiddenObjects(model, params, SIZE).of(pixels);
    params.commit();
    List<float[]> after = params.entries().stream().map(e -> e.value().floats()).toList();
    for (int i = 0; i < before.size(); i++) {
      assertThat(after.get(i)).isEqualTo(before.get(i));
    }
  }
}
