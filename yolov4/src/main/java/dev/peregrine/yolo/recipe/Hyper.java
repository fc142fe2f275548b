package dev.peregrine.yolo.recipe;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Every number that a recipe is made of: its name, its values in both recipes, its range.
 *
 * <p>The values of {@code scaled} are those of {@code hyp.scratch.yaml} of Scaled-YOLOv4's branch
 * yolov4-large, those of {@code darknet} of {@code yolov4-tiny.cfg}. The numbers of augmentation
 * stand in {@link dev.peregrine.yolo.augment.TorchSettings} and {@link
 * dev.peregrine.yolo.augment.DarknetSettings}.
 */
public enum Hyper {
  /** Learning rate. */
  LR0("lr0", auto(), 0.00261, 1e-9, 1, "learning rate"),
  /** Share of the rate that is left at the end. */
  LRF("lrf", 0.2, 0.05, 1e-9, 1, "part of the rate that is left at the end"),
  /** Momentum. */
  MOMENTUM("momentum", 0.937, 0.9, 0, 0.9999, "share of the last step that is kept"),
  /** Weight decay. */
  WEIGHT_DECAY("weight_decay", 0.0005, 0.0005, 0, 1, "decay of filters"),
  /** Mini-batches of warm-up. */
  WARMUP("warmup", auto(), auto(), 0, 1e9, "mini-batches until the full rate"),
  /** Momentum at the start of the warm-up. */
  WARMUP_MOMENTUM("warmup_momentum", 0.9, none(), 0, 0.9999, "momentum when the warm-up begins"),
  /** Rate of biases at the start of the warm-up. */
  WARMUP_BIAS("warmup_bias_lr", auto(), none(), 0, 1, "rate of biases when the warm-up begins"),
  /** Exponent of darknet's burn-in. */
  POWER("power", none(), 4, 0, 10, "exponent of the burn-in"),
  /** Examples of a step. */
  NOMINAL_BATCH("nbs", auto(), auto(), 1, 1e6, "pictures of an optimiser step"),
  /** Long-run share of the moving average. */
  EMA("ema", auto(), auto(), 0, 0.999999, "share that the moving average keeps; 0 for none"),
  /** Updates until that share is reached to 63 percent. */
  EMA_HORIZON("ema_horizon", auto(), auto(), 1e-3, 1e9, "steps in which that share is reached"),
  /** Darknet's late average. */
  EMA_ALPHA("ema_alpha", none(), 0, 0, 0.999999, "darknet's average of the second half; 0: none"),
  /** Share of a new statistic. */
  STATISTICS("bn_momentum", 0.03, 0.1, 1e-6, 1, "share of a batch in running statistics"),
  /** Gain of the box error. */
  BOX("box", 0.05, none(), 0, 100, "gain of the box error"),
  /** Gain of the class error. */
  CLS("cls", 0.5, none(), 0, 100, "gain of the class error, for 80 classes"),
  /** Weight of the right class. */
  CLS_PW("cls_pw", 1, none(), 0, 100, "weight of the right class"),
  /** Gain of the objectness error. */
  OBJ("obj", 1, none(), 0, 100, "gain of the objectness error"),
  /** Weight of objects. */
  OBJ_PW("obj_pw", 1, none(), 0, 100, "weight of objects against background"),
  /** Largest ratio of sides between truth and anchor. */
  ANCHOR_T("anchor_t", 4, none(), 1, 100, "truths are learned by anchors within this factor"),
  /** Exponent of the focal loss. */
  FL_GAMMA("fl_gamma", 0, none(), 0, 10, "exponent of the focal loss; 0 for none"),
  /** Label smoothing. */
  LABEL_SMOOTHING(
      "label_smoothing", 0, auto(), 0, 0.5, "class targets stay half of it from 0 and 1"),
  /** A head's own: overlap from which a box is no background. */
  IGNORE_THRESH(
      "ignore_thresh", none(), auto(), 0, 1, "boxes that overlap so much are no background"),
  /** A head's own: overlap of shapes from which further anchors learn a truth. */
  IOU_THRESH("iou_thresh", none(), auto(), 0, 1, "anchors of so similar a shape learn a truth too"),
  /** A head's own: gain of the box error. */
  IOU_NORMALIZER("iou_normalizer", none(), auto(), 0, 100, "gain of the box error"),
  /** A head's own: gain of the objectness error. */
  OBJ_NORMALIZER("obj_normalizer", none(), auto(), 0, 100, "gain of the objectness error"),
  /** A head's own: largest gradient of a box. */
  MAX_DELTA("max_delta", none(), auto(), 0, 1e9, "largest gradient of one number of a box"),
  /** Share of the overlap in the objectness. */
  OVERLAP_SHARE("gr", 1, none(), 0, 1, "share of the overlap in the objectness that is taught"),
  /** Step of self-adversarial training. */
  ADVERSARIAL_LR(
      "adversarial_lr",
      0,
      0,
      0,
      1e6,
      "half of the batches are altered by so many times the network's own gradient"),
  /** Pictures of that training. */
  ATTENTION(
      "attention", 0, 0, 0, 1, "1: attention.jpg shows where that gradient pulls, batch by batch"),
  /** Range of random network sizes. */
  RANDOM("random", none(), 0, 0, 4, "network sizes change by up to this factor; 1: 1.4; 0: fixed"),
  /** Larger mini-batches at smaller sizes. */
  DYNAMIC_MINIBATCH(
      "dynamic_minibatch",
      none(),
      0,
      0,
      1,
      "1: more pictures a batch where random sizes are small");

