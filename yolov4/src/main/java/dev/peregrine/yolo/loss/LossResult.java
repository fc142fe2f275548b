package dev.peregrine.yolo.loss;

import dev.peregrine.tensor.Tensor;
import java.util.List;

/**
 * A loss, its parts, and its gradients by the heads; sums over the pictures of the batch.
 *
 * @param box weighted sum of 1 - overlap over responsible anchors
 * @param objectness weighted sum of cross entropies of the objectness
 * @param classes weighted sum of cross entropies of the classes
 * @param assigned pairs of a truth and a responsible anchor
 * @param overlap sum of their plain IoU
 * @param gradients the gradient by each head's tensor, of its shape and type
 */
public record LossResult(
    double box,
    double objectness,
    double classes,
    int assigned,
    double overlap,
    List<Tensor> gradients) {

  /** Copies the list of gradients. */
  public LossResult {
    gradients = List.copyOf(gradients);
  }

  /**
   * Returns the loss.
   *
   * @return the sum of its parts
   */
  public double total() {
    return box + objectness + classes;
  }

  /**
   * Returns how well the responsible anchors overlap their truths.
   *
   * @return the mean IoU, 0 when there was no truth
   */
  public double meanOverlap() {
    return assigned == 0 ? 0 : overlap / assigned;
  }
}
