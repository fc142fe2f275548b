package dev.peregrine.yolo.data.check;

import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Which boxes the anchors of a network can learn: those that are at most four times as wide and
 * high as one of them, and at least a fourth.
 *
 * <p><b>Source</b> ScaledYOLOv4's {@code anchor_t}.
 *
 * @param anchors those that some head uses
 * @param width pixels of the network's input
 * @param height pixels of the network's input
 */
public record AnchorRule(List<Anchor> anchors, int width, int height) {
  private static final double MOST_RATIO = 4;

  /**
   * Keeps an unchangeable copy.
   *
   * @param anchors those that some head uses
   * @param width pixels of the network's input
   * @param height pixels of the network's input
   */
  public AnchorRule {
    anchors = List.copyOf(anchors);
  }

  /**
   * The rule of a network.
   *
   * @param heads its heads
   * @param width pixels of its input
   * @param height pixels of its input
   * @return the rule
   */
  public static AnchorRule of(List<HeadSpec> heads, int width, int height) {
    return new AnchorRule(
        heads.stream()
            .flatMap(head -> head.mask().stream().map(index -> head.anchors().get(index)))
            .distinct()
            .toList(),
        width,
        height);
  }

  /** What is wrong with a box in a picture of some size, which is fitted into the input. */
  Optional<String> complaint(Label label, int pictureWidth, int pictureHeight) {
    double scale = Math.min(width / (double) pictureWidth, height / (double) pictureHeight);
    double w = label.width() * pictureWidth * scale;
    double h = label.height() * pictureHeight * scale;
    for (Anchor anchor : anchors) {
      double ratio =
          Math.max(
              Math.max(w / anchor.width(), anchor.width() / w),
              Math.max(h / anchor.height(), anchor.height() / h));
      if (ratio < MOST_RATIO) {
        return Optional.empty();
      }
    }
    return Optional.of(
        String.format(
            Locale.ROOT,
            "box of %.1f x %.1f pixels at imgsz=%dx%d is more than four times smaller or larger"
                + " than every anchor: train at another imgsz or with anchors of these data",
            w,
            h,
            height,
            width));
  }
}
