package dev.peregrine.yolo.head;

import dev.peregrine.tensor.shape.ShapeException;
import java.util.List;

/**
 * What the numbers of one detection head mean.
 *
 * <p><b>Shapes</b> the head's tensor is {@code [N, H, W, mask * (5 + classes)]}; the channels of
 * one anchor are x, y, w, h, objectness and one number a class.
 *
 * <p><b>Source</b> darknet's {@code [yolo]} section.
 *
 * @param classes how many classes
 * @param anchors the anchors of all heads together
 * @param mask which of them this head uses, in order
 * @param scaleXy how far a centre may leave its cell: {@code scale * logistic - (scale - 1) / 2}
 * @param newCoordinates whether the convolution before already applied the logistic function, and
 *     sizes are {@code (2 v)^2 * anchor} rather than {@code e^v * anchor}
 * @param training how the head is trained
 */
public record HeadSpec(
    int classes,
    List<Anchor> anchors,
    List<Integer> mask,
    double scaleXy,
    boolean newCoordinates,
    HeadTraining training) {

  /**
   * The size of a prior box.
   *
   * @param width pixels of the network's input
   * @param height pixels of the network's input
   */
  public record Anchor(double width, double height) {}

  /** Checks that the mask stays within the anchors. */
  public HeadSpec {
    anchors = List.copyOf(anchors);
    mask = List.copyOf(mask);
    for (int index : mask) {
      if (index < 0 || index >= anchors.size()) {
        throw new ShapeException(
            "head: mask "
                + mask
                + " names anchor "
                + index
                + " but there are "
                + anchors.size()
                + " anchors, from 0");
      }
    }
  }

  /**
   * Returns one of the head's own anchors.
   *
   * @param index its position in the mask
   * @return the anchor
   */
  public Anchor anchor(int index) {
    return anchors.get(mask.get(index));
  }

  /**
   * Returns the numbers that describe one box.
   *
   * @return 5 + classes
   */
  public int entries() {
    return 5 + classes;
  }

  /**
   * Returns the channels of the head's tensor.
   *
   * @return anchors of the mask times entries
   */
  public int channels() {
    return mask.size() * entries();
  }
}
