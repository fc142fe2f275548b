package dev.peregrine.yolo.darknet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.nn.Model;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.testkit.Reference;
import dev.peregrine.yolo.backbone.Backbone;
import dev.peregrine.yolo.backbone.CspDarknet53;
import dev.peregrine.yolo.backbone.CspResNet50;
import dev.peregrine.yolo.backbone.Darknet53;
import dev.peregrine.yolo.backbone.Scale;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import dev.peregrine.yolo.model.ScaledVariant;
import dev.peregrine.yolo.model.ScaledYoloV4;
import dev.peregrine.yolo.model.YoloV3;
import dev.peregrine.yolo.model.YoloV3Tiny;
import dev.peregrine.yolo.model.YoloV4;
import dev.peregrine.yolo.model.YoloV4Tiny;
import dev.peregrine.yolo.model.YoloV4Tiny3L;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each network written in Java is its official cfg: the same graph, heads and settings. */
class PublishedModelsTest {
  private static Graph trace(Model model, Params params, int height, int width) {
    Spec image = Spec.f32(1, height, width, 3);
    return Tracer.trace(List.of(image), inputs -> model.forward(params, inputs.getFirst()));
  }

  static Stream<DetectionModel> detectors() {
    return Stream.concat(
        Stream.of(
            new YoloV4Tiny(80),
            new YoloV4Tiny3L(80),
            new YoloV4(80),
            YoloV4.onCspResNeXt50(80, YoloV4.anchors()),
            new YoloV3(80, false, Scale.ONE, YoloV3.anchors()),
            new YoloV3(80, true, Scale.ONE, YoloV3.anchors()),
            new YoloV3Tiny(80, Scale.ONE, YoloV3Tiny.anchors())),
        ScaledVariant.all().stream().map(variant -> new ScaledYoloV4(variant, 80)));
  }

  private static CfgFile official(String name) {
    String folder = name.startsWith("cs") && !name.startsWith("cspx") ? "cspnet" : "darknet";
    return CfgFile.read(Reference.require("cfg/" + folder + "/" + name + ".cfg"));
  }

  @ParameterizedTest
  @MethodSource("detectors")
  void isTheGraphOfItsCfg(DetectionModel written) {
    CfgFile cfg = official(written.name());
    CfgModel walked = new CfgModel(cfg);
    int stride = written.maxStride();
    InputSize own = written.inputSize();
    for (InputSize size : List.of(own, new InputSize(2 * stride, 3 * stride))) {
      Params params = Params.symbolic();
      String graph = trace(written, params, size.height(), size.width()).toString();
      assertThat(trace(walked, Params.symbolic(), size.height(), size.width()).toString())
          .isEqualTo(graph);
      assertThat(params.count()).isEqualTo(cfg.parameters());
    }
    assertThat(written.heads()).isEqualTo(walked.heads());
    assertThat(own).isEqualTo(walked.inputSize());
    assertThat(stride).isEqualTo(walked.maxStride());
    assertThat(written.resize()).isEqualTo(walked.resize());
    assertThat(written.suppression()).isEqualTo(walked.suppression());
  }

  @ParameterizedTest
  @MethodSource("detectors")
  void writtenDownItHasTheLayersOfItsCfg(DetectionModel written) {
    CfgFile official = official(written.name());
    CfgFile mine = CfgOfModel.of(written);
    assertThat(mine.layers()).hasSameSizeAs(official.layers());
    for (int i = 0; i < mine.layers().size(); i++) {
      Layer a = mine.layers().get(i);
      Layer b = official.layers().get(i);
      assertThat(a.kind()).as("layer %d", i).isEqualTo(b.kind());
      assertThat(a.output()).as("layer %d", i).isEqualTo(b.output());
      assertThat(a.storedFloats()).as("layer %d", i).isEqualTo(b.storedFloats());
    }
    assertThat(mine.heads()).extracting(Layer.Yolo::head).isEqualTo(written.heads());
  }

  static Stream<Arguments> classifiers() {
    return Stream.of(
        Arguments.of("csdarknet53", new CspDarknet53(Unary.Kind.LEAKY_RELU, Scale.ONE)),
        Arguments.of("csdarknet53-omega", new CspDarknet53(Unary.Kind.MISH, Scale.ONE)),
        Arguments.of("csresnet50", new CspResNet50(1)),
        Arguments.of("csresnext50", CspResNet50.next()),
        Arguments.of("darknet53", new Darknet53(Scale.ONE)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("classifiers")
  void classifierIsTheGraphOfItsCfg(String name, Backbone backbone) {
    CfgFile cfg = CfgFile.read(Reference.require("cfg/cspnet/" + name + ".cfg"));
    Model written = backbone.classifier(1000);
    int side = Backbone.SIDE;
    String graph = trace(written, Params.symbolic(), side, side).toString();
    assertThat(trace(new CfgNetwork(cfg), Params.symbolic(), side, side).toString())
        .isEqualTo(graph);
    assertThat(backbone.name()).isEqualTo(name);
  }

  @ParameterizedTest
  @MethodSource("detectors")
  void anyClassCountAndSizeWillDo(DetectionModel published) {
    if (published instanceof ScaledYoloV4) {
      ScaledVariant variant =
          ScaledVariant.all().stream()
              .filter(v -> v.key().equals(published.name()))
              .findFirst()
              .orElseThrow();
      DetectionModel small = new ScaledYoloV4(variant, 3, new Scale(0.25, 0.33), variant.anchors());
      assertThat(small.name()).isEqualTo(published.name() + "@0.25x0.33");
      int stride = small.maxStride();
      Params params = Params.symbolic();
      Graph graph = trace(small, params, 2 * stride, stride);
      assertThat(graph.outputs()).hasSameSizeAs(published.heads());
      assertThat(graph.outputs().getLast().spec().shape())
          .isEqualTo(Shape.of(1, 2, 1, published.heads().getLast().mask().size() * 8));
      assertThat(params.count()).isLessThan(10_000_000);
      // Written down and read again, it is itself.
      assertThat(
              trace(new CfgModel(CfgOfModel.of(small)), Params.symbolic(), stride, stride)
                  .toString())
          .isEqualTo(trace(small, Params.symbolic(), stride, stride).toString());
    }
  }
}
