package dev.peregrine.yolo.eval;

import dev.peregrine.yolo.eval.ErrorAnalysis.Cause;
import dev.peregrine.yolo.eval.ErrorAnalysis.Fault;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The faults of one picture.
 *
 * @param imageId the picture
 * @param claims its predictions with their outcome, by falling score
 * @param missed objects that nobody found or meant
 * @param counted the objects that count
 */
record SceneFaults(
    long imageId, List<Claim> claims, List<GroundTruth> missed, List<GroundTruth> counted) {

  /**
   * A prediction and what became of it.
   *
   * @param prediction what was claimed
   * @param outcome as {@link CocoMatcher} tells
   * @param cause of a false one, null of others
   * @param truth the object found or explained by, null for none
   * @param overlap with that object
   */
  record Claim(
      Prediction prediction,
      byte outcome,
      @Nullable Cause cause,
      @Nullable GroundTruth truth,
      double overlap) {}

  static SceneFaults of(Scene scene, double matchIou, double nearIou) {
    double[] threshold = {matchIou};
    List<Claim> claims = new ArrayList<>();
    List<GroundTruth> counted = scene.truths().stream().filter(g -> !g.crowd()).toList();
    for (Cell whole : Cell.ofOnePicture(scene).values()) {
      Cell cell = whole.limited(CocoEvaluator.MOST_PREDICTIONS);
      double[][] overlaps = cell.overlaps();
      CocoMatcher match = CocoMatcher.match(cell, overlaps, threshold, 0, Double.MAX_VALUE);
      for (int p = 0; p < cell.size(); p++) {
        Prediction prediction = cell.predictions().get(p);
        int taken = match.taken()[0][p];
        byte outcome = match.outcome()[0][p];
        claims.add(
            outcome == CocoMatcher.FALSE_POSITIVE
                ? explained(prediction, counted, matchIou, nearIou)
                : new Claim(
                    prediction,
                    outcome,
                    null,
                    taken < 0 ? null : cell.truths().get(taken),
                    taken < 0 ? 0 : overlaps[p][taken]));
      }
    }
    claims.sort(Comparator.comparingDouble(claim -> -claim.prediction().score()));
    return new SceneFaults(scene.imageId(), claims, missed(claims, counted), counted);
  }

  private static Claim explained(
      Prediction prediction, List<GroundTruth> truths, double matchIou, double nearIou) {
    GroundTruth same = null;
    GroundTruth other = null;
    double sameOverlap = 0;
    double otherOverlap = 0;
    for (GroundTruth truth : truths) {
      double overlap = Overlap.of(prediction, truth);
      if (truth.category() == prediction.category()) {
        if (overlap > sameOverlap) {
          sameOverlap = overlap;
          same = truth;
        }
      } else if (overlap > otherOverlap) {
        otherOverlap = overlap;
        other = truth;
      }
    }
    if (sameOverlap >= matchIou) {
      return wrong(prediction, Cause.DUPLICATE, same, sameOverlap);
    }
    if (otherOverlap >= matchIou) {
      return wrong(prediction, Cause.CLASS, other, otherOverlap);
    }
    if (sameOverlap >= nearIou) {
      return wrong(prediction, Cause.LOCALISATION, same, sameOverlap);
    }
    if (otherOverlap >= nearIou) {
      return wrong(prediction, Cause.CLASS_AND_PLACE, other, otherOverlap);
    }
    return wrong(prediction, Cause.BACKGROUND, null, 0);
  }

  private static Claim wrong(
      Prediction prediction, Cause cause, @Nullable GroundTruth truth, double overlap) {
    return new Claim(prediction, CocoMatcher.FALSE_POSITIVE, cause, truth, overlap);
  }

  /** Objects that were not found, and that no wrong place or class accounts for either. */
  private static List<GroundTruth> missed(List<Claim> claims, List<GroundTruth> counted) {
    Map<GroundTruth, Boolean> known = new IdentityHashMap<>();
    for (Claim claim : claims) {
      boolean accountsFor =
          claim.outcome() == CocoMatcher.TRUE_POSITIVE
              || claim.cause() == Cause.LOCALISATION
              || claim.cause() == Cause.CLASS;
      if (accountsFor && claim.truth() != null) {
        known.put(claim.truth(), true);
      }
    }
    return counted.stream().filter(truth -> !known.containsKey(truth)).toList();
  }

  /** The faults as users see them. */
  Stream<Fault> faults() {
    Stream<Fault> wrong =
        claims.stream()
            .flatMap(claim ->
                Stream.ofNullable(claim.cause())
                    .map(cause ->
                        new Fault(
                            cause,
                            imageId,
                            Optional.of(claim.prediction()),
                            Optional.ofNullable(claim.truth()),
                            claim.overlap())));
    return Stream.concat(
        wrong,
        missed.stream()
            .map(truth ->
                new Fault(Cause.MISSED, imageId, Optional.empty(), Optional.of(truth), 0)));
  }
}
