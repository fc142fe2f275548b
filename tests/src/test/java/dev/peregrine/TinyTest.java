package dev.peregrine;

import static dev.peregrine.tensor.Convolutions.conv2d;
import static dev.peregrine.tensor.Reductions.matmul;
import static dev.peregrine.tensor.Reductions.sum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.autograd.Tape;
import dev.peregrine.nn.Layers;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.plan.Plan;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import dev.peregrine.yolo.Detector;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.box.Detection;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A tour of the whole library in under two seconds, to be read from top to bottom. */
class TinyTest {
  /** A tensor is an immutable value: a shape, and numbers in row-major order. */
  @Test
  void aConstant() {
    Tensor x = Tensor.of(Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
    assertThat(x.shape()).isEqualTo(Shape.of(2, 3));
    assertThat(x.floats()).containsExactly(1, 2, 3, 4, 5, 6);
  }

  /** Shapes that differ are repeated where an axis has one element. */
  @Test
  void aSum() {
    Tensor x = Tensor.of(Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
    Tensor row = Tensor.of(Shape.of(3), 10, 20, 30);
    assertThat(x.plus(row).floats()).containsExactly(11, 22, 33, 14, 25, 36);
  }

  @Test
  void aProductWithTheIdentity() {
    Tensor x = Tensor.of(Shape.of(2, 2), 1, 2, 3, 4);
    Tensor identity = Tensor.of(Shape.of(2, 2), 1, 0, 0, 1);
    assertThat(matmul(x, identity).floats()).containsExactly(1, 2, 3, 4);
  }

  /** Pictures are {@code [N, H, W, C]}; one bright pixel shows the filter, turned about. */
  @Test
  void aConvolutionOfOneBrightPixel() {
    Tensor delta = Tensor.of(Shape.of(1, 3, 3, 1), 0, 0, 0, 0, 1, 0, 0, 0, 0);
    Tensor filter = Tensor.of(Shape.of(3, 3, 1, 1), 1, 2, 3, 4, 5, 6, 7, 8, 9);
    Tensor y = conv2d(delta, filter, Window.same(3, 1));
    assertThat(y.floats()).containsExactly(9, 8, 7, 6, 5, 4, 3, 2, 1);
  }

  /** A tape watches tensors, records what is computed from them, and goes it all backwards. */
  @Test
  void theDerivativeOfASquare() {
    Tensor x = Tensor.of(Shape.of(3), 1, -2, 3);
    try (Tape tape = Tape.watching(List.of(x))) {
      Tensor loss = tape.record(() -> sum(x.times(x)));
      assertThat(loss.item()).isEqualTo(14);
      assertThat(tape.backward(loss).of(x).floats()).containsExactly(2, -4, 6);
    }
  }

  /**
   * A layer is a function of its parameters and a tensor. The same function runs at once, or is
   * written down as a graph, made faster, and prepared as a plan.
   */
  @Test
  void aPlanComputesWhatTheLayersDo() {
    Params params = Params.create(1);
    Tensor x = Arrays.normal(Spec.f32(1, 8, 8, 3), 2);
    Tensor eager = layers(params, x);
    assertThat(params.entries()).hasSize(10);

    Graph graph = Tracer.trace(List.of(x.spec()), in -> List.of(layers(params, in.get(0))));
    Plan plan = Plan.prepare(graph, Devices.cpu());
    assertThat(plan.steps()).as("normalisation and activation are fused").hasSize(2);
    float[] planned = plan.run(x).get(0).floats();
    for (int i = 0; i < planned.length; i++) {
      assertThat(planned[i]).isCloseTo(eager.floats()[i], within(1e-5f));
    }
  }

  private static Tensor layers(Params p, Tensor x) { // [N, 8, 8, 3]
    Tensor y = Layers.convBn(p.at("first"), x, 16, 3, 2, Unary.Kind.MISH); // [N, 4, 4, 16]
    return Layers.convBn(p.at("second"), y, 8, 1, 1, Unary.Kind.LEAKY_RELU); // [N, 4, 4, 8]
  }

  /** A detector fits a picture to its network, runs the plan, and reads boxes from the heads. */
  @Test
  void aDetection() {
    DetectionModel model = Models.named("yolov4-tiny@0.125", 2).withInputSize(InputSize.square(64));
    Detector detector =
        Detector.of(model, Models.initialize(model, 1))
            .names(List.of("cat", "dog"))
            .confidence(1e-6);
    Image picture = new Image(64, 64, Arrays.uniform(Spec.f32(64, 64, 3), 3).floats());
    List<Detection> found = detector.detect(picture);
    // The numbers of the network are random, and it begins by expecting few objects: it is unsure.
    assertThat(found).isNotEmpty();
    Detection first = found.get(0);
    assertThat(first.name()).isIn("cat", "dog");
    assertThat(first.score()).isBetween(1e-6f, 1f);
    assertThat(first.box()).isEqualTo(first.box().clip(64, 64));
  }
}
