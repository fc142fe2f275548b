package dev.peregrine.yolo.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.yolo.eval.ErrorAnalysis.Cause;
import dev.peregrine.yolo.eval.ErrorAnalysis.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** One error of each cause, placed by hand; the working stands beside the numbers. */
class ErrorAnalysisTest {
  private static final int CAT = 1;
  private static final int DOG = 2;

  private static final GroundTruth CAT_FOUND = GroundTruth.of(1, CAT, 0, 0, 100, 100);
  private static final GroundTruth CAT_MISPLACED = GroundTruth.of(1, CAT, 200, 0, 300, 100);
  private static final GroundTruth DOG_CALLED_CAT = GroundTruth.of(1, DOG, 400, 0, 500, 100);
  private static final GroundTruth DOG_MISSED = GroundTruth.of(1, DOG, 0, 300, 50, 350);

  private static final Prediction FOUND = claim(CAT, 0.9, 0);
  private static final Prediction AGAIN = claim(CAT, 0.8, 10);
  private static final Prediction MISPLACED = claim(CAT, 0.7, 240); // IoU 60/140
  private static final Prediction CALLED_CAT = claim(CAT, 0.6, 400);
  private static final Prediction NOTHING = claim(CAT, 0.5, 800);
  private static final Prediction CAT_NEAR_DOG = claim(CAT, 0.4, 460); // IoU 40/160

  private static Prediction claim(int category, double score, double x) {
    return new Prediction(1, category, score, x, 0, x + 100, 100);
  }

  private static Annotations scene(GroundTruth... truths) {
    return new Annotations(
        List.of(new Annotations.Picture(1, "a.png", 1000, 400)),
        new TreeMap<>(Map.of(CAT, "cat", DOG, "dog")),
        List.of(truths));
  }

  private static final Annotations ALL =
      scene(CAT_FOUND, CAT_MISPLACED, DOG_CALLED_CAT, DOG_MISSED);
  private static final List<Prediction> EVERYTHING =
      List.of(FOUND, AGAIN, MISPLACED, CALLED_CAT, NOTHING, CAT_NEAR_DOG);

  private static ErrorAnalysis analysis(double confidence) {
    return ErrorAnalysis.of(ALL, EVERYTHING, 0.5, 0.1, confidence);
  }

  @Test
  void everyFaultHasItsCause() {
    ErrorAnalysis errors = analysis(0.25);
    assertThat(errors.faults())
        .containsExactly(
            fault(Cause.LOCALISATION, MISPLACED, CAT_MISPLACED, 60 / 140.0),
            fault(Cause.CLASS, CALLED_CAT, DOG_CALLED_CAT, 1),
            fault(Cause.CLASS_AND_PLACE, CAT_NEAR_DOG, DOG_CALLED_CAT, 40 / 160.0),
            fault(Cause.DUPLICATE, AGAIN, CAT_FOUND, 90 / 110.0),
            new Fault(Cause.BACKGROUND, 1, Optional.of(NOTHING), Optional.empty(), 0),
            new Fault(Cause.MISSED, 1, Optional.empty(), Optional.of(DOG_MISSED), 0));
    errors.causes().values().forEach(summary -> assertThat(summary.count()).isEqualTo(1));
    assertThat(errors.causes().keySet()).containsExactly(Cause.values());
  }

  private static Fault fault(Cause cause, Prediction p, GroundTruth g, double overlap) {
    return new Fault(cause, 1, Optional.of(p), Optional.of(g), overlap);
  }

  /**
   * Cats: right, then five wrong, of two objects: recall 1/2 at precision 1, so 51 of 101 points.
   * Dogs: none found of two. AP = 51/101/2.
   *
   * <p>Misplaced put right: cats right, wrong, right: points up to 1/2 read 1, the rest 2/3. Class
   * put right: the dog's prediction is right, one of two dogs: 51/101, cats as before. Nothing
   * gained by taking away what ranks below the only right one. Missed: one dog fewer is asked for,
   * still none found.
   */
  @Test
  void everyCauseHasItsCost() {
    ErrorAnalysis errors = analysis(0.25);
    double half = 51 / 101.0;
    assertThat(errors.ap()).isCloseTo(half / 2, within(1e-12));
    assertThat(gain(errors, Cause.LOCALISATION)).isCloseTo(50 * (2 / 3.0) / 101 / 2, within(1e-12));
    assertThat(gain(errors, Cause.CLASS)).isCloseTo(half / 2, within(1e-12));
    assertThat(gain(errors, Cause.DUPLICATE)).isCloseTo(0, within(1e-12));
    assertThat(gain(errors, Cause.BACKGROUND)).isCloseTo(0, within(1e-12));
    assertThat(gain(errors, Cause.CLASS_AND_PLACE)).isCloseTo(0, within(1e-12));
    assertThat(gain(errors, Cause.MISSED)).isCloseTo(0, within(1e-12));
  }

