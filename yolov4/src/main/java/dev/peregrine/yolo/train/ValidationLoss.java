package dev.peregrine.yolo.train;

import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.yolo.Findings;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.image.ByteImage;
import dev.peregrine.yolo.image.Placement;
import dev.peregrine.yolo.loss.DetectionLoss;
import dev.peregrine.yolo.loss.LossResult;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import java.util.ArrayList;
import java.util.List;

/**
 * The loss on pictures that are not learned from, of the heads that their evaluation computes
 * anyway.
 */
final class ValidationLoss implements Evaluation.Watcher {
  private final DetectionModel model;
  private final DataSet data;
  private final DetectionLoss loss;
  private double box;
  private double objectness;
  private double classes;
  private int pictures;

  ValidationLoss(DetectionModel model, DataSet data, DetectionLoss loss) {
    this.model = model;
    this.data = data;
    this.loss = loss;
  }

  @Override
  public void seen(
      EvaluationBatches.Batch batch, List<ByteImage> images, List<Findings.Head> heads) {
    InputSize size = batch.size();
    List<Tensor> outputs = new ArrayList<>();
    for (int i = 0; i < heads.size(); i++) {
      Findings.Head head = heads.get(i);
      Shape shape =
          Shape.of(images.size(), head.height(), head.width(), model.heads().get(i).channels());
      outputs.add(Ops.on(Devices.cpu(), () -> Tensor.of(shape, head.numbers())));
    }
    List<List<Label>> truths = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      Placement placement =
          model
              .resize()
              .placement(
                  images.get(i).width(), images.get(i).height(), size.width(), size.height());
      truths.add(
          data.samples().get(batch.pictures().get(i)).labels().stream()
              .map(label -> shown(label, placement))
              .toList());
    }
    LossResult result = loss.compute(outputs, truths, size.height(), size.width());
    box += result.box();
    objectness += result.objectness();
    classes += result.classes();
    pictures += images.size();
  }

  /** A label in fractions of the network's input. */
  private static Label shown(Label label, Placement placement) {
    double left = placement.networkX(label.left());
    double right = placement.networkX(label.right());
    double top = placement.networkY(label.top());
    double bottom = placement.networkY(label.bottom());
    return new Label(
        label.classIndex(), (left + right) / 2, (top + bottom) / 2, right - left, bottom - top);
  }

  /** The loss of a picture, and its parts: box, objectness and classes. */
  double[] means() {
    return new double[] {
      (box + objectness + classes) / pictures,
      box / pictures,
      objectness / pictures,
      classes / pictures
    };
  }
}
