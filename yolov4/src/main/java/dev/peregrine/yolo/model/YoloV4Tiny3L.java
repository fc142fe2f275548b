package dev.peregrine.yolo.model;

import static dev.peregrine.nn.Layers.convBn;
import static dev.peregrine.nn.block.CspBlocks.osaPart;
import static dev.peregrine.tensor.Arrays.concat;
import static dev.peregrine.tensor.Pooling.upsample;
import static dev.peregrine.tensor.op.Unary.Kind.LEAKY_RELU;
import static dev.peregrine.yolo.model.YoloV4Tiny.halve;

import dev.peregrine.nn.Params;
import dev.peregrine.nn.block.CspBlocks.OsaPart;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.yolo.backbone.Backbone;
import dev.peregrine.yolo.backbone.Scale;
import dev.peregrine.yolo.box.NonMaximumSuppression.Kind;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import dev.peregrine.yolo.head.HeadTraining;
import dev.peregrine.yolo.image.Resize;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * YOLOv4-tiny with a third head, at stride 8, for small objects.
 *
 * <p><b>Cost</b> 6.33 million parameters and 17.7 GFLOP at 608 for 80 classes.
 *
 * <p><b>Source</b> Wang, Bochkovskiy and Liao 2021, "Scaled-YOLOv4"; {@code yolov4-tiny-3l.cfg}.
 */
public final class YoloV4Tiny3L extends OutlinedModel {
  private static final String NAME = "yolov4-tiny-3l";

  private final Scale scale;

  /**
   * Makes the published network.
   *
   * @param classes how many classes it tells apart
   */
  public YoloV4Tiny3L(int classes) {
    this(classes, Scale.ONE, anchors());
  }

  /**
   * Makes a scaled network.
   *
   * @param classes how many classes it tells apart
   * @param scale factor of the width; nothing in it is repeated
   * @param anchors nine by rising area
   */
  public YoloV4Tiny3L(int classes, Scale scale, List<Anchor> anchors) {
    this(
        scale,
        new Outline(
            scale.of(NAME),
            Outline.coarseFirst(
                NAME,
                classes,
                anchors,
                Collections.nCopies(3, new Outline.Level(1.05, false, HeadTraining.TINY))),
            InputSize.square(608),
            32,
            Resize.STRETCH,
            Outline.suppression(Kind.GREEDY)));
  }

  private YoloV4Tiny3L(Scale scale, Outline outline) {
    super(outline);
    this.scale = scale;
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
    List<Tensor> stages = stages(p, image);
    Tensor x = stages.get(2);
    Tensor neck = convBn(p.at("neck"), x, channels(256), 1, 1, LEAKY_RELU);
    Tensor coarse = convBn(p.at("coarse"), neck, channels(512), 3, 1, LEAKY_RELU);
    Tensor head0 = rawHead(p.at("head", 0), coarse, 0, image);
    Tensor middle = finer(p.at("middle"), neck, stages.get(1), channels(128));
    Tensor head1 = rawHead(p.at("head", 1), middle, 1, image);
    Tensor fine = finer(p.at("fine"), middle, stages.get(0), channels(64));
    Tensor head2 = rawHead(p.at("head", 2), fine, 2, image);
    return List.of(head0, head1, head2);
  }

  /** The maps that the finer heads look at, finest first, and the coarsest one. */
  private List<Tensor> stages(Params p, Tensor image) {
    Tensor x = convBn(p.at("stem", 0), image, channels(32), 3, 2, LEAKY_RELU);
    x = convBn(p.at("stem", 1), x, channels(64), 3, 2, LEAKY_RELU); // [N, 152, 152, 64]
    x = halve(osaPart(p.at("csp", 0), x, channels(64), LEAKY_RELU)); // [N, 76, 76, 128]
    OsaPart eight = osaPart(p.at("csp", 1), x, channels(128), LEAKY_RELU);
    x = halve(eight); // [N, 38, 38, 256]
    OsaPart sixteen = osaPart(p.at("csp", 2), x, channels(256), LEAKY_RELU);
    x = convBn(p.at("top"), halve(sixteen), channels(512), 3, 1, LEAKY_RELU); // [N, 19, 19, 512]
    return List.of(eight.out(), sixteen.out(), x);
  }

  @Override
  public Optional<Backbone> backbone() {
    return Optional.of(Backbone.of(name(), this::stages));
  }

  private static Tensor finer(Params p, Tensor coarse, Tensor tap, int channels) {
    Tensor reduced = convBn(p.at("reduce"), coarse, channels, 1, 1, LEAKY_RELU);
    Tensor joined = concat(-1, upsample(reduced, 2), tap);
    return convBn(p.at("out"), joined, 2 * channels, 3, 1, LEAKY_RELU);
  }

  private int channels(int published) {
    return scale.channels(published);
  }

  @Override
  public YoloV4Tiny3L withInputSize(InputSize size) {
    return new YoloV4Tiny3L(scale, outline().withInputSize(size));
  }
}
