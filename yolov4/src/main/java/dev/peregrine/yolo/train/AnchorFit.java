package dev.peregrine.yolo.train;

import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.data.Sample;
import dev.peregrine.yolo.head.HeadSpec;
import dev.peregrine.yolo.head.HeadSpec.Anchor;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import java.util.List;

/**
 * How well a network's anchors suit a data set.
 *
 * <p>A truth is taught to the anchor of the most similar shape; where no head uses that anchor and
 * no other is similar enough, the truth is never learned.
 *
 * @param boxes truths of the data set
 * @param unreachable truths that no head is taught
 */
public record AnchorFit(long boxes, long unreachable) {
  /**
   * Compares a network's anchors with a data set.
   *
   * @param model the network
   * @param data the labels
   * @param size of the network's input, to which pictures are stretched
   * @return the counts
   */
  public static AnchorFit of(DetectionModel model, DataSet data, InputSize size) {
    long boxes = 0;
    long unreachable = 0;
    for (Sample sample : data.samples()) {
      for (Label label : sample.labels()) {
        boxes++;
        if (!reaches(model, label.width() * size.width(), label.height() * size.height())) {
          unreachable++;
        }
      }
    }
    return new AnchorFit(boxes, unreachable);
  }

  private static boolean reaches(DetectionModel model, double width, double height) {
    for (HeadSpec head : model.heads()) {
      List<Anchor> anchors = head.anchors();
      int best = 0;
      for (int a = 1; a < anchors.size(); a++) {
        if (similarity(anchors.get(a), width, height)
            > similarity(anchors.get(best), width, height)) {
          best = a;
        }
      }
      int chosen = best;
      double threshold = head.training().iouThreshold();
      if (head.mask().stream()
          .anyMatch(a -> a == chosen || similarity(anchors.get(a), width, height) > threshold)) {
        return true;
      }
    }
    return false;
  }

  private static double similarity(Anchor anchor, double width, double height) {
    double inter = Math.min(anchor.width(), width) * Math.min(anchor.height(), height);
    return inter / (anchor.width() * anchor.height() + width * height - inter);
  }

  /**
   * Says what is wrong, if anything.
   *
   * @return one sentence, empty when every truth is taught
   */
  public String warning() {
    if (unreachable == 0) {
      return "";
    }
    return "%,d of %,d boxes are most like an anchor that no head uses and will not be learned; train at a larger imgsz or with other anchors"
        .formatted(unreachable, boxes);
  }
}
