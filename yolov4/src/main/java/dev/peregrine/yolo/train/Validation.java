package dev.peregrine.yolo.train;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.yolo.Detector;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.model.DetectionModel;
import org.jspecify.annotations.Nullable;

/** Measures a network on pictures that it does not learn from. */
final class Validation {
  private static final int MOST_AT_ONCE = 8;

  private final DetectionModel model;
  private final DataSet data;
  private final Device device;
  private final TrainingSettings settings;
  private @Nullable EvaluationBatches batches;

  Validation(DetectionModel model, DataSet data, Device device, TrainingSettings settings) {
    this.model = model;
    this.data = data;
    this.device = device;
    this.settings = settings;
  }

  DataSet data() {
    return data;
  }

  /** Whether an epoch ends with a measurement; the last one does. */
  boolean isDue(int epoch) {
    return (epoch + 1) % settings.evaluateEvery() == 0 || epoch + 1 == settings.epochs();
  }

  /**
   * What was found, and the loss.
   *
   * @param evaluation the findings beside the truth
   * @param losses of a picture: in all, of boxes, objectness and classes
   */
  record Measured(Evaluation evaluation, double[] losses) {}

  Measured run(Params params) {
    Detector detector =
        Detector.of(model, params).on(device).names(data.names()).confidence(Evaluation.CONFIDENCE);
    ValidationLoss loss = new ValidationLoss(model, data, settings.recipe().loss(model));
    Evaluation evaluation = Evaluation.run(detector, data, batches(), _ -> {}, loss);
    return new Measured(evaluation, loss.means());
  }

  private EvaluationBatches batches() {
    EvaluationBatches known = batches;
    if (known == null) {
      int batch = Math.min(MOST_AT_ONCE, settings.batch());
      known =
          settings.rectangular()
              ? EvaluationBatches.rectangular(data, batch, settings.size(), model.maxStride())
              : EvaluationBatches.plain(data, batch, settings.size());
      batches = known;
    }
    return known;
  }
}
