package dev.peregrine.yolo.model;

import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.yolo.box.NonMaximumSuppression;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import dev.peregrine.yolo.head.HeadTraining;
import dev.peregrine.yolo.image.Resize;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** What a network is besides its graph. */
record Outline(
    String name,
    List<HeadSpec> heads,
    InputSize inputSize,
    int maxStride,
    Resize resize,
    NonMaximumSuppression suppression) {

  /** The anchors of YOLOv4, three for each of three heads. */
  static final List<Anchor> YOLOV4_ANCHORS =
      anchors("12,16 19,36 40,28", "36,75 76,55 72,146", "142,110 192,243 459,401");

  /** The anchors of YOLOv3, three for each of three heads. */
  static final List<Anchor> YOLOV3_ANCHORS =
      anchors("10,13 16,30 33,23", "30,61 62,45 59,119", "116,90 156,198 373,326");

  /** The anchors of the tiny networks, for two heads. */
  static final List<Anchor> TINY_ANCHORS = anchors("10,14 23,27 37,58", "81,82 135,169 344,319");

  /** How a level's head is stretched and trained. */
  record Level(double scaleXy, boolean newCoordinates, HeadTraining training) {}

  Outline withInputSize(InputSize size) {
    return new Outline(name, heads, size, maxStride, resize, suppression);
  }

  /** As many heads as levels, from the coarsest to the finest, which has the first anchors. */
  static List<HeadSpec> coarseFirst(
      String name, int classes, List<Anchor> anchors, List<Level> levels) {
    return heads(name, classes, anchors, levels).reversed();
  }

  /** As many heads as levels, the first one with the first anchors. */
  static List<HeadSpec> heads(String name, int classes, List<Anchor> anchors, List<Level> levels) {
    if (classes < 1 || anchors.isEmpty() || anchors.size() % levels.size() != 0) {
      throw new ShapeException(
          "%s: %d classes and %d anchors, but it takes at least one class, and as many anchors for each of its %d heads"
              .formatted(name, classes, anchors.size(), levels.size()));
    }
    int each = anchors.size() / levels.size();
    List<HeadSpec> heads = new ArrayList<>();
    for (int i = 0; i < levels.size(); i++) {
      Level level = levels.get(i);
      List<Integer> mask = IntStream.range(i * each, (i + 1) * each).boxed().toList();
      heads.add(
          new HeadSpec(
              classes, anchors, mask, level.scaleXy, level.newCoordinates, level.training));
    }
    return List.copyOf(heads);
  }

  /** Anchors from their widths and heights, {@code 12,16 19,36}; one text a head. */
  static List<Anchor> anchors(String... heads) {
    return Arrays.stream(heads)
        .flatMap(head -> Arrays.stream(head.split(" ", -1)))
        .map(anchor -> anchor.split(",", -1))
        .map(sides -> new Anchor(Double.parseDouble(sides[0]), Double.parseDouble(sides[1])))
        .toList();
  }

  /** Darknet's suppression of a kind, at its usual threshold. */
  static NonMaximumSuppression suppression(NonMaximumSuppression.Kind kind) {
    return NonMaximumSuppression.of(kind, 0.45);
  }
}
