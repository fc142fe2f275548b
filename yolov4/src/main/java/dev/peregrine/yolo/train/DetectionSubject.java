package dev.peregrine.yolo.train;

import dev.peregrine.nn.Params;
import dev.peregrine.nn.train.NonFinite;
import dev.peregrine.nn.train.Progress;
import dev.peregrine.nn.train.Trainer;
import dev.peregrine.yolo.augment.LabelledImage;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.eval.CocoResult;
import dev.peregrine.yolo.run.RunGuard;
import dev.peregrine.yolo.run.Subject;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A detector: how its runs are measured, recorded and kept. */
final class DetectionSubject implements Subject {
  private static final String PRECISION = "class.ap";

  private final Map<String, String> metadata;
  private final @Nullable Validation validation;
  private final @Nullable WeightedOrder weights;
  private final RunRecord record;
  private final double[] precision;
  private @Nullable Evaluation last;
  private double[] losses = {};

  DetectionSubject(
      Path folder,
      Map<String, String> metadata,
      @Nullable Validation validation,
      @Nullable WeightedOrder weights,
      int classes) {
    this.metadata = metadata;
    this.validation = validation;
    this.weights = weights;
    this.record = new RunRecord(folder);
    this.precision = new double[classes];
  }

  @Nullable Evaluation lastEvaluation() {
    return last;
  }

  /** Draws the course of the run. */
  void draw() {
    record.draw();
  }

  @Override
  public Map<String, String> metadata() {
    return metadata;
  }

  @Override
  public String score() {
    return "0.1 AP50 + 0.9 AP";
  }

  @Override
  public String hopeless() {
    return "so the network finds nothing in the validation pictures: more epochs may be needed, or"
        + " './yolo data check' may say what is wrong with them";
  }

  @Override
  public boolean measures(int epoch) {
    return validation != null && validation.isDue(epoch);
  }

  @Override
  public double measure(Params averaged, int epoch) {
    if (validation == null) {
      throw new IllegalStateException("a run without validation pictures is not measured");
    }
    Validation.Measured measured = validation.run(averaged);
    CocoResult result = measured.evaluation().coco();
    last = measured.evaluation();
    losses = measured.losses();
    result.classes().forEach((index, scores) -> precision[index] = Math.max(0, scores.ap()));
    weigh();
    return 0.1 * result.ap50() + 0.9 * result.ap();
  }

  @Override
  public void record(Trainer<?> run, Progress progress, boolean measured) {
    record.epoch(progress, measured && last != null ? last.coco() : null, losses);
  }

  @Override
  public void begin(int epochsDone) {
    record.begin(epochsDone);
  }

  @Override
  public Map<String, String> state() {
    return Map.of(
        PRECISION,
        Arrays.stream(precision).mapToObj(Double::toString).collect(Collectors.joining(",")));
  }

  @Override
  public void restore(Map<String, String> texts) {
    String[] numbers = texts.getOrDefault(PRECISION, "").split(",", -1);
    if (numbers.length == precision.length && !numbers[0].isEmpty()) {
      Arrays.setAll(precision, c -> Double.parseDouble(numbers[c]));
    }
    weigh();
  }

  private void weigh() {
    if (weights != null) {
      weights.precision(precision);
    }
  }

  /**
   * The training pictures, of which a step that went wrong keeps what {@link Replay} needs.
   *
   * @param data the pictures
   * @param batches mini-batches of an epoch
   */
  record Pictures(DataSet data, int batches) implements RunGuard.Pictures<LabelledImage> {
    @Override
    public int size() {
      return data.size();
    }

    @Override
    public String name(int index) {
      return data.samples().get(index).image().getFileName().toString();
    }

    @Override
    public String keep(NonFinite<LabelledImage> found, Path folder) {
      new KeptBatch(found, batches).write(folder.resolve(Replay.BATCH));
      new RunPictures(folder, data.names()).trainBatch(0, found.whole());
      return "'./yolo train replay=" + folder + "' computes that step again";
    }
  }
}
