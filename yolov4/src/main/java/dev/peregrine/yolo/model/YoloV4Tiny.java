package dev.peregrine.yolo.model;

import static dev.peregrine.nn.Layers.bias;
import static dev.peregrine.nn.Layers.conv2d;
import static dev.peregrine.nn.Layers.convBn;
import static dev.peregrine.nn.block.CspBlocks.osaPart;
import static dev.peregrine.tensor.Arrays.concat;
import static dev.peregrine.tensor.Pooling.maxPool;
import static dev.peregrine.tensor.Pooling.upsample;
import static dev.peregrine.tensor.op.Unary.Kind.LEAKY_RELU;

import dev.peregrine.nn.Params;
import dev.peregrine.nn.block.CspBlocks.OsaPart;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Window;
import dev.peregrine.yolo.backbone.Backbone;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import dev.peregrine.yolo.head.HeadTraining;
import java.util.List;
import java.util.Optional;

/**
 * YOLOv4-tiny: three partial blocks and two heads, the network for small machines.
 *
 * <p><b>Cost</b> 6.06 million parameters and 6.9 GFLOP at 416 for 80 classes.
 *
 * <p><b>Source</b> Wang, Bochkovskiy and Liao 2021, "Scaled-YOLOv4", section 4.2; {@code
 * yolov4-tiny.cfg}.
 */
public final class YoloV4Tiny implements DetectionModel {
  private static final List<Anchor> ANCHORS = Outline.TINY_ANCHORS;

  private final double width;
  private final List<HeadSpec> heads;
  private final InputSize inputSize;

  /**
   * Makes the network of full width.
   *
   * @param classes how many classes it tells apart
   */
  public YoloV4Tiny(int classes) {
    this(classes, 1, ANCHORS);
  }

  /**
   * Makes a network of scaled width.
   *
   * @param classes how many classes it tells apart
   * @param width factor of all channels, which are rounded up to multiples of 8
   * @param anchors six anchors by rising area; the third and finer ones serve stride 16
   */
  public YoloV4Tiny(int classes, double width, List<Anchor> anchors) {
    this(classes, width, anchors, InputSize.square(416));
  }

  private YoloV4Tiny(int classes, double width, List<Anchor> anchors, InputSize inputSize) {
    if (classes < 1 || !(width > 0) || anchors.size() != 6) {
      throw new ShapeException(
          "yolov4-tiny: classes "
              + classes
              + ", width "
              + width
              + " and "
              + anchors.size()
              + " anchors; it takes at least one class, a positive width and six anchors");
    }
    this.width = width;
    this.inputSize = inputSize;
    this.heads =
        List.of(
            new HeadSpec(classes, anchors, List.of(3, 4, 5), 1.05, false, HeadTraining.TINY),
            // Anchor 3 serves both heads and anchor 0 none: so the network was published.
            new HeadSpec(classes, anchors, List.of(1, 2, 3), 1.05, false, HeadTraining.TINY));
  }

  /**
   * Returns the published anchors.
   *
   * @return six anchors by rising area
   */
  public static List<Anchor> anchors() {
    return ANCHORS;
  }

  /**
   * Returns the published anchors for an input of another size, where objects shrink with the
   * picture.
   *
   * <p>Anchor 0 serves no head, so boxes most like it are never learned; a small input has many
   * such boxes unless the anchors shrink with it.
   *
   * @param side rows and columns of the input, against 416
   * @return six anchors by rising area
   */
  public static List<Anchor> anchors(int side) {
    double scale = side / 416.0;
    return ANCHORS.stream().map(a -> new Anchor(a.width() * scale, a.height() * scale)).toList();
  }

  @Override
  public List<Tensor> forward(Params p, Tensor image) { // [N, 416, 416, 3]
    List<Tensor> stages = stages(p, image);
    Tensor tap = stages.get(0);
    Tensor x = stages.get(1);
    Tensor neck = convBn(p.at("neck"), x, channels(256), 1, 1, LEAKY_RELU); // [N, 13, 13, 256]
    Tensor coarse = convBn(p.at("coarse"), neck, channels(512), 3, 1, LEAKY_RELU);
    Tensor head0 =
        head(p.at("head", 0), coarse, heads.get(0), image); // [N, 13, 13, 3 * (5 + classes)]
    Tensor lateral = convBn(p.at("lateral"), neck, channels(128), 1, 1, LEAKY_RELU);
    Tensor fine = concat(-1, upsample(lateral, 2), tap); // [N, 26, 26, 384]
    fine = convBn(p.at("fine"), fine, channels(256), 3, 1, LEAKY_RELU); // [N, 26, 26, 256]
    Tensor head1 =
        head(p.at("head", 1), fine, heads.get(1), image); // [N, 26, 26, 3 * (5 + classes)]
    return List.of(head0, head1);
  }

  /** The map that the finer head looks at, and the coarsest one. */
  private List<Tensor> stages(Params p, Tensor image) {
    Tensor x = convBn(p.at("stem", 0), image, channels(32), 3, 2, LEAKY_RELU); // [N, 208, 208, 32]
    x = convBn(p.at("stem", 1), x, channels(64), 3, 2, LEAKY_RELU); // [N, 104, 104, 64]
    x = halve(osaPart(p.at("csp", 0), x, channels(64), LEAKY_RELU)); // [N, 52, 52, 128]
    x = halve(osaPart(p.at("csp", 1), x, channels(128), LEAKY_RELU)); // [N, 26, 26, 256]
    OsaPart last = osaPart(p.at("csp", 2), x, channels(256), LEAKY_RELU); // twice [N, 26, 26, 256]
    x = convBn(p.at("top"), halve(last), channels(512), 3, 1, LEAKY_RELU); // [N, 13, 13, 512]
    return List.of(last.out(), x);
  }

  @Override
  public Optional<Backbone> backbone() {
    return Optional.of(Backbone.of(name(), this::stages));
  }

  /** Joins both maps of a block at half their size. */
  static Tensor halve(OsaPart block) {
    // An odd map keeps its last row and column: darknet pads 2x2 pooling by one at the far side.
    return maxPool(block.joined(), Window.of(2).stride(2).pad(0, 0, 1, 1));
  }

  private static Tensor head(Params p, Tensor x, HeadSpec head, Tensor image) {
    int stride = image.shape().dim(1) / x.shape().dim(1);
    Tensor y = conv2d(p, x, head.channels(), Window.of(1), 1);
    return bias(p, y, PriorBias.of(head, stride));
  }

  private int channels(int base) {
    return (int) Math.ceil(base * width / 8) * 8;
  }

  @Override
  public String name() {
    return width == 1 ? "yolov4-tiny" : "yolov4-tiny@" + width;
  }

  @Override
  public List<HeadSpec> heads() {
    return heads;
  }

  @Override
  public InputSize inputSize() {
    return inputSize;
  }

  @Override
  public YoloV4Tiny withInputSize(InputSize size) {
    return new YoloV4Tiny(classes(), width, heads.get(0).anchors(), size);
  }

  @Override
  public int maxStride() {
    return 32;
  }
}
