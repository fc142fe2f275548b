package dev.peregrine.yolo.model;

import static dev.peregrine.nn.Layers.convBn;
import static dev.peregrine.nn.block.Blocks.alternating;
import static dev.peregrine.nn.block.Blocks.spp;
import static dev.peregrine.tensor.Arrays.concat;
import static dev.peregrine.tensor.Pooling.upsample;
import static dev.peregrine.tensor.op.Unary.Kind.LEAKY_RELU;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.yolo.backbone.Backbone;
import dev.peregrine.yolo.backbone.Darknet53;
import dev.peregrine.yolo.backbone.Scale;
import dev.peregrine.yolo.box.NonMaximumSuppression.Kind;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import dev.peregrine.yolo.head.HeadTraining;
import dev.peregrine.yolo.head.HeadTraining.IouLoss;
import dev.peregrine.yolo.image.Resize;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * YOLOv3, with or without a pyramid of pools: the baseline of YOLOv4. Its heads come coarsest
 * first.
 *
 * <p><b>Cost</b> 61.9 million parameters and 65.9 GFLOP at 416 for 80 classes; with pools 63.0
 * million and 141.5 GFLOP at 608.
 *
 * <p><b>Source</b> Redmon and Farhadi 2018, "YOLOv3"; {@code yolov3.cfg}, {@code yolov3-spp.cfg}.
 */
public final class YoloV3 extends OutlinedModel {
  /** How darknet trained before the losses of overlap. */
  static final HeadTraining TRAINING =
      new HeadTraining(0.7, 1, 1, IouLoss.MSE, 0.75, 1, 1, Double.POSITIVE_INFINITY, false, 0);

  private final boolean pools;
  private final Scale scale;

  /**
   * Makes a network.
   *
   * @param classes how many classes it tells apart
   * @param pools whether there is a pyramid of pools before the first head
   * @param scale factors of width and depth
   * @param anchors nine by rising area
   */
  public YoloV3(int classes, boolean pools, Scale scale, List<Anchor> anchors) {
    this(pools, scale, outline(pools ? "yolov3-spp" : "yolov3", classes, pools, scale, anchors));
  }

  private YoloV3(boolean pools, Scale scale, Outline outline) {
    super(outline);
    this.pools = pools;
    this.scale = scale;
  }

  private static Outline outline(
      String name, int classes, boolean pools, Scale scale, List<Anchor> anchors) {
    return new Outline(
        scale.of(name),
        Outline.coarseFirst(
            name, classes, anchors, Collections.nCopies(3, new Outline.Level(1, false, TRAINING))),
        InputSize.square(pools ? 608 : 416),
        32,
        Resize.STRETCH,
        Outline.suppression(Kind.PLAIN));
  }

  /**
   * Returns the published anchors.
   *
   * @return nine anchors by rising area
   */
  public static List<Anchor> anchors() {
    return Outline.YOLOV3_ANCHORS;
  }

  @Override
  public List<Tensor> forward(Params p, Tensor image) { // [N, 416, 416, 3]
    List<Tensor> stages = new Darknet53(scale).stages(p.at("backbone"), image);
    List<Tensor> heads = new ArrayList<>();
    Tensor x = stages.getLast(); // [N, 13, 13, 1024]
    for (int i = 0; i < 3; i++) {
      Params level = p.at("level", i);
      int channels = scale.channels(512 >> i);
      if (i > 0) {
        Tensor reduced = convBn(level.at("reduce"), x, channels, 1, 1, LEAKY_RELU);
        x = concat(-1, upsample(reduced, 2), stages.get(stages.size() - 1 - i));
      }
      x = block(level, x, channels, pools && i == 0);
      Tensor wide = convBn(level.at("wide"), x, 2 * channels, 3, 1, LEAKY_RELU);
      heads.add(rawHead(level.at("head"), wide, i, image));
    }
    return heads;
  }

  @Override
  public Optional<Backbone> backbone() {
    return Optional.of(
        Backbone.of(name(), (p, image) -> new Darknet53(scale).stages(p.at("backbone"), image)));
  }

  private static Tensor block(Params p, Tensor x, int channels, boolean pools) {
    if (!pools) {
      return alternating(p.at("block"), x, channels, 5, LEAKY_RELU);
    }
    Tensor pooled = spp(alternating(p.at("before"), x, channels, 3, LEAKY_RELU));
    return alternating(p.at("after"), pooled, channels, 3, LEAKY_RELU);
  }

  @Override
  public YoloV3 withInputSize(InputSize size) {
    return new YoloV3(pools, scale, outline().withInputSize(size));
  }
}
