package dev.peregrine.yolo.data;

import java.util.Comparator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;

/** What every label must obey, whatever file it comes from. */
final class LabelRules {
  /**
   * Boxes of the same place beside each other. Finds a label again in a time that no choice of
   * numbers can make long.
   */
  static final Comparator<Label> ORDER =
      Comparator.comparingDouble(Label::centerX)
          .thenComparingDouble(Label::centerY)
          .thenComparingDouble(Label::width)
          .thenComparingDouble(Label::height)
          .thenComparingInt(Label::classIndex);

  private LabelRules() {}

  /**
   * Cuts a box at the picture's border, where it reaches beyond by no more than rounding.
   *
   * @param label the box; its extents are positive
   * @param across tolerance in fractions of the width
   * @param down tolerance in fractions of the height
   */
  static Label inside(Label label, double across, double down) {
    double left = label.left();
    double top = label.top();
    double right = label.right();
    double bottom = label.bottom();
    double beyondX = Math.max(-left, right - 1);
    double beyondY = Math.max(-top, bottom - 1);
    if (beyondX <= 0 && beyondY <= 0) {
      return label;
    }
    if (beyondX > across || beyondY > down) {
      boolean pixels = Math.max(beyondX, beyondY) > 2;
      throw new BadLabel(
          pixels ? FaultKind.NOT_NORMALISED : FaultKind.OUTSIDE,
          "box from (%.6g, %.6g) to (%.6g, %.6g) lies outside the picture, which reaches from 0 to 1%s"
              .formatted(
                  left,
                  top,
                  right,
                  bottom,
                  pixels ? " (are these numbers pixels? divide them by the picture's size)" : ""));
    }
    Label cut =
        Label.ofEdges(
            label.classIndex(),
            Math.max(0, left),
            Math.max(0, top),
            Math.min(1, right),
            Math.min(1, bottom));
    if (!(cut.width() > 0) || !(cut.height() > 0)) {
      throw new BadLabel(
          FaultKind.EMPTY_BOX, "box lies on the picture's border with nothing inside");
    }
    return cut;
  }

  /**
   * Complains of a label that was there before, or whose box was there with another class.
   *
   * @param label what is new
   * @param before the labels so far, in {@link #ORDER}, with their lines
   * @return the complaint as kind and message
   */
  static Optional<BadLabel> again(Label label, NavigableMap<Label, Integer> before) {
    Integer first = before.get(label);
    if (first != null) {
      return Optional.of(
          new BadLabel(
              FaultKind.REPEATED_LABEL,
              "the same label stands in line %d; remove one of them".formatted(first)));
    }
    Map.Entry<Label, Integer> lower = before.lowerEntry(label);
    Map.Entry<Label, Integer> higher = before.higherEntry(label);
    if (lower != null && sameBox(lower.getKey(), label)) {
      return Optional.of(twoClasses(lower, label));
    }
    return higher != null && sameBox(higher.getKey(), label)
        ? Optional.of(twoClasses(higher, label))
        : Optional.empty();
  }

  private static boolean sameBox(Label a, Label b) {
    return a.centerX() == b.centerX()
        && a.centerY() == b.centerY()
        && a.width() == b.width()
        && a.height() == b.height();
  }

  private static BadLabel twoClasses(Map.Entry<Label, Integer> other, Label label) {
    return new BadLabel(
        FaultKind.TWO_CLASSES,
        "the same box has class %d in line %d and class %d here; one object has one class"
            .formatted(other.getKey().classIndex(), other.getValue(), label.classIndex()));
  }
}
