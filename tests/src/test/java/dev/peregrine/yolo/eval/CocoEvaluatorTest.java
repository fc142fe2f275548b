package dev.peregrine.yolo.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.tensor.FormatException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Cases small enough to be worked out by hand; the working stands beside them. */
class CocoEvaluatorTest {

  /** One picture, category 1 "thing", with the given objects. */
  private static Annotations one(GroundTruth... truths) {
    return annotations(1, truths);
  }

  private static Annotations annotations(int pictures, GroundTruth... truths) {
    List<Annotations.Picture> list = new ArrayList<>();
    for (int id = 1; id <= pictures; id++) {
      list.add(new Annotations.Picture(id, id + ".png", 640, 480));
    }
    return new Annotations(list, new TreeMap<>(Map.of(1, "thing")), List.of(truths));
  }

  private static GroundTruth object(double x, double width) {
    return GroundTruth.of(1, 1, x, 0, x + width, 100);
  }

  private static Prediction claim(double score, double x, double width) {
    return new Prediction(1, 1, score, x, 0, x + width, 100);
  }

  @Test
  void aPerfectDetectorScoresOne() {
    CocoResult r =
        CocoEvaluator.evaluate(
            one(object(0, 50), object(200, 50)), List.of(claim(0.9, 0, 50), claim(0.8, 200, 50)));
    assertThat(r.ap()).isEqualTo(1);
    assertThat(r.number("AR100")).isEqualTo(1);
    assertThat(r.number("AR1")).as("one prediction finds one of two").isEqualTo(0.5);
    assertThat(r.number("APmedium")).as("both are 5,000 square pixels").isEqualTo(1);
    assertThat(r.number("APsmall")).as("there is no small object").isEqualTo(-1);
  }

  /**
   * Two objects; by falling score the predictions are right, wrong, right. Precision is 1, 1/2, 2/3
   * at recalls 1/2, 1/2, 1; the envelope is 1, 2/3, 2/3. Recalls 0..0.50 (51 of the 101) read 1,
   * the other 50 read 2/3: (51 + 50 * 2/3) / 101.
   */
  @Test
  void averagePrecisionIsTheMeanOfTheEnvelopeAt101Recalls() {
    CocoResult r =
        CocoEvaluator.evaluate(
            one(object(0, 50), object(200, 50)),
            List.of(claim(0.7, 200, 50), claim(0.9, 0, 50), claim(0.8, 400, 50)));
    assertThat(r.ap()).isCloseTo((51 + 50 * 2.0 / 3) / 101, within(1e-12));
  }

  /**
   * A box of width 80 inside one of width 100, same height: IoU 0.8, so seven of ten thresholds
   * (0.50 to 0.80) accept it.
   */
  @Test
  void everyThresholdReachedCounts() {
    CocoResult r = CocoEvaluator.evaluate(one(object(0, 100)), List.of(claim(0.9, 0, 80)));
    assertThat(r.ap50()).isEqualTo(1);
    assertThat(r.number("AP75")).isEqualTo(1);
    assertThat(r.ap()).isCloseTo(0.7, within(1e-12));
    assertThat(r.perThreshold().get("0.80")).isEqualTo(1);
    assertThat(r.perThreshold().get("0.85")).isEqualTo(0);
  }

  /**
   * Boxes as high as the object and 0.7 or 0.95 times as wide lie on a threshold but for rounding:
   * pycocotools takes the sum of both areas first, which leaves 0.6999999999999998 and
   * 0.9500000000000001, and so says 0.4 and 1.
   */
  @ParameterizedTest
  @CsvSource({"2.4, 0.7, 0.4", "4.5, 0.95, 1"})
  void boxesOnAThresholdFallOnTheSideOfPycocotools(double height, double width, double expected) {
    CocoResult r =
        CocoEvaluator.evaluate(
            one(GroundTruth.of(1, 1, 0, 0, 1, height)),
            List.of(new Prediction(1, 1, 0.9, 0, 0, width, height)));
    assertThat(r.ap()).isCloseTo(expected, within(1e-12));
  }

  /** A crowd is matched by overlap with the prediction alone, many times, and nobody is charged. */
  @Test
  void predictionsInsideACrowdAreLeftOut() {
    GroundTruth crowd = new GroundTruth(1, 1, 200, 0, 500, 100, 30_000, true);
    List<Prediction> predictions =
        List.of(claim(0.9, 210, 20), claim(0.8, 300, 20), claim(0.7, 0, 50), claim(0.6, 600, 20));
    CocoResult r = CocoEvaluator.evaluate(one(object(0, 50), crowd), predictions);
    assertThat(r.classes().get(1).truths()).isEqualTo(1);
    assertThat(r.ap()).as("the first counted prediction is right").isEqualTo(1);
  }

  /** A prediction never gives up an object that counts for a crowd that fits better. */
  @Test
  void objectsGoBeforeCrowds() {
    GroundTruth crowd = new GroundTruth(1, 1, 0, 0, 80, 100, 8_000, true);
    CocoResult r = CocoEvaluator.evaluate(one(crowd, object(0, 100)), List.of(claim(0.9, 0, 80)));
    assertThat(r.ap50()).isEqualTo(1);
  }

  /**
   * The object has 31 * 31 pixels (small). For "small" it counts; for "medium" it is ignorable, so
   * its prediction is left out, and the other one, of 40 * 40 pixels, is outside "small" and left
   * out there but false in "all".
   */
  @Test
  void sizeRangesLeaveOutWhatLiesOutside() {
    GroundTruth small = GroundTruth.of(1, 1, 0, 0, 31, 31);
    Prediction found = new Prediction(1, 1, 0.5, 0, 0, 31, 31);
    Prediction wrong = new Prediction(1, 1, 0.9, 100, 0, 140, 40);
    CocoResult r = CocoEvaluator.evaluate(one(small), List.of(found, wrong));
    assertThat(r.number("APsmall")).isEqualTo(1);
    assertThat(r.number("APmedium")).isEqualTo(-1);
    assertThat(r.ap()).as("right only second: precision 1/2").isCloseTo(0.5, within(1e-12));
  }

