package dev.peregrine.yolo.eval;

import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Why a detector falls short: every wrong prediction and every missed object has a cause, and each
 * cause has its cost in average precision.
 *
 * <p>Predictions and objects are paired as COCO does it, at one overlap ({@code matchIou}); what is
 * left over is explained by the objects nearby ({@code nearIou}). Crowds explain nothing.
 *
 * <p><b>Source</b> the idea of D. Bolya et al., TIDE: A General Toolbox for Identifying Object
 * Detection Errors, 2020. Unlike there, a prediction that lies well on an object of another class
 * is a class error even if an object of its own class is nearby, and at most a hundred predictions
 * a picture and class are looked at.
 *
 * @param matchIou the overlap that makes a match
 * @param nearIou the least overlap with an object that a prediction may have meant
 * @param confidence faults are listed and counted for predictions above this score
 * @param ap the mean average precision at {@code matchIou}, -1 if there are no objects
 * @param faults by cause and within it the worst first: the highest score, the largest object
 * @param causes count and cost of each cause, in the order of {@link Cause}
 */
public record ErrorAnalysis(
    double matchIou,
    double nearIou,
    double confidence,
    double ap,
    List<Fault> faults,
    SequencedMap<Cause, Summary> causes) {

  /** What went wrong. */
  public enum Cause {
    /** Right class, but the box does not overlap the object enough. */
    LOCALISATION,
    /** The box lies well on an object of another class. */
    CLASS,
    /** Near an object of another class, and not well on it either. */
    CLASS_AND_PLACE,
    /** The object was found already by a prediction of a higher score. */
    DUPLICATE,
    /** There is nothing of the kind. */
    BACKGROUND,
    /** An object that nobody found or meant. */
    MISSED
  }

  /**
   * One thing that went wrong.
   *
   * @param cause why
   * @param imageId the picture
   * @param prediction the wrong prediction; empty for a missed object
   * @param truth the object that was meant, taken twice or missed; empty for the background
   * @param overlap of the two, 0 where one is absent
   */
  public record Fault(
      Cause cause,
      long imageId,
      Optional<Prediction> prediction,
      Optional<GroundTruth> truth,
      double overlap) {}

  /**
   * A cause in numbers.
   *
   * @param count faults above the confidence
   * @param gain how much the mean average precision would rise if all faults of this cause were put
   *     right, whatever their score: boxes moved onto their objects, classes exchanged, missed
   *     objects not asked for, all other predictions taken away
   */
  public record Summary(int count, double gain) {}

  /** Copies list and map. */
  public ErrorAnalysis {
    faults = List.copyOf(faults);
    causes = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(causes));
  }

  /**
   * Explains predictions.
   *
   * <p><b>Errors</b> {@link dev.peregrine.tensor.FormatException} for a prediction of a picture
   * that is not listed and for one that is not a number.
   *
   * @param annotations what is true
   * @param predictions what is claimed; those of unlisted categories are left out
   * @param matchIou the overlap that makes a match, usually 0.5
   * @param nearIou the least overlap that tells what was meant, usually 0.1
   * @param confidence predictions above this score are listed and counted, usually 0.25
   * @return the causes
   */
  public static ErrorAnalysis of(
      Annotations annotations,
      List<Prediction> predictions,
      double matchIou,
      double nearIou,
      double confidence) {
    if (!(nearIou > 0 && nearIou <= matchIou && matchIou <= 1)) {
      throw new IllegalArgumentException(
          "faults are explained by overlaps 0 < near <= match <= 1, got near "
              + nearIou
              + " and match "
              + matchIou);
    }
    List<Prediction> listed =
        predictions.stream()
            .filter(p -> annotations.categories().containsKey(p.category()))
            .toList();
    List<SceneFaults> all = explain(annotations, listed, matchIou, nearIou);
    List<Fault> faults =
        explain(
                annotations,
                listed.stream().filter(p -> p.score() > confidence).toList(),
                matchIou,
                nearIou)
            .stream()
            .flatMap(SceneFaults::faults)
            .sorted(
                Comparator.comparing(Fault::cause)
                    .thenComparing(Comparator.comparingDouble(ErrorAnalysis::weight).reversed()))
            .toList();
    Map<Cause, Integer> counts = new EnumMap<>(Cause.class);
    faults.forEach(fault -> counts.merge(fault.cause(), 1, Integer::sum));
    double ap = RepairedAverage.of(annotations, all, null);
    SequencedMap<Cause, Summary> causes = new LinkedHashMap<>();
    for (Cause cause : Cause.values()) {
      double gain = ap < 0 ? 0 : RepairedAverage.of(annotations, all, cause) - ap;
      causes.put(cause, new Summary(counts.getOrDefault(cause, 0), gain));
    }
    return new ErrorAnalysis(matchIou, nearIou, confidence, ap, faults, causes);
  }

  /**
   * The faults of one cause, the worst first.
   *
   * @param cause which
   * @return the faults
   */
  public List<Fault> of(Cause cause) {
    return faults.stream().filter(fault -> fault.cause() == cause).toList();
  }

  private static List<SceneFaults> explain(
      Annotations annotations, List<Prediction> predictions, double matchIou, double nearIou) {
    return Scene.of(annotations, predictions).parallelStream()
        .map(scene -> SceneFaults.of(scene, matchIou, nearIou))
        .toList();
  }

  private static double weight(Fault fault) {
    return fault
        .prediction()
        .map(Prediction::score)
        .or(() -> fault.truth().map(GroundTruth::boxArea))
        .orElse(0.0);
  }
}
