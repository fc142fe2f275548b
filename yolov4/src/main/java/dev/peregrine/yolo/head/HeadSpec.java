package dev.peregrine.yolo.head;

import dev.peregrine.tensor.shape.ShapeException;
import java.util.List;

/**
 * What the numbers of one detection head mean.
 *
 * <p><b>Shapes</b> the head's tensor is {@code [N, H, W, mask * entries]}; the channels of one
 * anchor are x, y, w, h, objectness and one number a class. A Gaussian head says how sure it is of
 * its box: x, y, w and h are each followed by a spread, the standard deviation of that number.
 *
 * <p><b>Source</b> darknet's {@code [yolo]} and {@code [Gaussian_yolo]} sections; Choi et al. 2019,
 * "Gaussian YOLOv3".
 *
 * @param classes how many classes
 * @param anchors the anchors of all heads together
 * @param mask which of them this head uses, in order
 * @param scaleXy how far a centre may leave its cell: {@code scale * logistic - (scale - 1) / 2}
 * @param newCoordinates whether the convolution before already applied the logistic function, and
 *     sizes are {@code (2 v)^2 * anchor} rather than {@code e^v * anchor}
 * @param gaussian whether each number of a box is followed by its spread
 * @param training how the head is trained
 */
public record HeadSpec(
    int classes,
    List<Anchor> anchors,
    List<Integer> mask,
    double scaleXy,
    boolean newCoordinates,
    boolean gaussian,
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
    if (gaussian && newCoordinates) {
      throw new ShapeException(
          "head: a Gaussian head has no new coordinates; its sizes are exponential");
    }
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
   * A head without spreads.
   *
   * @param classes how many classes
   * @param anchors the anchors of all heads together
   * @param mask which of them this head uses, in order
   * @param scaleXy how far a centre may leave its cell
   * @param newCoordinates whether the convolution before already applied the logistic function
   * @param training how the head is trained
   */
  public HeadSpec(
      int classes,
      List<Anchor> anchors,
      List<Integer> mask,
      double scaleXy,
      boolean newCoordinates,
      HeadTraining training) {
    this(classes, anchors, mask, scaleXy, newCoordinates, false, training);
  }

  /**
   * Returns the same head trained otherwise.
   *
   * @param other how it is trained
   * @return the new head
   */
  public HeadSpec with(HeadTraining other) {
    return new HeadSpec(classes, anchors, mask, scaleXy, newCoordinates, gaussian, other);
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
   * Returns where a number of the box stands among those of an anchor.
   *
   * @param side 0 to 3 for x, y, w and h
   * @return its position
   */
  public int place(int side) {
    return gaussian ? 2 * side : side;
  }

  /**
   * Returns where the spread of a number of the box stands, in a Gaussian head.
   *
   * @param side 0 to 3 for x, y, w and h
   * @return its position
   */
  public int spread(int side) {
    return 2 * side + 1;
  }

  /**
   * Returns where the objectness stands among the numbers of an anchor; those of the box come
   * before it, those of the classes after it.
   *
   * @return its position, 4 or 8
   */
  public int objectness() {
    return gaussian ? 8 : 4;
  }

  /**
   * Returns the numbers that describe one box.
   *
   * @return 5 + classes, or 9 + classes of a Gaussian head
   */
  public int entries() {
    return objectness() + 1 + classes;
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
