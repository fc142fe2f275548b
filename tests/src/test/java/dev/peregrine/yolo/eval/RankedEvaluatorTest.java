package dev.peregrine.yolo.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Pascal VOC, darknet, curves and confusion on cases worked out by hand. */
class RankedEvaluatorTest {
  private static final GroundTruth LEFT = GroundTruth.of(1, 1, 0, 0, 100, 100);
  private static final GroundTruth RIGHT = GroundTruth.of(1, 1, 200, 0, 300, 100);
  private static final Prediction ON_LEFT = new Prediction(1, 1, 0.9, 0, 0, 100, 100);
  private static final Prediction NOWHERE = new Prediction(1, 1, 0.8, 400, 0, 500, 100);
  private static final Prediction ON_RIGHT = new Prediction(1, 1, 0.7, 200, 0, 300, 100);

  private static Annotations scene(GroundTruth... truths) {
    return new Annotations(
        List.of(new Annotations.Picture(1, "", 640, 480)),
        new TreeMap<>(Map.of(1, "cat", 2, "dog")),
        List.of(truths));
  }

  private static double map(RankedProtocol protocol, Prediction... predictions) {
    return RankedEvaluator.evaluate(scene(LEFT, RIGHT), List.of(predictions), protocol, 0.25).map();
  }

  /**
   * Right, wrong, right of two objects: the envelope is 1 up to recall 1/2, then 2/3. Eleven
   * points: six (0 to 0.5) read 1, five read 2/3. Area: 1/2 * 1 + 1/2 * 2/3. The dog has no object:
   * VOC leaves it out of the mean, darknet counts it as zero.
   */
  @Test
  void theAveragesReadOneCurveDifferently() {
    Prediction[] three = {ON_LEFT, NOWHERE, ON_RIGHT};
    assertThat(map(RankedProtocol.voc07(), three)).isCloseTo((6 + 10 / 3.0) / 11, within(1e-12));
    assertThat(map(RankedProtocol.voc(), three)).isCloseTo(5 / 6.0, within(1e-12));
    assertThat(map(RankedProtocol.darknet(0, 0.5), three)).isCloseTo(5 / 12.0, within(1e-12));
    assertThat(map(RankedProtocol.darknet(11, 0.5), three))
        .isCloseTo((6 + 10 / 3.0) / 22, within(1e-12));
    assertThat(map(RankedProtocol.darknet(101, 0.5), three))
        .isCloseTo((51 + 100 / 3.0) / 202, within(1e-12));
    assertThatThrownBy(() -> RankedProtocol.darknet(7, 0.5)).hasMessageContaining("not 7");
  }

  /**
   * Boxes of width 100 and 50 on the same left edge: IoU exactly 1/2 (50 * 100 / 100 * 100).
   * Darknet asks for more than that. With inclusive corners they are 101 and 51 wide, 51/101 > 1/2.
   */
  @Test
  void theThresholdIsReachedOrExceeded() {
    Prediction half = new Prediction(1, 1, 0.9, 0, 0, 50, 100);
    assertThat(map(RankedProtocol.darknet(0, 0.5), half)).isEqualTo(0);
    assertThat(map(RankedProtocol.darknet(0, 0.4999), half)).isEqualTo(0.25);
    assertThat(map(RankedProtocol.voc(), half)).isEqualTo(0.5);
    assertThat(map(RankedProtocol.voc().withMatchIou(51 / 101.0 + 1e-9), half)).isEqualTo(0);
  }