  /** Stands for a value that follows from the run or from the network unless it is given. */
  static final double AUTO = -1;

  private final String key;
  private final double scaled;
  private final double darknet;
  private final double least;
  private final double most;
  private final String meaning;

  Hyper(String key, double scaled, double darknet, double least, double most, String meaning) {
    this.key = key;
    this.scaled = scaled;
    this.darknet = darknet;
    this.least = least;
    this.most = most;
    this.meaning = meaning;
  }

  private static double auto() {
    return -1;
  }

  private static double none() {
    return Double.NaN;
  }

  /**
   * Finds a number by its name.
   *
   * @param key the name that users type
   * @return the number, or nothing
   */
  public static Optional<Hyper> of(String key) {
    return Arrays.stream(values()).filter(hyper -> hyper.key.equals(key)).findFirst();
  }

  /**
   * Returns the name that users type.
   *
   * @return the name, that of the original programs where they have one
   */
  public String key() {
    return key;
  }

  /**
   * Says what it does and what it is unless given.
   *
   * @return a line without a full stop
   */
  public String meaning() {
    if (isOf(Recipe.Kind.SCALED) && isOf(Recipe.Kind.DARKNET)) {
      return scaled == darknet
          ? meaning + "; " + text(scaled)
          : meaning + "; " + text(scaled) + ", darknet " + text(darknet);
    }
    return isOf(Recipe.Kind.SCALED)
        ? meaning + "; " + text(scaled)
        : meaning + "; " + text(darknet) + " (recipe=darknet)";
  }

  private static String text(double value) {
    if (value == AUTO) {
      return "auto";
    }
    return value == Math.rint(value)
        ? String.valueOf((long) value)
        : String.format(Locale.ROOT, "%s", value);
  }

  /**
   * Tells whether a recipe has it.
   *
   * @param kind the recipe
   * @return whether it does
   */
  public boolean isOf(Recipe.Kind kind) {
    return !Double.isNaN(usual(kind));
  }

  /**
   * Its value unless given; {@link #AUTO} where that follows from the run, NaN where it has none.
   */
  double usual(Recipe.Kind kind) {
    return kind == Recipe.Kind.SCALED ? scaled : darknet;
  }

  /**
   * Returns the least value.
   *
   * @return the lower end of its range
   */
  public double least() {
    return least;
  }

  /**
   * Returns the largest value.
   *
   * @return the upper end of its range
   */
  public double most() {
    return most;
  }
}
