package dev.peregrine.yolo.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.yolo.Detector;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.data.Sample;
import dev.peregrine.yolo.data.Split;
import dev.peregrine.yolo.demo.ShapesDataSet;
import dev.peregrine.yolo.image.Images;
import dev.peregrine.yolo.loss.LossResult;
import dev.peregrine.yolo.loss.ScaledLoss;
import dev.peregrine.yolo.model.DetectionModel;
import dev.peregrine.yolo.model.InputSize;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ValidationLossTest {
  @TempDir Path folder;

  /** The heads of an evaluation lose as much as those of all pictures at once. */
  @Test
  void isTheLossOfThePicturesByThemselves() {
    Path file = new ShapesDataSet(3, 2, 64, 5).write(folder.resolve("data"));
    DataSet data = DataSet.load(file, Split.TRAIN);
    InputSize size = InputSize.square(64);
    DetectionModel model = Models.named("yolov4-tiny@0.1", data.names().size()).withInputSize(size);
    Params params = Models.initialize(model, 1);
    params.training(false);
    ScaledLoss loss = new ScaledLoss(model.heads(), ScaledLoss.Settings.PUBLISHED);

    float[] pixels = new float[data.size() * 64 * 64 * 3];
    List<List<Label>> truths = new ArrayList<>();
    for (int i = 0; i < data.size(); i++) {
      Sample sample = data.samples().get(i);
      System.arraycopy(Images.read(sample.image()).rgb(), 0, pixels, i * 64 * 64 * 3, 64 * 64 * 3);
      truths.add(sample.labels());
    }
    List<Tensor> heads =
        Ops.on(
            Devices.cpu(),
            () -> model.forward(params, Tensor.of(Shape.of(data.size(), 64, 64, 3), pixels)));
    LossResult whole = loss.compute(heads, truths, 64, 64);
    Detector detector = Detector.of(model, params).names(data.names()).on(Devices.cpu());
    double[] together = means(model, data, loss, detector, 3);
    assertThat(together[0]).isCloseTo(whole.total() / data.size(), within(1e-3));
    assertThat(together[1]).isCloseTo(whole.box() / data.size(), within(1e-4));
    assertThat(together[2]).isCloseTo(whole.objectness() / data.size(), within(1e-3));
    assertThat(together[3]).isCloseTo(whole.classes() / data.size(), within(1e-3));

    // A mean over cells times pictures does not depend on batches, those over matches do.
    double[] inBatches = means(model, data, loss, detector, 2);
    assertThat(inBatches[2]).isCloseTo(together[2], within(1e-2));
    assertThat(inBatches[0]).isCloseTo(inBatches[1] + inBatches[2] + inBatches[3], within(1e-9));
  }

  private static double[] means(
      DetectionModel model, DataSet data, ScaledLoss loss, Detector detector, int batch) {
    ValidationLoss watcher = new ValidationLoss(model, data, loss);
    EvaluationBatches batches = EvaluationBatches.plain(data, batch, InputSize.square(64));
    Evaluation.run(detector, data, batches, _ -> {}, watcher);
    return watcher.means();
  }
}
