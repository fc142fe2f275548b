package dev.peregrine.yolo.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.nn.Layers;
import dev.peregrine.nn.Model;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Pooling;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.Window;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.backbone.Backbone;
import dev.peregrine.yolo.backbone.CspDarknet53;
import dev.peregrine.yolo.backbone.CspResNet50;
import dev.peregrine.yolo.backbone.Scale;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.scaling.LayerCost.Kind;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Receptive fields, memory access and CIO of traced networks against published numbers. */
class NetworkCostTest {
  @Test
  void aSmallNetworkIsCountedByHand() {
    Model model =
        (p, image) -> {
          Tensor x = Layers.conv2d(p.at("a"), image, 8, Window.same(3, 2), 1); // [1, 8, 16, 8]
          x = Layers.conv2d(p.at("b"), x, 16, Window.of(1), 4);
          x = Pooling.maxPool(x, Window.same(5, 1));
          return List.of(Pooling.upsample(x, 2));
        };
    NetworkCost cost = NetworkCost.of(model, 16, 32);
    List<LayerCost> layers = cost.layers();
    assertThat(layers.stream().map(LayerCost::kind))
        .containsExactly(Kind.CONVOLUTION, Kind.CONVOLUTION, Kind.POOL, Kind.UPSAMPLE);
    assertThat(layers.stream().map(LayerCost::multiplyAdds))
        .containsExactly(128L * 9 * 3 * 8, 128L * 2 * 16, 0L, 0L);
    assertThat(layers.stream().map(LayerCost::memoryAccess))
        .containsExactly(
            512L * 3 + 128 * 8 + 9 * 3 * 8,
            128L * (8 + 16) + 2 * 16,
            128L * 32,
            128L * 16 + 512 * 16);
    assertThat(layers.stream().map(LayerCost::cio))
        .containsExactly(512L * 3 + 128 * 8, 128L * (8 + 16), 128L * 32, 0L);
    assertThat(layers.stream().map(LayerCost::field)).containsExactly(3.0, 3.0, 11.0, 11.0);
    assertThat(layers.stream().map(LayerCost::step)).containsExactly(2.0, 2.0, 2.0, 1.0);
    assertThat(cost.parameters()).isEqualTo(9 * 3 * 8 + 2 * 16);
  }

  /** Bochkovskiy, Wang and Liao 2020, "YOLOv4", table 1: 725 and 425. */
  @Test
  void backbonesSeeAsFarAsPublished() {
    Backbone darknet = new CspDarknet53(Unary.Kind.MISH, Scale.ONE);
    assertThat(NetworkCost.of(darknet::stages, 512, 512).fields().getLast()).isEqualTo(725);
    Backbone next = CspResNet50.next();
    assertThat(NetworkCost.of(next::stages, 512, 512).fields().getLast()).isEqualTo(425);
  }

  /** Computed once by darknet's rule from the official cfg files. */
  @ParameterizedTest
  @CsvSource({
    "yolov4, 1349 1445 1637",
    "yolov4-csp, 1349 1445 1637",
    "yolov4x-mish, 1629 1757 2013",
    "yolov4-p5, 1933 2061 2317",
    "yolov4-p6, 3597 3725 3981 4493",
    "yolov4-tiny, 331 299"
  })
  void headsSeeAsFarAsInDarknet(String name, String fields) {
    DetectionModel model = Models.named(name, 80);
    int size = model.maxStride() * 2;
    List<Double> expected =
        Arrays.stream(fields.split(" ", -1)).map(Double::valueOf).sorted().toList();
    assertThat(NetworkCost.of(model, size, size).fields().stream().sorted())
        .containsExactlyElementsOf(expected);
  }

  /** The CIO at 256 of ResNeXt50, 34.4 M, and CSPResNeXt50, 32.6 M, published with CSPNet. */
  @Test
  void aPartialNetworkMovesLess() {
    assertThat(NetworkCost.of(NetworkCostTest::resNeXt50, 256, 256).cio() / 1e6)
        .isCloseTo(34.4, within(0.05));
    assertThat(NetworkCost.of(CspResNet50.next().classifier(1000), 256, 256).cio() / 1e6)
        .isCloseTo(32.6, within(0.05));
  }

  /** The convolutions and pools of ResNeXt50 as a classifier; its sums are not counted. */
  private static List<Tensor> resNeXt50(Params p, Tensor image) {
    Tensor x = Layers.conv2d(p.at("stem"), image, 64, Window.same(7, 2), 1);
    x = Pooling.maxPool(x, Window.of(2).stride(2));
    int[] depths = {3, 4, 6, 3};
    for (int i = 0; i < depths.length; i++) {
      int inner = 128 << i;
      for (int j = 0; j < depths[i]; j++) {
        Params unit = p.at("stage", i).at("unit", j);
        x = Layers.conv2d(unit.at("a"), x, inner, Window.of(1), 1);
        x = Layers.conv2d(unit.at("b"), x, inner, Window.same(3, i > 0 && j == 0 ? 2 : 1), 32);
        x = Layers.conv2d(unit.at("c"), x, 2 * inner, Window.of(1), 1);
      }
    }
    x = Pooling.globalAvgPool(x);
    return List.of(Layers.conv2d(p.at("classes"), x, 1000, Window.of(1), 1));
  }

  /** The roofline takes the slower of arithmetic and memory. */
  @Test
  void aLayerIsAsSlowAsItsScarcestResource() {
    Model model = (p, image) -> List.of(Layers.conv2d(p.at("a"), image, 8, Window.same(3, 1), 1));
    NetworkCost cost = NetworkCost.of(model, 16, 16);
    double arithmetic = 2.0 * 256 * 9 * 3 * 8 / 1e6;
    double memory = 4.0 * (256 * 3 + 256 * 8 + 9 * 3 * 8) / 1e6;
    assertThat(cost.milliseconds(LayerTimes.roofline(1, 1000)))
        .isCloseTo(arithmetic, within(1e-12));
    assertThat(cost.milliseconds(LayerTimes.roofline(1000, 1))).isCloseTo(memory, within(1e-12));
  }
}
