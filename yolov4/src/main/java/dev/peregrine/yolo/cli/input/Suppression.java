package dev.peregrine.yolo.cli.input;

import dev.peregrine.yolo.box.NonMaximumSuppression;
import dev.peregrine.yolo.cli.kit.Call;
import dev.peregrine.yolo.cli.kit.Key;
import dev.peregrine.yolo.cli.kit.UsageException;

/** The kinds of suppression under the names that users type, and the keys that set one up. */
public enum Suppression {
  GREEDY,
  PLAIN,
  DIOU,
  SOFT,
  MERGE,
  CLUSTER;

  public static final Key<Double> IOU =
      Key.number("iou", "0.45", 0, 1, "overlap above which two boxes count as the same object");
  public static final Key<Suppression> NMS =
      Key.choice(
          "nms",
          "",
          Suppression.class,
          "what becomes of duplicate boxes: greedy, plain and diou drop them, soft lowers their"
              + " scores, merge and cluster take their mean; the model's own unless given");
  public static final Key<Boolean> AGNOSTIC =
      Key.flag("agnostic", false, "boxes of different classes suppress each other as well");
  public static final Key<Double> SIGMA =
      Key.number(
          "sigma",
          "",
          0.01,
          10,
          "with nms=soft: lower scores by e^(-overlap^2 / sigma); without it, in proportion to the"
              + " overlap where it exceeds iou=");
  public static final Key<Integer> MAX_DET =
      Key.whole(
          "max_det",
          "",
          1,
          1_000_000,
          "most boxes of a picture, the best ones; the model's own limit unless given");

  private NonMaximumSuppression.Kind kind(boolean smooth) {
    return switch (this) {
      case GREEDY -> NonMaximumSuppression.Kind.GREEDY;
      case PLAIN -> NonMaximumSuppression.Kind.PLAIN;
      case DIOU -> NonMaximumSuppression.Kind.DIOU;
      case SOFT ->
          smooth
              ? NonMaximumSuppression.Kind.SOFT_GAUSSIAN
              : NonMaximumSuppression.Kind.SOFT_LINEAR;
      case MERGE -> NonMaximumSuppression.Kind.MERGE;
      case CLUSTER -> NonMaximumSuppression.Kind.CLUSTER;
    };
  }

  /** What a call asks for, and for the rest the model's own. */
  public static NonMaximumSuppression of(Call call, NonMaximumSuppression own) {
    boolean smooth = call.has(SIGMA);
    if (smooth && call.find(NMS).filter(kind -> kind == Suppression.SOFT).isEmpty()) {
      throw new UsageException("sigma= says how nms=soft works; give both, or neither");
    }
    return new NonMaximumSuppression(
        call.find(NMS).map(kind -> kind.kind(smooth)).orElse(own.kind()),
        call.get(IOU),
        own.beta(),
        call.find(SIGMA).orElse(own.sigma()),
        call.find(AGNOSTIC).orElse(own.acrossClasses()),
        call.find(MAX_DET).orElse(own.limit()));
  }
}
