package dev.peregrine.yolo.loss;

import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.yolo.data.Label;
import java.util.List;

/** What the heads of a detector are taught, computed from their numbers. */
public interface DetectionLoss {
  /**
   * Computes the loss of a batch.
   *
   * <p><b>Shapes</b> each output {@code [N, H, W, anchors * (5 + classes)]}, f32 or f64.
   *
   * <p><b>Errors</b> {@link ShapeException} if outputs, heads and truths disagree in number,
   * channels or batch.
   *
   * @param outputs the numbers of the heads, as the network gives them
   * @param truths the labels of each picture
   * @param netHeight rows of the network's input
   * @param netWidth columns of the network's input
   * @return the loss and its gradients
   */
  LossResult compute(List<Tensor> outputs, List<List<Label>> truths, int netHeight, int netWidth);

  /**
   * Computes the share that a part of a batch has in the loss of the whole, so that the shares of
   * all parts add up.
   *
   * <p><b>Errors</b> as {@link #compute(List, List, int, int)}.
   *
   * @param outputs the numbers of the heads for the pictures of the part
   * @param truths the labels of each picture of the part
   * @param whole the labels of each picture of the batch
   * @param netHeight rows of the network's input
   * @param netWidth columns of the network's input
   * @return the share and its gradients
   */
  default LossResult compute(
      List<Tensor> outputs,
      List<List<Label>> truths,
      List<List<Label>> whole,
      int netHeight,
      int netWidth) {
    return compute(outputs, truths, netHeight, netWidth);
  }
}
