package dev.peregrine.yolo.model;

import static dev.peregrine.nn.Layers.convBn;
import static dev.peregrine.nn.block.Blocks.alternating;
import static dev.peregrine.nn.block.Blocks.spp;
import static dev.peregrine.tensor.op.Unary.Kind.LEAKY_RELU;

import dev.peregrine.nn.Params;
import dev.peregrine.nn.block.Necks;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.yolo.backbone.Backbone;
import dev.peregrine.yolo.backbone.CspDarknet53;
import dev.peregrine.yolo.backbone.CspResNet50;
import dev.peregrine.yolo.backbone.Scale;
import dev.peregrine.yolo.box.NonMaximumSuppression.Kind;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import dev.peregrine.yolo.head.HeadTraining;
import dev.peregrine.yolo.head.HeadTraining.IouLoss;
import dev.peregrine.yolo.image.Resize;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;

/**
 * YOLOv4: CSPDarknet53 with mish, a pyramid of pools, path aggregation, and heads at strides 8, 16
 * and 32; or the same on CSPResNeXt50.
 *
 * <p><b>Cost</b> 64.4 million parameters and 128.5 GFLOP at 608 for 80 classes; on CSPResNeXt50
 * 56.9 million and 71.3 GFLOP at 512.
 *
 * <p><b>Source</b> Bochkovskiy, Wang and Liao 2020, "YOLOv4"; {@code yolov4.cfg}, {@code
 * csresnext50-panet-spp-original-optimal.cfg}.
 */
public final class YoloV4 extends OutlinedModel {
  private static final String NAME = "yolov4";
  private static final String ON_RESNEXT = "csresnext50-panet-spp-original-optimal";

  private final Backbone backbone;
  private final Scale scale;

  /**
   * Makes the published network.
   *
   * @param classes how many classes it tells apart
   */
  public YoloV4(int classes) {
    this(classes, Scale.ONE, anchors());
  }

  /**
   * Makes a scaled network.
   *
   * @param classes how many classes it tells apart
   * @param scale factors of width and depth; only the backbone has blocks that are repeated
   * @param anchors nine by rising area
   */
  public YoloV4(int classes, Scale scale, List<Anchor> anchors) {
    this(
        new CspDarknet53(Unary.Kind.MISH, scale),
        scale,
        outline(scale.of(NAME), classes, anchors, 608, 5));
  }

  /**
   * Makes the network on CSPResNeXt50.
   *
   * @param classes how many classes it tells apart
   * @param anchors nine by rising area
   * @return the network
   */
  public static YoloV4 onCspResNeXt50(int classes, List<Anchor> anchors) {
    return new YoloV4(
        CspResNet50.next(),
        Scale.ONE,
        outline(ON_RESNEXT, classes, anchors, 512, Double.POSITIVE_INFINITY));
  }

  private YoloV4(Backbone backbone, Scale scale, Outline outline) {
    super(outline);
    this.backbone = backbone;
    this.scale = scale;
  }

  private static Outline outline(
      String name, int classes, List<Anchor> anchors, int side, double maxDelta) {
    HeadTraining training =
        new HeadTraining(0.7, 1, 0.213, IouLoss.CIOU, 0.07, 1, 1, maxDelta, false, 0);
    List<Outline.Level> levels =
        DoubleStream.of(1.2, 1.1, 1.05)
            .mapToObj(scaleXy -> new Outline.Level(scaleXy, false, training))
            .toList();
    return new Outline(
        name,
        Outline.heads(name, classes, anchors, levels),
        InputSize.square(side),
        32,
        Resize.STRETCH,
        Outline.suppression(Kind.GREEDY));
  }

  /**
   * Returns the published anchors.
   *
   * @return nine anchors by rising area
   */
  public static List<Anchor> anchors() {
    return Outline.YOLOV4_ANCHORS;
  }

  @Override
  public List<Tensor> forward(Params p, Tensor image) { // [N, 608, 608, 3]
    List<Tensor> stages = backbone.stages(p.at("backbone"), image);
    Tensor x = alternating(p.at("before"), stages.getLast(), channels(512), 3, LEAKY_RELU);
    Tensor top = // [N, 19, 19, 512]
        alternating(p.at("after"), spp(x), channels(512), 3, LEAKY_RELU);
    int last = stages.size() - 1;
    return Necks.pan(
        p.at("neck"),
        stages.subList(last - 2, last),
        top,
        List.of(channels(128), channels(256), channels(512)),
        (q, y, width) -> alternating(q, y, width, 5, LEAKY_RELU),
        LEAKY_RELU,
        (level, y) -> head(p.at("head", level), y, level, image));
  }

  @Override
  public Optional<Backbone> backbone() {
    return Optional.of(Backbone.of(name(), (p, image) -> backbone.stages(p.at("backbone"), image)));
  }

  private Tensor head(Params p, Tensor x, int level, Tensor image) {
    Tensor y = convBn(p.at("in"), x, channels(256 << level), 3, 1, LEAKY_RELU);
    return rawHead(p.at("out"), y, level, image);
  }

  private int channels(int published) {
    return scale.channels(published);
  }

  @Override
  public YoloV4 withInputSize(InputSize size) {
    return new YoloV4(backbone, scale, outline().withInputSize(size));
  }
}
