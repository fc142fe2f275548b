package dev.peregrine.yolo.evolve;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * What came of a training with certain numbers.
 *
 * @param fitness how good it was, more is better; what is not finite, as after a training that
 *     diverged, counts as 0
 * @param results further numbers for the table, by name
 */
public record Outcome(double fitness, SequencedMap<String, Double> results) {
  /** The share of AP at overlap 0.5 in the fitness; the rest is AP over all overlaps. */
  private static final double SHARE_OF_AP50 = 0.1;

  /** Copies the map. */
  public Outcome {
    fitness = Double.isFinite(fitness) ? fitness : 0;
    results = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(results));
  }

  /**
   * The outcome of training a detector.
   *
   * <p><b>Formula</b> fitness = 0.1 AP50 + 0.9 AP.
   *
   * <p><b>Source</b> ScaledYOLOv4 {@code fitness}.
   *
   * @param precision at the confidence that was chosen
   * @param recall at the same confidence
   * @param ap50 mean average precision at overlap 0.5
   * @param ap mean average precision over all overlaps
   * @param box loss of the boxes
   * @param obj loss of the objectness
   * @param cls loss of the classes
   * @return fitness and results in the order of family P's tables
   */
  public static Outcome ofDetector(
      double precision, double recall, double ap50, double ap, double box, double obj, double cls) {
    SequencedMap<String, Double> results = new LinkedHashMap<>();
    results.put("P", precision);
    results.put("R", recall);
    results.put("AP50", ap50);
    results.put("AP", ap);
    results.put("box_loss", box);
    results.put("obj_loss", obj);
    results.put("cls_loss", cls);
    return new Outcome(SHARE_OF_AP50 * ap50 + (1 - SHARE_OF_AP50) * ap, results);
  }
}
