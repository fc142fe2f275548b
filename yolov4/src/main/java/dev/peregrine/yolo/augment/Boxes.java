package dev.peregrine.yolo.augment;

import dev.peregrine.yolo.data.Label;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Small steps on lists of labels. */
final class Boxes {
  private Boxes() {}

  /** Keeps at most some labels, chosen at random so that none is preferred by its place. */
  static List<Label> limit(List<Label> labels, int most, SplittableRandom random) {
    if (labels.size() <= most) {
      return labels;
    }
    List<Label> shuffled = new ArrayList<>(labels);
    for (int i = 0; i < most; i++) {
      int other = random.nextInt(i, shuffled.size());
      Label label = shuffled.get(other);
      shuffled.set(other, shuffled.get(i));
      shuffled.set(i, label);
    }
    return List.copyOf(shuffled.subList(0, most));
  }

  /** Mirrored left to right. */
  static List<Label> flipLeftRight(List<Label> labels) {
    return labels.stream()
        .map(l -> new Label(l.classIndex(), 1 - l.centerX(), l.centerY(), l.width(), l.height()))
        .toList();
  }

  /** Mirrored top to bottom. */
  static List<Label> flipUpDown(List<Label> labels) {
    return labels.stream()
        .map(l -> new Label(l.classIndex(), l.centerX(), 1 - l.centerY(), l.width(), l.height()))
        .toList();
  }
}
