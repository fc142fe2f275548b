package dev.peregrine.yolo.train;

import dev.peregrine.yolo.augment.LabelledImage;
import dev.peregrine.yolo.box.Box;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.data.Sample;
import dev.peregrine.yolo.eval.ConfidenceCurves;
import dev.peregrine.yolo.eval.ConfusionMatrix;
import dev.peregrine.yolo.eval.Prediction;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Images;
import dev.peregrine.yolo.plot.ConfusionPlot;
import dev.peregrine.yolo.plot.ContactSheet;
import dev.peregrine.yolo.plot.Curves;
import dev.peregrine.yolo.plot.LabelsPlot;
import dev.peregrine.yolo.plot.Mark;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The pictures of a run folder, under the names that users know from other programs.
 *
 * @param folder where they go
 * @param names one name a class
 */
public record RunPictures(Path folder, List<String> names) {
  private static final int TILES = 16;
  private static final int TILE = 320;
  private static final double SHOWN_SCORE = 0.25;

  /** Copies the names. */
  public RunPictures {
    names = List.copyOf(names);
  }

  /**
   * Draws {@code labels.png}: how many boxes of which class, where and how large.
   *
   * @param data the training data
   */
  public void labels(DataSet data) {
    List<Label> labels =
        data.samples().stream().flatMap(sample -> sample.labels().stream()).toList();
    LabelsPlot.draw(labels, names, folder.resolve("labels.png"));
  }

  /**
   * Draws {@code train_batch*.jpg}: what the network is shown.
   *
   * @param number of the batch
   * @param batch the augmented pictures
   */
  public void trainBatch(int number, List<LabelledImage> batch) {
    List<ContactSheet.Tile> tiles = new ArrayList<>();
    for (LabelledImage example : batch) {
      tiles.add(
          new ContactSheet.Tile("", example.image(), marks(example.labels(), example.image())));
    }
    sheet("train_batch" + number + ".jpg", tiles);
  }

  private List<Mark> marks(List<Label> labels, Image image) {
    return labels.stream()
        .map(label -> Mark.of(label, names.get(label.classIndex()), image.width(), image.height()))
        .toList();
  }

  /**
   * Draws the first pictures of an evaluation, {@code val_batch0_labels.jpg} and {@code
   * val_batch0_pred.jpg}.
   *
   * @param data the evaluated data
   * @param evaluation the findings
   */
  public void valBatch(DataSet data, Evaluation evaluation) {
    List<ContactSheet.Tile> truths = new ArrayList<>();
    List<ContactSheet.Tile> found = new ArrayList<>();
    for (int i = 0; i < Math.min(TILES, data.size()); i++) {
      Sample sample = data.samples().get(i);
      Image image = Images.read(sample.image());
      String title = sample.image().getFileName().toString();
      truths.add(new ContactSheet.Tile(title, image, marks(sample.labels(), image)));
      found.add(new ContactSheet.Tile(title, image, predicted(evaluation, i + 1L)));
    }
    sheet("val_batch0_labels.jpg", truths);
    sheet("val_batch0_pred.jpg", found);
  }

  private List<Mark> predicted(Evaluation evaluation, long id) {
    List<Mark> marks = new ArrayList<>();
    for (Prediction p : evaluation.predictions()) {
      if (p.imageId() == id && p.score() >= SHOWN_SCORE) {
        Box box = new Box((float) p.x1(), (float) p.y1(), (float) p.x2(), (float) p.y2());
        String text = names.get(p.category()) + String.format(Locale.ROOT, " %.2f", p.score());
        marks.add(new Mark(p.category(), text, p.score(), box));
      }
    }
    return marks;
  }

  /** Draws {@code attention.jpg}: the last picture that was altered, its heat and both. */
  void attention(AttentionMap map) {
    sheet(
        "attention.jpg",
        List.of(
            new ContactSheet.Tile("", map.picture(), List.of()),
            new ContactSheet.Tile("", map.heat(), List.of()),
            new ContactSheet.Tile("", map.blended(), List.of())));
  }

  private void sheet(String name, List<ContactSheet.Tile> tiles) {
    Images.write(folder.resolve(name), ContactSheet.of(tiles, TILES, TILE));
  }

  /**
   * Draws the curves and the confusion matrix of an evaluation.
   *
   * @param evaluation the findings
   */
  public void curves(Evaluation evaluation) {
    ConfidenceCurves curves =
        ConfidenceCurves.of(evaluation.annotations(), evaluation.predictions(), 0.5);
    Curves.precisionRecall(curves, folder.resolve("PR_curve.png"));
    Curves.f1(curves, folder.resolve("F1_curve.png"));
    Curves.precision(curves, folder.resolve("P_curve.png"));
    Curves.recall(curves, folder.resolve("R_curve.png"));
    ConfusionPlot.both(
        ConfusionMatrix.of(evaluation.annotations(), evaluation.predictions(), SHOWN_SCORE, 0.5),
        folder);
  }
}
