package dev.peregrine.yolo.train;

import dev.peregrine.yolo.Detector;
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
import dev.peregrine.yolo.image.Picture;
import java.util.ArrayList;
import java.util.List;
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
    List<Annotations.Picture> pictures = new ArrayList<>();
    List<GroundTruth> truths = new ArrayList<>();
    List<Prediction> predictions = new ArrayList<>();
    for (int first = 0; first < data.size(); first += batch) {
      List<Sample> samples = data.samples().subList(first, Math.min(data.size(), first + batch));
      List<Picture> images = new ArrayList<>();
      for (Sample sample : samples) {
        ByteImage image = Images.readBytes(sample.image());
        images.add(image);
        long id = pictures.size() + 1L;
        pictures.add(
            new Annotations.Picture(
                id, sample.image().getFileName().toString(), image.width(), image.height()));
        sample.labels().forEach(l -> truths.add(truth(id, sample, l, image, false)));
        sample.ignored().forEach(l -> truths.add(truth(id, sample, l, image, true)));
      }
      List<List<Detection>> found = detector.detect(images);
      for (int i = 0; i < found.size(); i++) {
        for (Detection d : found.get(i)) {
          predictions.add(
              new Prediction(
                  first + i + 1L,
                  d.classIndex(),
                  d.score(),
                  d.box().x1(),
                  d.box().y1(),
                  d.box().x2(),
                  d.box().y2()));
        }
      }
      progress.accept(first + samples.size());
    }
    SortedMap<Integer, String> categories = new TreeMap<>();
    for (int c = 0; c < data.names().size(); c++) {
      categories.put(c, data.names().get(c));
    }
    return new Evaluation(new Annotations(pictures, categories, truths), predictions);
  }

  private static GroundTruth truth(
      long id, Sample sample, Label label, Picture image, boolean ignored) {
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
