package dev.peregrine.yolo.eval;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a ranked protocol says: the mean average precision, and counts at one confidence.
 *
 * @param map the mean of the categories' averages
 * @param classes by category id
 * @param confidence predictions above this score are counted below
 * @param truePositives objects found
 * @param falsePositives predictions that found nothing new
 * @param objects how many objects count
 * @param averageIou the mean over all counted predictions of the overlap with the object found; a
 *     false one adds zero
 */
public record RankedResult(
    double map,
    SortedMap<Integer, ClassResult> classes,
    double confidence,
    int truePositives,
    int falsePositives,
    int objects,
    double averageIou) {

  /**
   * The numbers of one category.
   *
   * @param name its name
   * @param ap average precision, 0 if there is no object
   * @param objects how many objects count
   * @param truePositives objects found at the confidence
   * @param falsePositives predictions at the confidence that found nothing new
   */
  public record ClassResult(
      String name, double ap, int objects, int truePositives, int falsePositives) {}

  /** Copies the map. */
  public RankedResult {
    classes = Collections.unmodifiableSortedMap(new TreeMap<>(classes));
  }

  /**
   * Objects not found at the confidence.
   *
   * @return their number
   */
  public int falseNegatives() {
    return objects - truePositives;
  }

  /**
   * The share of right predictions at the confidence.
   *
   * @return TP / (TP + FP), 0 without predictions
   */
  public double precision() {
    int all = truePositives + falsePositives;
    return all == 0 ? 0 : (double) truePositives / all;
  }

  /**
   * The share of objects found at the confidence.
   *
   * @return TP / objects, 0 without objects
   */
  public double recall() {
    return objects == 0 ? 0 : (double) truePositives / objects;
  }

  /**
   * The harmonic mean of precision and recall at the confidence.
   *
   * @return a number in [0, 1]
   */
  public double f1() {
    double sum = precision() + recall();
    return sum == 0 ? 0 : 2 * precision() * recall() / sum;
  }
}
