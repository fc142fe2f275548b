package dev.peregrine.yolo.loss;

import dev.peregrine.yolo.head.HeadSpec;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;

/**
 * What the anchors of one head are taught: by how much their numbers are to change, and the targets
 * of their cross entropies.
 *
 * <p>Every anchor learns its objectness; those few that learn a box or a class have an entry of
 * their own. An anchor is named by the index of its first number.
 */
final class HeadLessons {
  /**
   * What one anchor learns besides its objectness.
   *
   * @param delta what is added to its numbers
   * @param target of cross entropies, NaN where a number is left alone
   */
  record Lesson(double[] delta, double[] target) {}

  /** Takes the numbers of a gradient. */
  @FunctionalInterface
  interface Sink {
    /**
     * Takes a number.
     *
     * @param index where it belongs
     * @param value the number
     */
    void put(int index, double value);
  }

  private final HeadSpec spec;
  private final IntToDoubleFunction raw;
  private final int entries;
  private final double[] objectDelta;
  private final double[] objectTarget;
  private final TreeMap<Integer, Lesson> lessons = new TreeMap<>();

  HeadLessons(HeadSpec spec, IntToDoubleFunction raw, int anchors) {
    this.spec = spec;
    this.raw = raw;
    this.entries = spec.entries();
    this.objectDelta = new double[anchors];
    this.objectTarget = new double[anchors];
    Arrays.fill(objectTarget, Double.NaN);
  }

  /** Returns the lesson of an anchor, an empty one at first. */
  Lesson of(int at) {
    return lessons.computeIfAbsent(
        at,
        _ -> {
          double[] target = new double[entries];
          Arrays.fill(target, Double.NaN);
          return new Lesson(new double[entries], target);
        });
  }

  void teachObjectness(int at, double target, double delta) {
    objectTarget[at / entries] = target;
    objectDelta[at / entries] = delta;
  }

  void leaveObjectness(int at) {
    teachObjectness(at, Double.NaN, 0);
  }

  double objectnessDelta(int at) {
    return objectDelta[at / entries];
  }

  /** Divides what boxes learn by the number of classes that taught them. */
  void shareBoxDeltas(int from, int to) {
    lessons
        .subMap(from, to)
        .forEach((at, lesson) -> {
          int classes = 0;
          for (int i = spec.objectness() + 1; i < entries; i++) {
            if (lesson.delta()[i] > 0) {
              classes++;
            }
          }
          if (objectnessDelta(at) != 0 && classes > 0) {
            for (int i = 0; i < spec.objectness(); i++) {
              lesson.delta()[i] /= classes;
            }
          }
        });
  }

  /** Sums the cross entropies of the objectness. */
  double objectness() {
    double sum = 0;
    for (int anchor = 0; anchor < objectTarget.length; anchor++) {
      sum += crossEntropy(anchor * entries + spec.objectness(), objectTarget[anchor]);
    }
    return sum;
  }

  /** Sums the cross entropies of the classes. */
  double classes() {
    double sum = 0;
    for (Map.Entry<Integer, Lesson> lesson : lessons.entrySet()) {
      for (int i = spec.objectness() + 1; i < entries; i++) {
        sum += crossEntropy(lesson.getKey() + i, lesson.getValue().target()[i]);
      }
    }
    return sum;
  }

  /**
   * With new coordinates the logistic function belongs to the layer before, so numbers are
   * probabilities already.
   */
  private double crossEntropy(int index, double target) {
    if (Double.isNaN(target)) {
      return 0;
    }
    double number = raw.applyAsDouble(index);
    double z = spec.newCoordinates() ? logit(number) : number;
    return Math.max(z, 0) - z * target + Math.log1p(Math.exp(-Math.abs(z)));
  }

  static double logit(double probability) {
    double p = Math.clamp(probability, 1e-12, 1 - 1e-12);
    return Math.log(p / (1 - p));
  }

  /** Gives the gradient, which points uphill, where it is not 0. */
  void gradient(boolean exact, Sink sink) {
    for (int anchor = 0; anchor < objectDelta.length; anchor++) {
      put(sink, exact, anchor * entries, spec.objectness(), objectDelta[anchor]);
    }
    lessons.forEach((at, lesson) -> {
      for (int i = 0; i < entries; i++) {
        if (i != spec.objectness()) {
          put(sink, exact, at, i, lesson.delta()[i]);
        }
      }
    });
  }

  private void put(Sink sink, boolean exact, int at, int entry, double delta) {
    double slope = -delta;
    if (exact && spec.newCoordinates() && entry >= spec.objectness() && slope != 0) {
      // The cross entropy is taught on the logit; the head's number is the probability itself.
      double number = raw.applyAsDouble(at + entry);
      slope /= Math.max(1e-12, number * (1 - number));
    }
    sink.put(at + entry, slope);
  }
}
