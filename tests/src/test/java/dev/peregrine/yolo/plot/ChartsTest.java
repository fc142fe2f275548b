package dev.peregrine.yolo.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.tensor.FormatException;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.eval.Annotations;
import dev.peregrine.yolo.eval.ConfidenceCurves;
import dev.peregrine.yolo.eval.ConfusionMatrix;
import dev.peregrine.yolo.eval.ErrorAnalysis;
import dev.peregrine.yolo.eval.GroundTruth;
import dev.peregrine.yolo.eval.Prediction;
import dev.peregrine.yolo.image.Image;
import dev.peregrine.yolo.image.Images;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChartsTest {
  @TempDir private Path folder;

  /** Objects of {@code count} categories with a right and a wrong prediction each. */
  private static Annotations truth(int count, List<Prediction> predictions) {
    TreeMap<Integer, String> names = new TreeMap<>();
    List<GroundTruth> truths = new ArrayList<>();
    for (int c = 0; c < count; c++) {
      names.put(c, "class " + c / 2); // names occur twice
      truths.add(GroundTruth.of(1, c, 10 * c, 0, 10 * c + 9, 20));
      predictions.add(new Prediction(1, c, 0.3 + 0.01 * c, 10 * c, 0, 10 * c + 9, 20));
      predictions.add(new Prediction(1, c, 0.9 - 0.02 * c, 10 * c, 50, 10 * c + 9, 70));
    }
    return new Annotations(List.of(new Annotations.Picture(1, "", 400, 100)), names, truths);
  }

  private static int inked(Image image) {
    int inked = 0;
    for (int i = 0; i < image.rgb().length; i += 3) {
      inked += image.rgb()[i] + image.rgb()[i + 1] + image.rgb()[i + 2] < 2.9f ? 1 : 0;
    }
    return inked;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 30})
  void evaluationsOfAnyNumberOfClassesAreDrawn(int count) {
    List<Prediction> predictions = new ArrayList<>();
    Annotations truth = truth(Math.max(1, count), predictions);
    if (count == 0) {
      truth = new Annotations(truth.pictures(), truth.categories(), List.of());
    }
    ConfidenceCurves curves = ConfidenceCurves.of(truth, predictions, 0.5);
    Path file = folder.resolve("chart.png");
    Curves.precisionRecall(curves, file);
    assertThat(Images.read(file).width()).isEqualTo(1000);
    assertThat(inked(Images.read(file))).isGreaterThan(1000);
    Curves.f1(curves, file);
    Curves.precision(curves, file);
    Curves.recall(curves, file);
    assertThat(inked(Images.read(file))).isGreaterThan(1000);
    ConfusionPlot.shares(ConfusionMatrix.of(truth, predictions, 0.25, 0.45), file);
    assertThat(inked(Images.read(file))).isGreaterThan(1000);
    ConfusionPlot.counts(ConfusionMatrix.of(truth, predictions, 0.25, 0.45), file);
    assertThat(inked(Images.read(file))).isGreaterThan(1000);
    ErrorGallery.chart(ErrorAnalysis.of(truth, predictions, 0.5, 0.1, 0.25), file);
    assertThat(inked(Images.read(file))).isGreaterThan(1000);
  }

  /** A false box far right in a wide picture: its sheet shows that part of the picture alone. */
  @Test
  void theWorstErrorsAreCutOutOfTheirPictures() {
    TreeMap<Integer, String> names = new TreeMap<>();
    names.put(0, "cat");
    Annotations truth =
        new Annotations(
            List.of(new Annotations.Picture(7, "a.png", 400, 100)),
            names,
            List.of(GroundTruth.of(7, 0, 0, 0, 30, 30)));
    Image image = new Image(400, 100);
    for (int y = 0; y < 100; y++) {
      for (int x = 300; x < 400; x++) {
        image.rgb()[3 * (400 * y + x) + 2] = 1; // blue on the right, black on the left
      }
    }
    List<Path> files =
        ErrorGallery.sheets(
            ErrorAnalysis.of(
                truth, List.of(new Prediction(7, 0, 0.9, 340, 40, 380, 60)), 0.5, 0.1, 0.25),
            _ -> image,
            id -> id + ".png",
            _ -> "cat",
            folder);
    assertThat(files)
        .containsExactly(
            folder.resolve("errors_background.jpg"), folder.resolve("errors_missed.jpg"));
    assertThat(share(Images.read(files.get(0)), 0, 0, 1)).isGreaterThan(0.5);
    assertThat(share(Images.read(files.get(1)), 0, 0, 1)).isLessThan(0.01);
    assertThat(share(Images.read(files.get(1)), 0, 0, 0)).isGreaterThan(0.5);
  }

  private static double share(Image image, float red, float green, float blue) {
    int like = 0;
    for (int i = 0; i < image.rgb().length; i += 3) {
      float away =
          Math.abs(image.rgb()[i] - red)
              + Math.abs(image.rgb()[i + 1] - green)
              + Math.abs(image.rgb()[i + 2] - blue);
      like += away < 0.2 ? 1 : 0;
    }
    return 3.0 * like / image.rgb().length;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 9001})
  void labelsAreDrawn(int count) {
    List<Label> labels =
        IntStream.range(0, count)
            .mapToObj(i -> new Label(i % 3, i % 10 / 10.0, 0.5, 0.1 + i % 7 / 10.0, 0.2))
            .toList();
    Path file = folder.resolve("labels.png");
    LabelsPlot.draw(labels, List.of("a", "b", "quite a long name"), file);
    assertThat(Images.read(file).width()).isEqualTo(1120);
    assertThat(inked(Images.read(file))).isGreaterThan(1000);
  }

  /** Six columns, of which the time and the one that never changes are not drawn. */
  @Test
  void everyColumnThatChangesHasItsChart() throws Exception {
    Path csv = folder.resolve("results.csv");
    Files.writeString(
        csv,
        """
        epoch, time, train/box, constant, AP50, lr
        1, 10, 3.5, 7, , 0.01
        2, 20, 2.5, 7, 0.4, 0.005
        3, 30, nan, 7, 0.6, 0.001
        """);
    Path file = folder.resolve("results.png");
    ResultsPlot.draw(csv, file);
    Image image = Images.read(file);
    assertThat(image.width()).as("three charts in a row").isEqualTo(3 * 380);
    assertThat(image.height()).isEqualTo(290);
  }

  @Test
  void oneEpochIsDrawnAsPoints() throws Exception {
    Path csv = folder.resolve("results.csv");
    Files.writeString(csv, "epoch,time,train/box,AP50\n1,10,3.5,\n");
    Path file = folder.resolve("results.png");
    ResultsPlot.draw(csv, file);
    assertThat(Images.read(file).width()).isEqualTo(380);
    assertThat(inked(Images.read(file))).isGreaterThan(100);
  }

  @Test
  void badTablesAreNamedWithTheLine() throws Exception {
    Path csv = folder.resolve("results.csv");
    Path file = folder.resolve("results.png");
    Files.writeString(csv, "epoch,box\n1,2\n2\n");
    assertThatThrownBy(() -> ResultsPlot.draw(csv, file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("results.csv:3: 1 fields");
    Files.writeString(csv, "epoch,box\n");
    assertThatThrownBy(() -> ResultsPlot.draw(csv, file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("one of numbers");
    assertThatThrownBy(() -> ResultsPlot.draw(folder.resolve("none.csv"), file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("none.csv");
    assertThat(file).doesNotExist();
  }
}
