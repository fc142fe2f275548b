package dev.peregrine.yolo.train;

import dev.peregrine.yolo.Detector;
import dev.peregrine.yolo.Findings;
import dev.peregrine.yolo.box.Detection;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.data.Sample;
import dev.peregrine.yolo.eval.Annotations;
import dev.peregrine.yolo.eval.CocoEvaluator;
import dev.peregrine.yolo.eval.CocoResult;
import dev.peregrine.yolo.eval.GroundTruth;
import dev.peregrine.yolo.eval.Prediction;
import dev.peregrine.yolo.image.ByteImage;
import dev.peregrine.yolo.image.Images;
import dev.peregrine.yolo.model.InputSize;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntConsumer;

/**
 * A detector's findings on a data set, beside the truth.
 *
 * @param annotations the truth
 * @param predictions the findings
 */
public record Evaluation(Annotations annotations, List<Prediction> predictions) {
  /** The least score that an evaluation takes in, so that precision is known at every recall. */
  public static final double CONFIDENCE = 0.001;

  /** Copies the list. */
  public Evaluation {
    predictions = List.copyOf(predictions);
  }

  /**
   * Runs a detector over a data set.
   *
   * <p><b>Units</b> boxes in pixels of each picture; picture ids count from 1, categories are class
   * indices.
   *
   * @param detector of a low least score
   * @param data the pictures and their labels
   * @param batch pictures in one run of the network
   * @param progress is told after each batch how many pictures are done
   * @return the findings
   */
  public static Evaluation run(Detector detector, DataSet data, int batch, IntConsumer progress) {
    InputSize size = detector.settings().size();
    return run(detector, data, EvaluationBatches.plain(data, batch, size), progress);
  }

  /** Sees what the network says of each batch. */
  interface Watcher {
    /**
     * Sees one batch.
     *
     * @param batch which pictures, and at what size
     * @param images the pictures
     * @param heads the network's outputs
     */
    void seen(EvaluationBatches.Batch batch, List<ByteImage> images, List<Findings.Head> heads);
  }

  /**
   * Runs a detector over a data set in given batches.
   *
   * @param detector of a low least score
   * @param data the pictures and their labels
   * @param batches which pictures go together, and at what size
   * @param progress is told after each batch how many pictures are done
   * @return the findings, in the order of the data set whatever the batches
   */
  public static Evaluation run(
      Detector detector, DataSet data, EvaluationBatches batches, IntConsumer progress) {
    return run(detector, data, batches, progress, (_, _, _) -> {});
  }

  static Evaluation run(
      Detector detector,
      DataSet data,
      EvaluationBatches batches,
      IntConsumer progress,
      Watcher watcher) {
    Annotations.Picture[] pictures = new Annotations.Picture[data.size()];
    List<List<Detection>> found = new ArrayList<>(Collections.nCopies(data.size(), List.of()));
    Map<InputSize, Detector> sized = new HashMap<>();
    int done = 0;
    for (EvaluationBatches.Batch batch : batches.batches()) {
      List<ByteImage> images = new ArrayList<>();
      for (int i : batch.pictures()) {
        Path file = data.samples().get(i).image();
        ByteImage image = Images.readBytes(file);
        images.add(image);
        pictures[i] =
            new Annotations.Picture(
                i + 1L, file.getFileName().toString(), image.width(), image.height());
      }
      Findings findings = sized.computeIfAbsent(batch.size(), detector::size).findings(images);
      watcher.seen(batch, images, findings.heads());
      List<List<Detection>> here = findings.detections();
      for (int k = 0; k < here.size(); k++) {
        found.set(batch.pictures().get(k), here.get(k));
      }
      done += images.size();
      progress.accept(done);
    }
    SortedMap<Integer, String> categories = new TreeMap<>();
    for (int c = 0; c < data.names().size(); c++) {
      categories.put(c, data.names().get(c));
    }
    Annotations annotations =
        new Annotations(List.of(pictures), categories, truths(data, pictures));
    return new Evaluation(annotations, predictions(found));
  }

  private static List<GroundTruth> truths(DataSet data, Annotations.Picture[] pictures) {
    List<GroundTruth> truths = new ArrayList<>();
    for (int i = 0; i < pictures.length; i++) {
      long id = i + 1L;
      Annotations.Picture picture = pictures[i];
      Sample sample = data.samples().get(i);
      sample.labels().forEach(l -> truths.add(truth(id, sample, l, picture, false)));
      sample.ignored().forEach(l -> truths.add(truth(id, sample, l, picture, true)));
    }
    return truths;
  }

  private static List<Prediction> predictions(List<List<Detection>> found) {
    List<Prediction> predictions = new ArrayList<>();
    for (int i = 0; i < found.size(); i++) {
      for (Detection d : found.get(i)) {
        predictions.add(
            new Prediction(
                i + 1L,
                d.classIndex(),
                d.score(),
                d.box().x1(),
                d.box().y1(),
                d.box().x2(),
                d.box().y2()));
      }
    }
    return predictions;
  }

  private static GroundTruth truth(
      long id, Sample sample, Label label, Annotations.Picture image, boolean ignored) {
    return new GroundTruth(
        id,
        label.classIndex(),
        label.left() * image.width(),
        label.top() * image.height(),
        label.right() * image.width(),
        label.bottom() * image.height(),
        sample.area(label, image.width(), image.height()),
        ignored);
  }

  /**
   * Computes the twelve COCO numbers.
   *
   * @return the numbers
   */
  public CocoResult coco() {
    return CocoEvaluator.evaluate(annotations, predictions);
  }
}
