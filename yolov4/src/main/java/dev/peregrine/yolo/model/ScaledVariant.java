package dev.peregrine.yolo.model;

import static dev.peregrine.tensor.op.Unary.Kind.MISH;
import static dev.peregrine.tensor.op.Unary.Kind.SWISH;

import dev.peregrine.tensor.op.Unary;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import dev.peregrine.yolo.head.HeadTraining;
import dev.peregrine.yolo.head.HeadTraining.IouLoss;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The networks that {@link ScaledYoloV4} can be, by the numbers in which they differ; parameters
 * and operations are those for 80 classes at the published size.
 *
 * <p><b>Source</b> the cfg files of darknet.
 */
public final class ScaledVariant {
  /** 52.9 million parameters, 77 GFLOP at 512. */
  public static final ScaledVariant YOLOV4_CSP =
      new ScaledVariant(
          "yolov4-csp",
          512,
          MISH,
          new Backbone(32, new First(64, 32), List.of(128, 256, 512, 1024), List.of(2, 8, 8, 4)),
          new Neck(List.of(128, 256, 512), 2, 1, 1),
          new Ends(List.of(256, 512, 1024), false, false),
          Teaching.BALANCED,
          Outline.YOLOV4_ANCHORS);

  /** YOLOv4-CSP with swish: 52.9 million parameters, 120 GFLOP at 640. */
  public static final ScaledVariant YOLOV4_CSP_SWISH =
      new ScaledVariant(
          "yolov4-csp-swish",
          640,
          SWISH,
          YOLOV4_CSP.backbone,
          YOLOV4_CSP.neck,
          new Ends(List.of(256, 512, 1024), true, false),
          Teaching.EVEN,
          Outline.YOLOV4_ANCHORS);

  /** The small one: 8.3 million parameters, 21 GFLOP at 640. */
  public static final ScaledVariant YOLOV4_CSP_S_MISH =
      new ScaledVariant(
          "yolov4-csp-s-mish",
          640,
          MISH,
          new Backbone(32, new First(32, 32), List.of(64, 128, 256, 512), List.of(1, 1, 1, 1)),
          new Neck(List.of(64, 128, 256), 1, 0, 1),
          new Ends(List.of(128, 256, 512), true, false),
          Teaching.EVEN,
          Outline.YOLOV4_ANCHORS);

  /** The large one, a quarter wider and deeper: 99.8 million parameters, 222 GFLOP at 640. */
  public static final ScaledVariant YOLOV4_CSP_X_MISH =
      new ScaledVariant(
          "yolov4-csp-x-mish",
          640,
          MISH,
          new Backbone(32, new First(80, 40), List.of(160, 320, 640, 1280), List.of(3, 10, 10, 5)),
          new Neck(List.of(160, 320, 640), 3, 1, 2),
          new Ends(List.of(320, 640, 1280), true, false),
          Teaching.EVEN,
          Outline.YOLOV4_ANCHORS);

  /** {@link #YOLOV4_CSP_X_MISH} with swish. */
  public static final ScaledVariant YOLOV4_CSP_X_SWISH =
      new ScaledVariant(
          "yolov4-csp-x-swish",
          640,
          SWISH,
          YOLOV4_CSP_X_MISH.backbone,
          YOLOV4_CSP_X_MISH.neck,
          YOLOV4_CSP_X_MISH.ends,
          Teaching.EVEN,
          Outline.YOLOV4_ANCHORS);

  /**
   * {@link #YOLOV4_CSP_X_MISH} with each head beside its level, as weights for it were published.
   */
  public static final ScaledVariant YOLOV4X_MISH =
      new ScaledVariant(
          "yolov4x-mish",
          640,
          MISH,
          YOLOV4_CSP_X_MISH.backbone,
          YOLOV4_CSP_X_MISH.neck,
          new Ends(List.of(320, 640, 1280), false, false),
          Teaching.BALANCED,
          Outline.YOLOV4_ANCHORS);

  /** 70.8 million parameters, 327 GFLOP at 896. */
  public static final ScaledVariant YOLOV4_P5 =
      new ScaledVariant(
          "yolov4-p5",
          896,
          MISH,
          new Backbone(32, First.NONE, List.of(64, 128, 256, 512, 1024), List.of(1, 3, 15, 15, 7)),
          new Neck(List.of(128, 256, 512), 3, 1, 1),
          new Ends(List.of(256, 512, 1024), true, false),
          Teaching.LARGE,
          Outline.anchors(
              "13,17 31,25 24,51 61,45",
              "48,102 119,96 97,189 217,184",
              "171,384 324,451 616,618 800,800"));

  /** 127.6 million parameters, 717 GFLOP at 1280. */
  public static final ScaledVariant YOLOV4_P6 =
      new ScaledVariant(
          "yolov4-p6",
          1280,
          MISH,
          new Backbone(
              32, First.NONE, List.of(64, 128, 256, 512, 1024, 1024), List.of(1, 3, 15, 15, 7, 7)),
          new Neck(List.of(128, 256, 512, 512), 3, 1, 1),
          new Ends(List.of(256, 512, 1024, 1024), true, false),
          Teaching.LARGE,
          Outline.anchors(
              "13,17 31,25 24,51 61,45",
              "61,45 48,102 119,96 97,189",
              "97,189 217,184 171,384 324,451",
              "324,451 545,357 616,618 1024,1024"));