  private static double gain(ErrorAnalysis errors, Cause cause) {
    return Objects.requireNonNull(errors.causes().get(cause)).gain();
  }

  /** A false prediction before the right one costs half the precision; a missed object the rest. */
  @Test
  void whatRanksBeforeTheRightOneIsDear() {
    Prediction bold = claim(CAT, 0.95, 800);
    ErrorAnalysis errors =
        ErrorAnalysis.of(scene(CAT_FOUND, CAT_MISPLACED), List.of(bold, FOUND), 0.5, 0.1, 0.25);
    assertThat(errors.ap()).isCloseTo(0.5 * 51 / 101, within(1e-12));
    assertThat(gain(errors, Cause.BACKGROUND)).isCloseTo(0.5 * 51 / 101, within(1e-12));
    assertThat(gain(errors, Cause.MISSED)).isCloseTo(0.5 * 50 / 101, within(1e-12));
    assertThat(gain(ErrorAnalysis.of(scene(CAT_FOUND), List.of(), 0.5, 0.1, 0.25), Cause.MISSED))
        .as("nothing is left to be asked for")
        .isEqualTo(1);
  }

  /** Of two misplaced boxes at one object the better one is moved, the other taken away. */
  @Test
  void anObjectIsGivenOnce() {
    Prediction second = claim(CAT, 0.65, 245);
    ErrorAnalysis errors =
        ErrorAnalysis.of(scene(CAT_MISPLACED), List.of(MISPLACED, second), 0.5, 0.1, 0.25);
    assertThat(errors.of(Cause.LOCALISATION)).hasSize(2);
    assertThat(errors.ap()).isEqualTo(0);
    assertThat(gain(errors, Cause.LOCALISATION)).isEqualTo(1);
  }

  @Test
  void onlyFaultsAboveTheConfidenceAreListed() {
    ErrorAnalysis errors = analysis(0.75);
    assertThat(errors.faults())
        .extracting(Fault::cause)
        .as("the misplaced cat and the dog called a cat are missed now")
        .containsExactly(Cause.DUPLICATE, Cause.MISSED, Cause.MISSED, Cause.MISSED);
    assertThat(errors.faults().get(1).truth()).as("the largest first").contains(CAT_MISPLACED);
    assertThat(gain(errors, Cause.CLASS))
        .as("costs do not depend on the confidence")
        .isEqualTo(gain(analysis(0.25), Cause.CLASS));
  }

  @Test
  void crowdsAndUnlistedCategoriesAreNoFaults() {
    GroundTruth crowd = new GroundTruth(1, CAT, 700, 0, 1000, 100, 30_000, true);
    List<Prediction> predictions = new ArrayList<>(List.of(FOUND, NOTHING, claim(77, 0.9, 600)));
    ErrorAnalysis errors = ErrorAnalysis.of(scene(CAT_FOUND, crowd), predictions, 0.5, 0.1, 0.25);
    assertThat(errors.faults()).isEmpty();
    assertThat(errors.ap()).isEqualTo(1);
    assertThat(ErrorAnalysis.of(scene(), predictions, 0.5, 0.1, 0.25).ap()).isEqualTo(-1);
    assertThatThrownBy(() -> ErrorAnalysis.of(scene(), predictions, 0.5, 0.6, 0.25))
        .hasMessageContaining("0 < near <= match <= 1");
  }

  /** On boxes of all kinds the average before any repair is COCO's, and no repair lowers it. */
  @Test
  void theAverageIsCocos() {
    FormulaBoxes boxes = FormulaBoxes.draw();
    ErrorAnalysis errors =
        ErrorAnalysis.of(boxes.annotations(), boxes.predictions(), 0.5, 0.1, 0.25);
    assertThat(errors.ap())
        .isCloseTo(
            CocoEvaluator.evaluate(boxes.annotations(), boxes.predictions()).ap50(), within(1e-12));
    errors
        .causes()
        .forEach((cause, summary) -> {
          assertThat(summary.gain()).as(cause.name()).isGreaterThanOrEqualTo(0);
          assertThat(summary.count()).as(cause.name()).isPositive();
        });
    long wrong = errors.faults().stream().filter(f -> f.prediction().isPresent()).count();
    assertThat(wrong).isBetween(300L, 1056L);
  }
}