  /** Of two predictions with one score the first handed over goes first. */
  @Test
  void equalScoresKeepTheirOrder() {
    Annotations truth = one(object(0, 50));
    Prediction right = claim(0.5, 0, 50);
    Prediction wrong = claim(0.5, 300, 50);
    assertThat(CocoEvaluator.evaluate(truth, List.of(right, wrong)).ap()).isEqualTo(1);
    assertThat(CocoEvaluator.evaluate(truth, List.of(wrong, right)).ap())
        .isCloseTo(0.5, within(1e-12));
  }

  /** The 101st prediction of a picture is not looked at. */
  @Test
  void onlyAHundredPredictionsCount() {
    List<Prediction> predictions = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      predictions.add(claim(0.9, 300 + i, 10));
    }
    predictions.add(claim(0.1, 0, 50));
    assertThat(CocoEvaluator.evaluate(one(object(0, 50)), predictions).ap()).isEqualTo(0);
    predictions.removeFirst();
    assertThat(CocoEvaluator.evaluate(one(object(0, 50)), predictions).ap())
        .isCloseTo(0.01, within(1e-12));
  }

  @Test
  void nothingToFindHasNoAverage() {
    CocoResult r = CocoEvaluator.evaluate(one(), List.of(claim(0.9, 0, 50)));
    assertThat(r.ap()).isEqualTo(-1);
    assertThat(CocoEvaluator.evaluate(one(object(0, 50)), List.of()).ap()).isEqualTo(0);
  }

  @Test
  void theOrderOfCategoriesAndPicturesOfTheInputDoesNotMatter() {
    Random random = new Random(3);
    List<GroundTruth> truths = new ArrayList<>();
    List<Prediction> predictions = new ArrayList<>();
    for (int id = 1; id <= 20; id++) {
      for (int i = 0; i < 5; i++) {
        double x = random.nextInt(300);
        truths.add(GroundTruth.of(id, 1, x, x, x + 60, x + 40));
        double moved = x + random.nextInt(30);
        predictions.add(new Prediction(id, 1, random.nextDouble(), moved, x, moved + 60, x + 40));
      }
    }
    CocoResult first =
        CocoEvaluator.evaluate(annotations(20, truths.toArray(new GroundTruth[0])), predictions);
    Collections.shuffle(predictions, random);
    CocoResult second =
        CocoEvaluator.evaluate(annotations(20, truths.toArray(new GroundTruth[0])), predictions);
    assertThat(second).isEqualTo(first);
    assertThat(first.ap()).isBetween(0.1, 0.9);
  }

  @Test
  void predictionsOfUnknownPicturesAreRefused() {
    assertThatThrownBy(
            () -> CocoEvaluator.evaluate(one(), List.of(new Prediction(7, 1, 1, 0, 0, 1, 1))))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("picture 7");
    assertThatThrownBy(() -> CocoEvaluator.evaluate(one(), List.of(claim(Double.NaN, 0, 10))))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("not a number");
  }

  @Test
  void filesAreReadBackAsWritten(@TempDir Path folder) throws Exception {
    List<Prediction> predictions = List.of(claim(0.5, 3, 50), claim(0.25, 7.125, 8));
    Path results = folder.resolve("results.json");
    CocoJson.writePredictions(results, predictions);
    assertThat(CocoJson.readPredictions(results)).isEqualTo(predictions);
    assertThat(folder).isDirectoryContaining(p -> p.equals(results)).isNotEmptyDirectory();

    Path truth = folder.resolve("truth.json");
    Files.writeString(
        truth,
        """
        {"info": {"year": 2017},
         "images": [{"id": 9, "file_name": "a.jpg", "width": 64, "height": 48}],
         "annotations": [{"id": 1, "image_id": 9, "category_id": 3, "bbox": [1, 2, 3.5, 4],
                          "area": 12, "iscrowd": 1, "segmentation": [[1, 2, 3]]},
                         {"id": 2, "image_id": 9, "category_id": 3, "bbox": [0, 0, 2, 3]}],
         "categories": [{"id": 3, "name": "cup"}]}
        """);
    Annotations read = CocoJson.readAnnotations(truth);
    assertThat(read.pictures()).containsExactly(new Annotations.Picture(9, "a.jpg", 64, 48));
    assertThat(read.categories()).isEqualTo(Map.of(3, "cup"));
    assertThat(read.truths())
        .containsExactly(
            new GroundTruth(9, 3, 1, 2, 4.5, 6, 12, true), GroundTruth.of(9, 3, 0, 0, 2, 3));
  }

  @Test
  void badFilesAreNamedWithTheLine(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("bad.json");
    Files.writeString(
        file,
        """
        [{"image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1], "score": 0.5},
         {"image_id": 1, "category_id": 1, "bbox": [0, 0, 1], "score": 0.5}]
        """);
    assertThatThrownBy(() -> CocoJson.readPredictions(file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("bad.json:2: \"bbox\" must be [left, top, width, height]");
    Files.writeString(file, "[{\"image_id\": 1, ");
    assertThatThrownBy(() -> CocoJson.readPredictions(file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("bad.json:1: not valid JSON");
    Files.writeString(file, "{\"images\": []}");
    assertThatThrownBy(() -> CocoJson.readAnnotations(file))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("categories");
    assertThatThrownBy(() -> CocoJson.readAnnotations(folder.resolve("none.json")))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("none.json");
  }
}