  /**
   * Darknet's network of five heads, an older design than the paper's P7: 276.3 million parameters,
   * 1,601 GFLOP at 1536.
   */
  public static final ScaledVariant CSPX_P7_MISH =
      new ScaledVariant(
          "cspx-p7-mish",
          1536,
          MISH,
          new Backbone(
              80,
              new First(80, 40),
              List.of(160, 320, 640, 1280, 1280, 1280),
              List.of(3, 15, 15, 7, 7, 7)),
          new Neck(List.of(128, 320, 640, 640, 640), 3, 1, 1),
          new Ends(List.of(320, 640, 1280, 1280, 1280), true, true),
          Teaching.FIVE,
          Outline.anchors(
              "13,17 22,25 27,66 55,41",
              "57,88 112,69 69,177 136,138",
              "136,138 287,114 134,275 268,248",
              "268,248 232,504 445,416 640,640",
              "812,393 477,808 1070,908 1408,1408"));

  /**
   * The stage before the partial ones, if there is one: channels, and those inside its residual.
   */
  record First(int channels, int inner) {
    static final First NONE = new First(0, 0);
  }

  /** Channels of the stem, the first stage, channels and residual units of the partial stages. */
  record Backbone(int stem, First first, List<Integer> widths, List<Integer> depths) {}

  /** Channels of the levels, pairs in a block, pairs before and after the pools. */
  record Neck(List<Integer> channels, int depth, int before, int after) {}

  /** Channels of the heads, whether all heads follow the whole neck, whether they attend. */
  record Ends(List<Integer> channels, boolean last, boolean gated) {}

  /** How the heads are taught: weight of the objectness, largest gradient, soft objectness. */
  private record Teaching(
      double iouThreshold, List<Double> objectness, List<Integer> maxDelta, List<Boolean> smooth) {
    static final Teaching BALANCED =
        new Teaching(0.2, List.of(4.0, 1.0, 0.4), List.of(5, 5, 2), List.of(false, true, true));
    static final Teaching EVEN = smooth(1, 2, 0.4, 0.4, 0.4);
    static final Teaching LARGE = smooth(0.2, 2, 1.0, 1.0, 1.0, 1.0);
    static final Teaching FIVE = smooth(0.2, 40, 4.0, 1.0, 0.5, 0.4, 0.1);

    private static Teaching smooth(double iouThreshold, int maxDelta, Double... objectness) {
      int levels = objectness.length;
      return new Teaching(
          iouThreshold,
          List.of(objectness),
          Collections.nCopies(levels, maxDelta),
          Collections.nCopies(levels, true));
    }

    HeadTraining level(int level) {
      return new HeadTraining(
          0.7,
          1,
          iouThreshold,
          IouLoss.CIOU,
          0.05,
          objectness.get(level),
          0.5,
          maxDelta.get(level),
          smooth.get(level),
          0);
    }
  }

  private final String key;
  private final int side;
  private final Unary.Kind activation;
  private final Backbone backbone;
  private final Neck neck;
  private final Ends ends;
  private final Teaching teaching;
  private final List<Anchor> anchors;

  private ScaledVariant(
      String key,
      int side,
      Unary.Kind activation,
      Backbone backbone,
      Neck neck,
      Ends ends,
      Teaching teaching,
      List<Anchor> anchors) {
    this.key = key;
    this.side = side;
    this.activation = activation;
    this.backbone = backbone;
    this.neck = neck;
    this.ends = ends;
    this.teaching = teaching;
    this.anchors = anchors;
  }

  /**
   * Returns all of them.
   *
   * @return the variants, from the first one on
   */
  public static List<ScaledVariant> all() {
    return List.of(
        YOLOV4_CSP,
        YOLOV4_CSP_SWISH,
        YOLOV4_CSP_S_MISH,
        YOLOV4_CSP_X_MISH,
        YOLOV4_CSP_X_SWISH,
        YOLOV4X_MISH,
        YOLOV4_P5,
        YOLOV4_P6,
        CSPX_P7_MISH);
  }

  /**
   * The name that users call it by, which is that of its cfg.
   *
   * @return for instance {@code yolov4-csp}
   */
  public String key() {
    return key;
  }

  /**
   * The published anchors.
   *
   * @return as many for each head, those of the finest head first
   */
  public List<Anchor> anchors() {
    return anchors;
  }

  /** Rows and columns of the published input. */
  int side() {
    return side;
  }

  Unary.Kind activation() {
    return activation;
  }

  Backbone backbone() {
    return backbone;
  }

  Neck neck() {
    return neck;
  }

  Ends ends() {
    return ends;
  }

  List<Outline.Level> levels() {
    return IntStream.range(0, neck.channels.size())
        .mapToObj(level -> new Outline.Level(2, true, teaching.level(level)))
        .toList();
  }
}
