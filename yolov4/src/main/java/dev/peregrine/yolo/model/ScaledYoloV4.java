package dev.peregrine.yolo.model;

import static dev.peregrine.nn.Layers.convBn;
import static dev.peregrine.nn.block.Blocks.passage;
import static dev.peregrine.nn.block.Blocks.residual;
import static dev.peregrine.nn.block.CspBlocks.csp;
import static dev.peregrine.nn.block.CspBlocks.rCsp;
import static dev.peregrine.nn.block.CspBlocks.sppCsp;
import static dev.peregrine.tensor.op.Unary.Kind.LOGISTIC;

import dev.peregrine.nn.Params;
import dev.peregrine.nn.block.Necks;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.yolo.backbone.Scale;
import dev.peregrine.yolo.box.NonMaximumSuppression.Kind;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import dev.peregrine.yolo.image.Resize;
import dev.peregrine.yolo.model.ScaledVariant.First;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The large networks of Scaled-YOLOv4 in darknet's form: a CSP backbone, a pyramid of pools, a neck
 * of reversed CSP blocks, and heads at strides 8 to 32, 64 or 128.
 *
 * <p>{@link ScaledVariant} has the numbers by which they differ.
 *
 * <p><b>Source</b> Wang, Bochkovskiy and Liao 2021, "Scaled-YOLOv4", sections 4.1 and 4.3.
 */
public final class ScaledYoloV4 extends OutlinedModel {
  private final ScaledVariant variant;
  private final Scale scale;

  /**
   * Makes a published network.
   *
   * @param variant which one
   * @param classes how many classes it tells apart
   */
  public ScaledYoloV4(ScaledVariant variant, int classes) {
    this(variant, classes, Scale.ONE, variant.anchors());
  }

  /**
   * Makes a scaled network.
   *
   * @param variant which one is scaled
   * @param classes how many classes it tells apart
   * @param scale factors of width and depth
   * @param anchors as many for each head, those of the finest head first
   */
  public ScaledYoloV4(ScaledVariant variant, int classes, Scale scale, List<Anchor> anchors) {
    this(
        variant,
        scale,
        new Outline(
            scale.of(variant.key()),
            Outline.heads(variant.key(), classes, anchors, variant.levels()),
            InputSize.square(variant.side()),
            4 << variant.neck().channels().size(),
            Resize.LETTERBOX,
            Outline.suppression(Kind.DIOU)));
  }

  private ScaledYoloV4(ScaledVariant variant, Scale scale, Outline outline) {
    super(outline);
    this.variant = variant;
    this.scale = scale;
  }

  @Override
  public List<Tensor> forward(Params p, Tensor image) { // P5: [N, 896, 896, 3]
    Unary.Kind activation = variant.activation();
    List<Tensor> stages = stages(p, image);
    Tensor x = stages.getLast();
    List<Integer> neck = variant.neck().channels().stream().map(this::channels).toList();
    Tensor top = // P5: [N, 28, 28, 512]
        sppCsp(
            p.at("spp"),
            x,
            neck.getLast(),
            variant.neck().before(),
            variant.neck().after(),
            activation);
    List<Tensor> taps = stages.subList(stages.size() - neck.size(), stages.size() - 1);
    int depth = scale.repeats(variant.neck().depth());
    List<Tensor> levels =
        Necks.pan(
            p.at("neck"),
            taps,
            top,
            neck,
            (q, y, width) -> rCsp(q, y, width, depth, activation),
            activation,
            (level, y) -> variant.ends().last() ? y : head(p.at("head", level), y, level, image));
    return variant.ends().last()
        ? IntStream.range(0, levels.size())
            .mapToObj(i -> head(p.at("head", i), levels.get(i), i, image))
            .toList()
        : levels;
  }

  private List<Tensor> stages(Params p, Tensor image) {
    Unary.Kind activation = variant.activation();
    ScaledVariant.Backbone backbone = variant.backbone();
    int width = channels(backbone.stem());
    Tensor x = passage(p, () -> convBn(p.at("stem"), image, width, 3, 1, activation));
    First first = backbone.first();
    if (first.channels() > 0) { // a plain residual stage instead of a partial one
      x = convBn(p.at("first"), x, channels(first.channels()), 3, 2, activation);
      x = residual(p.at("first", 0), x, channels(first.inner()), activation);
    }
    List<Tensor> stages = new ArrayList<>();
    for (int i = 0; i < backbone.widths().size(); i++) {
      int depth = scale.repeats(backbone.depths().get(i));
      x = csp(p.at("csp", i), x, channels(backbone.widths().get(i)), depth, activation);
      stages.add(x);
    }
    return stages;
  }

  @Override
  public Optional<dev.peregrine.yolo.backbone.Backbone> backbone() {
    return Optional.of(dev.peregrine.yolo.backbone.Backbone.of(name(), this::stages));
  }

  private Tensor head(Params p, Tensor x, int level, Tensor image) {
    int channels = channels(variant.ends().channels().get(level));
    Unary.Kind activation = variant.activation();
    if (!variant.ends().gated()) {
      Tensor y = convBn(p.at("in"), x, channels, 3, 1, activation);
      return rawHead(p.at("out"), y, level, image);
    }
    Tensor y = convBn(p.at("in"), x, channels, 1, 1, activation);
    Tensor gate = convBn(p.at("gate"), y, channels, 1, 1, LOGISTIC); // spatial attention
    Tensor gated = convBn(p.at("gated"), y.times(gate), channels, 1, 1, activation);
    return rawHead(p.at("out"), gated, level, image);
  }

  private int channels(int published) {
    return scale.channels(published);
  }

  @Override
  public ScaledYoloV4 withInputSize(InputSize size) {
    return new ScaledYoloV4(variant, scale, outline().withInputSize(size));
  }
}
