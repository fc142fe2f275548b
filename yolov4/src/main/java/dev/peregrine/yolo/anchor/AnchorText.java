package dev.peregrine.yolo.anchor;

import dev.peregrine.yolo.head.HeadSpec.Anchor;
import java.util.List;
import java.util.stream.Collectors;

/** Anchors as a cfg and {@code anchors=} write them. */
public final class AnchorText {
  private AnchorText() {}

  /**
   * Writes anchors in whole pixels.
   *
   * @param anchors at least a pixel wide and high once rounded
   * @return for instance {@code 10,14, 23,27}
   */
  public static String of(List<Anchor> anchors) {
    return anchors.stream()
        .map(a -> side(a.width()) + "," + side(a.height()))
        .collect(Collectors.joining(", "));
  }

  private static long side(double pixels) {
    return Math.max(1, Math.round(pixels));
  }
}
