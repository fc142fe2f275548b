package dev.peregrine.yolo.eval;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The twelve COCO numbers, and those of every category.
 *
 * <p>A number that has no meaning because no true object falls under it is -1, as in the published
 * evaluation.
 *
 * @param numbers by name, in the usual order: {@code AP AP50 AP75 APsmall APmedium APlarge AR1 AR10
 *     AR100 ARsmall ARmedium ARlarge}
 * @param perThreshold average precision by match threshold, 0.50 to 0.95
 * @param classes by category id
 */
public record CocoResult(
    SequencedMap<String, Double> numbers,
    SequencedMap<String, Double> perThreshold,
    SortedMap<Integer, ClassResult> classes) {

  /**
   * The numbers of one category.
   *
   * @param name its name
   * @param truths how many objects count (no crowds)
   * @param ap average precision over ten thresholds
   * @param ap50 average precision at threshold 0.5
   * @param ap75 average precision at threshold 0.75
   * @param ar100 average recall with 100 predictions a picture
   */
  public record ClassResult(
      String name, int truths, double ap, double ap50, double ap75, double ar100) {}

  /** Copies the maps. */
  public CocoResult {
    numbers = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(numbers));
    perThreshold = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(perThreshold));
    classes = Collections.unmodifiableSortedMap(new TreeMap<>(classes));
  }

  /**
   * The headline: mean over ten thresholds and all categories.
   *
   * @return a number in [0, 1], or -1 if there are no objects
   */
  public double ap() {
    return number("AP");
  }

  /**
   * The mean average precision at threshold 0.5.
   *
   * @return a number in [0, 1], or -1 if there are no objects
   */
  public double ap50() {
    return number("AP50");
  }

  /**
   * One of the twelve numbers.
   *
   * @param name its key in {@link #numbers()}
   * @return the number
   */
  public double number(String name) {
    Double value = numbers.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "there is no COCO number '" + name + "'; there are " + numbers.keySet());
    }
    return value;
  }

  /**
   * The twelve numbers, one a line.
   *
   * @return text for people
   */
  public String toText() {
    StringBuilder text = new StringBuilder();
    for (Map.Entry<String, Double> entry : numbers.entrySet()) {
      text.append(
          entry.getValue() < 0
              ? String.format(
                  Locale.ROOT, "%-9s      -  (no objects to measure on)%n", entry.getKey())
              : String.format(Locale.ROOT, "%-9s %6.3f%n", entry.getKey(), entry.getValue()));
    }
    return text.toString();
  }
}