  /**
   * Ten objects, of which three are found: recall 3/10. The fourth of eleven points lies at three
   * times the rounded 0.1, a hair above that, and is not reached: 3 of 11 (darknet's own numbers of
   * a class with five objects show the same).
   */
  @Test
  void pointsLieAtMultiplesOfTheRoundedStep() {
    List<GroundTruth> ten = new ArrayList<>();
    List<Prediction> three = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      ten.add(GroundTruth.of(1, 1, 50 * i, 0, 50 * i + 40, 40));
      if (i < 3) {
        three.add(new Prediction(1, 1, 0.9, 50 * i, 0, 50 * i + 40, 40));
      }
    }
    Annotations scene = scene(ten.toArray(new GroundTruth[0]));
    assertThat(RankedEvaluator.evaluate(scene, three, RankedProtocol.voc07(), 0.25).map())
        .isCloseTo(3 / 11.0, within(1e-12));
  }

  /** The second prediction of one object is false, even if the next object would do. */
  @Test
  void duplicatesAreFalse() {
    GroundTruth near = GroundTruth.of(1, 1, 10, 0, 110, 100); // IoU 90/110 with LEFT
    Prediction again = new Prediction(1, 1, 0.8, 4, 0, 104, 100); // nearer to LEFT: 96/104 > 94/106
    Annotations both = scene(LEFT, near);
    RankedResult r =
        RankedEvaluator.evaluate(both, List.of(ON_LEFT, again), RankedProtocol.voc(), 0.25);
    assertThat(r.truePositives()).isEqualTo(1);
    assertThat(r.falsePositives()).isEqualTo(1);
    assertThat(r.falseNegatives()).isEqualTo(1);
    assertThat(r.precision()).isEqualTo(0.5);
    assertThat(r.recall()).isEqualTo(0.5);
    assertThat(r.f1()).isEqualTo(0.5);
    assertThat(CocoEvaluator.evaluate(both, List.of(ON_LEFT, again)).ap50())
        .as("COCO gives it the free one")
        .isEqualTo(1);
  }

  /** Objects marked difficult are neither asked for nor held against whoever finds them. */
  @Test
  void difficultObjectsDoNotCount() {
    GroundTruth difficult = new GroundTruth(1, 1, 200, 0, 300, 100, 10_000, true);
    RankedResult r =
        RankedEvaluator.evaluate(
            scene(LEFT, difficult), List.of(ON_RIGHT, ON_LEFT), RankedProtocol.voc(), 0.25);
    assertThat(r.map()).isEqualTo(1);
    assertThat(r.objects()).isEqualTo(1);
    assertThat(r.falsePositives()).isEqualTo(0);
  }

  /**
   * Darknet counts in the order of the list: a prediction of 0.1 that comes first takes the object,
   * and the one of 0.9 is counted as false. Its average is not touched by that.
   */
  @Test
  void darknetCountsByArrival() {
    Prediction weak = new Prediction(1, 1, 0.1, 0, 0, 100, 100);
    RankedProtocol darknet = RankedProtocol.darknet(0, 0.5);
    RankedResult weakFirst =
        RankedEvaluator.evaluate(scene(LEFT), List.of(weak, ON_LEFT), darknet, 0.25);
    RankedResult strongFirst =
        RankedEvaluator.evaluate(scene(LEFT), List.of(ON_LEFT, weak), darknet, 0.25);
    assertThat(weakFirst.truePositives()).isEqualTo(0);
    assertThat(weakFirst.falsePositives()).isEqualTo(1);
    assertThat(strongFirst.truePositives()).isEqualTo(1);
    assertThat(strongFirst.averageIou()).isEqualTo(1);
    assertThat(weakFirst.map()).isEqualTo(strongFirst.map()).isEqualTo(0.5);
  }

  /**
   * Two cats, predictions 0.9 right, 0.8 wrong, 0.7 right. From confidence 0.801 to 0.9: P 1, R
   * 1/2, F1 2/3. At 0.8: P 1/2, R 1/2. Up to 0.7: P 2/3, R 1, F1 4/5, the best; that stretch is
   * points 0 to 700, its middle 0.35.
   */
  @Test
  void curvesFollowTheConfidence() {
    ConfidenceCurves curves =
        ConfidenceCurves.of(scene(LEFT, RIGHT), List.of(ON_LEFT, NOWHERE, ON_RIGHT), 0.5);
    assertThat(curves.classes()).as("the dog has no objects").hasSize(1);
    ConfidenceCurves.Curve cat = curves.classes().getFirst();
    assertThat(cat.name()).isEqualTo("cat");
    assertThat(cat.precision()[700]).isCloseTo(2 / 3.0, within(1e-12));
    assertThat(cat.recall()[700]).isEqualTo(1);
    assertThat(cat.f1()[700]).isCloseTo(0.8, within(1e-12));
    assertThat(cat.precision()[800]).isEqualTo(0.5);
    assertThat(cat.precision()[850]).isEqualTo(1);
    assertThat(cat.recall()[850]).isEqualTo(0.5);
    assertThat(cat.precision()[901]).as("nothing left").isEqualTo(1);
    assertThat(cat.recall()[901]).isEqualTo(0);
    assertThat(cat.bestConfidence()).isEqualTo(0.35);
    assertThat(cat.bestF1()).isCloseTo(0.8, within(1e-12));
    assertThat(cat.ap()).isCloseTo((51 + 100 / 3.0) / 101, within(1e-12));
    assertThat(curves.mean().f1()).isEqualTo(cat.f1());
  }

  /** A cat seen, a cat taken for a dog, a dog missed, and a cat where there is nothing. */
  @Test
  void confusionPairsAcrossCategories() {
    GroundTruth dog = GroundTruth.of(1, 2, 0, 200, 100, 300);
    Prediction confused = new Prediction(1, 2, 0.7, 200, 0, 300, 100);
    Prediction unsure = new Prediction(1, 2, 0.2, 0, 200, 100, 300);
    ConfusionMatrix m =
        ConfusionMatrix.of(
            scene(LEFT, RIGHT, dog), List.of(ON_LEFT, confused, NOWHERE, unsure), 0.25, 0.45);
    assertThat(m.names()).containsExactly("cat", "dog", "background");
    assertThat(m.counts()).isDeepEqualTo(new int[][] {{1, 0, 1}, {1, 0, 0}, {0, 1, 0}});
    assertThat(m.perActual()).isDeepEqualTo(new double[][] {{0.5, 0, 1}, {0.5, 0, 0}, {0, 1, 0}});
  }
}
