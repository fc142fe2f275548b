package dev.peregrine.yolo.train;

import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.data.Sample;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import java.util.List;
import java.util.Locale;

/**
 * How well a network's anchors suit a data set where every anchor learns that differs from a truth
 * by less than a factor: as recipe {@code scaled} teaches.
 *
 * <p><b>Source</b> Scaled-YOLOv4's training code ({@code check_anchors}).
 *
 * @param boxes truths of the data set
 * @param recall share of them that some anchor learns: the best possible recall
 * @param anchors mean number of anchors that learn a truth
 */
public record AnchorRecall(long boxes, double recall, double anchors) {
  /** The recall under which other anchors are worth while. */
  public static final double LEAST = 0.98;

  /**
   * Compares a network's anchors with a data set.
   *
   * @param model the network
   * @param data the labels
   * @param size of the network's input, whose sides the labels are fractions of
   * @param ratio sides of an anchor that learns differ by less than this factor
   * @return the shares
   */
  public static AnchorRecall of(DetectionModel model, DataSet data, InputSize size, double ratio) {
    List<Anchor> used =
        model.heads().stream()
            .flatMap(head -> head.mask().stream().map(head.anchors()::get))
            .toList();
    long boxes = 0;
    long learned = 0;
    long pairs = 0;
    for (Sample sample : data.samples()) {
      for (Label label : sample.labels()) {
        double width = label.width() * size.width();
        double height = label.height() * size.height();
        long matching =
            used.stream()
                .filter(anchor ->
                    differ(anchor.width(), width) < ratio
                        && differ(anchor.height(), height) < ratio)
                .count();
        boxes++;
        learned += matching > 0 ? 1 : 0;
        pairs += matching;
      }
    }
    double all = Math.max(1, boxes);
    return new AnchorRecall(boxes, learned / all, pairs / all);
  }

  private static double differ(double a, double b) {
    return Math.max(a / b, b / a);
  }

  /**
   * Says what is wrong, if anything.
   *
   * @return one sentence, empty when nearly every truth is learned
   */
  public String warning() {
    return boxes == 0 || recall >= LEAST
        ? ""
        : String.format(
            Locale.ROOT,
            "only %.1f%% of %,d boxes are near enough to an anchor to be learned; train at a larger"
                + " imgsz or with other anchors",
            100 * recall,
            boxes);
  }
}
