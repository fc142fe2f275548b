package dev.peregrine.yolo.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Boxes that a formula draws, the same as in {@code golden/coco-eval/recipe.py}: keep the two in
 * step.
 */
final class FormulaBoxes {
  private static final int[] CATEGORIES = {1, 2, 4, 7, 9};
  private static final int[] WITH_UNLISTED = {1, 2, 4, 7, 9, 11};

  private final List<Annotations.Picture> pictures = new ArrayList<>();
  private final List<GroundTruth> truths = new ArrayList<>();
  private final List<Prediction> predictions = new ArrayList<>();
  private long count;

  private FormulaBoxes() {}

  static FormulaBoxes draw() {
    FormulaBoxes boxes = new FormulaBoxes();
    for (int k = 0; k < 60; k++) {
      boxes.picture(k);
    }
    return boxes;
  }

  Annotations annotations() {
    Map<Integer, String> names = new TreeMap<>();
    for (int id : CATEGORIES) {
      names.put(id, "class " + id);
    }
    return new Annotations(pictures, new TreeMap<>(names), truths);
  }

  List<Prediction> predictions() {
    return predictions;
  }

  /** The next whole number below n. */
  private int next(int n) {
    long z = ++count * 0x9E3779B97F4A7C15L;
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return (int) ((z ^ z >>> 31) >>> 40) % n;
  }

  private void picture(int k) {
    int image = 1000 - 7 * k;
    pictures.add(new Annotations.Picture(image, image + ".png", 640, 480));
    int first = truths.size();
    for (int n = next(6); n > 0; n--) {
      int category = CATEGORIES[next(4)];
      int kind = next(4);
      double w = kind == 0 ? 32 : kind == 1 ? 96 : (50 + next(2000)) / 10.0;
      double h = kind == 0 ? 32 : kind == 1 ? 96 : (80 + next(1500)) / 10.0;
      double x = next(4000) / 10.0;
      double y = next(2000) / 10.0;
      double area = next(3) == 0 ? w * h * 0.5 : w * h;
      truths.add(new GroundTruth(image, category, x, y, x + w, y + h, area, next(9) == 0, w * h));
    }
    for (GroundTruth truth : List.copyOf(truths.subList(first, truths.size()))) {
      for (int n = next(4); n > 0; n--) {
        copy(image, truth);
      }
    }
    int others = k % 20 == 5 ? 150 : k % 5 == 0 ? 30 : next(5);
    for (int n = 0; n < others; n++) {
      int category = k % 5 == 0 ? CATEGORIES[k / 5 % 4] : WITH_UNLISTED[next(6)];
      double x = next(4000) / 10.0;
      double y = next(2000) / 10.0;
      claim(image, category, x, y, (50 + next(2000)) / 10.0, (80 + next(1500)) / 10.0);
    }
  }

  private void copy(int image, GroundTruth truth) {
    // The width that was drawn, which the corners give back to a rounding error only.
    double w = Math.round((truth.x2() - truth.x1()) * 10) / 10.0;
    double h = Math.round((truth.y2() - truth.y1()) * 10) / 10.0;
    double x = truth.x1();
    double y = truth.y1();
    int category = truth.category();
    switch (next(6)) {
      case 1 -> w *= 0.5;
      case 2 -> w *= 0.75;
      case 3 -> x += next(300) / 10.0;
      case 4 -> category = CATEGORIES[next(5)];
      case 5 -> y += h * 0.25;
      default -> {
        // an exact copy
      }
    }
    claim(image, category, x, y, w, h);
  }

  private void claim(int image, int category, double x, double y, double w, double h) {
    double score = next(50) / 50.0;
    predictions.add(new Prediction(image, category, score, x, y, x + w, y + h, w * h));
  }
}
