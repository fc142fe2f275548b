package dev.peregrine.yolo.model;

import static dev.peregrine.nn.Layers.convBn;
import static dev.peregrine.tensor.Arrays.concat;
import static dev.peregrine.tensor.Pooling.maxPool;
import static dev.peregrine.tensor.Pooling.upsample;
import static dev.peregrine.tensor.op.Unary.Kind.LEAKY_RELU;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Window;
import dev.peregrine.yolo.backbone.Scale;
import dev.peregrine.yolo.box.NonMaximumSuppression.Kind;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import dev.peregrine.yolo.image.Resize;
import java.util.Collections;
import java.util.List;

/**
 * YOLOv3-tiny: convolutions and pools in turns, and two heads; the baseline of YOLOv4-tiny.
 *
 * <p><b>Cost</b> 8.85 million parameters and 5.6 GFLOP at 416 for 80 classes.
 *
 * <p><b>Source</b> Redmon and Farhadi 2018, "YOLOv3"; {@code yolov3-tiny.cfg}.
 */
public final class YoloV3Tiny extends OutlinedModel {
  private static final String NAME = "yolov3-tiny";

  private final Scale scale;

  /**
   * Makes a network.
   *
   * @param classes how many classes it tells apart
   * @param scale factor of the width; nothing in it is repeated
   * @param anchors six by rising area
   */
  public YoloV3Tiny(int classes, Scale scale, List<Anchor> anchors) {
    this(
        scale,
        new Outline(
            scale.of(NAME),
            Outline.coarseFirst(
                NAME,
                classes,
                anchors,
                Collections.nCopies(2, new Outline.Level(1, false, YoloV3.TRAINING))),
            InputSize.square(416),
            32,
            Resize.STRETCH,
            Outline.suppression(Kind.PLAIN)));
  }

  private YoloV3Tiny(Scale scale, Outline outline) {
    super(outline);
    this.scale = scale;
  }

  /**
   * Returns the published anchors.
   *
   * @return six anchors by rising area
   */
  public static List<Anchor> anchors() {
    return Outline.TINY_ANCHORS;
  }

  @Override
  public List<Tensor> forward(Params p, Tensor image) { // [N, 416, 416, 3]
    Tensor x = image;
    Tensor tap = image;
    for (int i = 0; i < 6; i++) { // [N, 208, 208, 16] to [N, 13, 13, 512]
      x = convBn(p.at("conv", i), x, channels(16 << i), 3, 1, LEAKY_RELU);
      tap = i == 4 ? x : tap; // [N, 26, 26, 256]
      x = maxPool(x, Window.of(2).stride(i < 5 ? 2 : 1).pad(0, 0, 1, 1));
    }
    x = convBn(p.at("top"), x, channels(1024), 3, 1, LEAKY_RELU);
    Tensor neck = convBn(p.at("neck"), x, channels(256), 1, 1, LEAKY_RELU);
    Tensor coarse = convBn(p.at("coarse"), neck, channels(512), 3, 1, LEAKY_RELU);
    Tensor head0 = rawHead(p.at("head", 0), coarse, 0, image); // [N, 13, 13, 3 * (5 + classes)]
    Tensor lateral = convBn(p.at("lateral"), neck, channels(128), 1, 1, LEAKY_RELU);
    Tensor joined = concat(-1, upsample(lateral, 2), tap);
    Tensor fine = convBn(p.at("fine"), joined, channels(256), 3, 1, LEAKY_RELU);
    return List.of(head0, rawHead(p.at("head", 1), fine, 1, image));
  }

  private int channels(int published) {
    return scale.channels(published);
  }

  @Override
  public YoloV3Tiny withInputSize(InputSize size) {
    return new YoloV3Tiny(scale, outline().withInputSize(size));
  }
}
