package dev.peregrine.yolo.data;

import dev.peregrine.yolo.image.PictureHeader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Collects the boxes of one picture from a file that counts in pixels, as COCO's and VOC's do, and
 * what is wrong with them.
 */
final class PixelBoxes {
  /** How far an edge may lie outside the picture; VOC counts from 1, others round. */
  private static final double TOLERANCE_PIXELS = 1.001;

  private final Path file;
  private final Path image;
  private final double width;
  private final double height;
  private final TreeMap<Label, Integer> known = new TreeMap<>(LabelRules.ORDER);
  private final List<Label> labels = new ArrayList<>();
  private final List<Integer> lines = new ArrayList<>();
  private final List<Label> ignored = new ArrayList<>();
  private final Map<Label, Double> areas = new HashMap<>();
  private final List<Fault> faults = new ArrayList<>();

  /**
   * Begins a picture.
   *
   * @param file what states the boxes
   * @param line where it states the size
   * @param image the picture
   * @param width pixels as stated, 0 when not
   * @param height pixels as stated, 0 when not
   * @param header of the picture; empty when it cannot be read, which is told elsewhere
   */
  PixelBoxes(
      Path file, int line, Path image, int width, int height, Optional<PictureHeader> header) {
    this.file = file;
    this.image = image;
    int realWidth = header.map(PictureHeader::width).orElse(width);
    int realHeight = header.map(PictureHeader::height).orElse(height);
    boolean stated = width > 0 && height > 0;
    this.width = stated ? width : realWidth;
    this.height = stated ? height : realHeight;
    if (stated && (width != realWidth || height != realHeight)) {
      boolean unturned =
          header.map(PictureHeader::turned).orElse(false)
              && width == realHeight
              && height == realWidth;
      faults.add(
          new Fault(
              FaultKind.SIZE_DIFFERS,
              file,
              line,
              unturned
                  ? "states %d x %d pixels, the size of %s before the camera's note turns it (EXIF orientation %d): the boxes were drawn on the unturned picture; turn the picture for good, or draw them again"
                      .formatted(
                          width,
                          height,
                          image.getFileName(),
                          header.map(PictureHeader::orientation).orElse(0))
                  : "states %d x %d pixels but %s has %d x %d: the boxes belong to another picture or size"
                      .formatted(width, height, image.getFileName(), realWidth, realHeight)));
    }
  }

  /** Notes something that is wrong. */
  void fault(FaultKind kind, int line, String message) {
    faults.add(new Fault(kind, file, line, message));
  }

  /**
   * Takes a box, or notes why not.
   *
   * @param line where it stands
   * @param who what errors call it, such as {@code object 'dog'}
   * @param classIndex its class
   * @param edges left, top, right, bottom in pixels
   * @param area of its outline in square pixels; not a number when unknown
   * @param skipped a crowd or a difficult object
   */
  void add(int line, String who, int classIndex, double[] edges, double area, boolean skipped) {
    try {
      Label label = label(classIndex, edges);
      if (Double.isFinite(area)) {
        areas.put(label, area);
      }
      if (skipped) {
        ignored.add(label);
        fault(FaultKind.IGNORED, line, who + " is a crowd or difficult: not learned, not judged");
        return;
      }
      LabelRules.again(label, known).ifPresent(bad -> faults.add(bad.at(file, line)));
      if (known.putIfAbsent(label, line) == null) {
        labels.add(label);
        lines.add(line);
      }
    } catch (BadLabel bad) {
      faults.add(new Fault(bad.kind(), file, line, who + ": " + bad.getMessage()));
    }
  }

  private Label label(int classIndex, double[] edges) {
    for (double edge : edges) {
      if (!Double.isFinite(edge)) {
        throw new BadLabel(FaultKind.NOT_A_NUMBER, "an edge of the box is not a finite number");
      }
    }
    if (!(edges[2] > edges[0]) || !(edges[3] > edges[1])) {
      throw new BadLabel(
          FaultKind.EMPTY_BOX,
          "box from (%s, %s) to (%s, %s): width and height must be positive"
              .formatted(plain(edges[0]), plain(edges[1]), plain(edges[2]), plain(edges[3])));
    }
    if (!(width > 0) || !(height > 0)) {
      throw new BadLabel(
          FaultKind.SIZE_DIFFERS,
          "the size of %s is unknown, so its boxes cannot be placed".formatted(image));
    }
    Label label =
        Label.ofEdges(
            classIndex, edges[0] / width, edges[1] / height, edges[2] / width, edges[3] / height);
    try {
      return LabelRules.inside(label, TOLERANCE_PIXELS / width, TOLERANCE_PIXELS / height);
    } catch (BadLabel bad) {
      throw new BadLabel(
          bad.kind() == FaultKind.NOT_NORMALISED ? FaultKind.OUTSIDE : bad.kind(),
          "box from (%s, %s) to (%s, %s) leaves the picture of %.0f x %.0f pixels"
              .formatted(
                  plain(edges[0]),
                  plain(edges[1]),
                  plain(edges[2]),
                  plain(edges[3]),
                  width,
                  height),
          bad);
    }
  }

  private static String plain(double number) {
    return number == Math.rint(number)
        ? String.valueOf((long) number)
        : String.format(java.util.Locale.ROOT, "%.2f", number);
  }

  /** What was collected. */
  Entry entry() {
    return new Entry(new Sample(image, labels, ignored, areas), Optional.of(file), lines, faults);
  }
}
