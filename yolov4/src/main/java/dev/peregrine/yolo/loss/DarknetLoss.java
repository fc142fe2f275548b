package dev.peregrine.yolo.loss;

import dev.peregrine.tensor.Tensor;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.head.HeadSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Darknet's detection loss: every cell learns whether there is an object, and the anchors
 * responsible for a truth learn its box and class.
 *
 * <p>A truth falls into the cell of its centre; responsible there are the anchor of the most
 * similar shape among those of all heads and, if the IoU threshold is below 1, all others similar
 * enough. Anchors whose box overlaps a truth well without being responsible are left alone.
 *
 * <p><b>Formula</b> with z the numbers of a head and b their decoded box: {@code iou_normalizer *
 * (1 - CIoU(b, truth)) + obj_normalizer * BCE(z_obj, t) + BCE(z_class, one-hot)}. {@link
 * Form#EXACT} gives its gradient; {@link Form#DARKNET} gives what darknet's code adds to z,
 * negated, which treats x and y as if their logistic function were not there and deviates as {@link
 * DarknetBoxGradient} says.
 *
 * <p>A Gaussian head also learns how sure it is of each number of a box: {@code uc_normalizer}
 * times the error of {@link GaussianNumber} as a function of the spread, the number held constant.
 * With MSE its numbers learn by {@code iou_normalizer} times the same error, the spread held
 * constant.
 *
 * <p><b>Cost</b> one pass over the heads, for each cell and anchor one overlap with each truth of
 * the picture.
 *
 * <p><b>Source</b> Bochkovskiy, Wang and Liao 2020; AlexeyAB/darknet, {@code yolo_layer.c} and
 * {@code gaussian_yolo_layer.c}.
 */
public final class DarknetLoss implements DetectionLoss {
  /** Which gradient the loss gives. */
  public enum Form {
    /** What darknet's code computes. */
    DARKNET,
    /** The derivative of the stated loss. */
    EXACT
  }

  private final List<HeadSpec> heads;
  private final Form form;

  /**
   * Makes the loss of a network.
   *
   * @param heads its heads, in the order of its outputs
   * @param form which gradient it gives
   */
  public DarknetLoss(List<HeadSpec> heads, Form form) {
    this.heads = List.copyOf(heads);
    this.form = form;
  }

  @Override
  public LossResult compute(
      List<Tensor> outputs, List<List<Label>> truths, int netHeight, int netWidth) {
    HeadTensors.check(outputs, heads, truths.size());
    double box = 0;
    double objectness = 0;
    double classes = 0;
    int assigned = 0;
    double overlap = 0;
    List<Tensor> gradients = new ArrayList<>();
    for (int i = 0; i < heads.size(); i++) {
      Tensor output = outputs.get(i);
      HeadLoss head =
          new HeadLoss(
              heads.get(i), form, output.shape(), HeadTensors.numbers(output), netHeight, netWidth);
      for (int image = 0; image < truths.size(); image++) {
        head.add(image, truths.get(image));
      }
      box += head.box();
      objectness += head.objectness();
      classes += head.classes();
      assigned += head.assigned();
      overlap += head.overlap();
      gradients.add(HeadTensors.gradient(output, head::gradient));
    }
    return new LossResult(box, objectness, classes, assigned, overlap, gradients);
  }
}
