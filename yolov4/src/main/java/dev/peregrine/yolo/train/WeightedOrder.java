package dev.peregrine.yolo.train;

import dev.peregrine.nn.data.Order;
import dev.peregrine.yolo.data.DataSet;
import dev.peregrine.yolo.data.Label;
import dev.peregrine.yolo.data.Sample;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Pictures drawn with replacement, those of rare classes and of classes that are found badly more
 * often.
 *
 * <p><b>Formula</b> a picture weighs the sum over its objects of {@code (1 - AP)^2 / objects of the
 * class}, with AP of the last evaluation.
 *
 * <p><b>Source</b> Scaled-YOLOv4's training code ({@code image_weights}).
 */
final class WeightedOrder implements Order {
  private final DataSet data;
  private final long seed;
  private final double[] frequency;
  private volatile double[] precision;

  WeightedOrder(DataSet data, long seed) {
    this.data = data;
    this.seed = seed;
    this.frequency = new double[data.names().size()];
    this.precision = new double[frequency.length];
    for (Sample sample : data.samples()) {
      for (Label label : sample.labels()) {
        frequency[label.classIndex()]++;
      }
    }
  }

  /** Takes the average precision of each class; none at first. */
  void precision(double[] perClass) {
    precision = perClass.clone();
  }

  @Override
  public int[] of(int size, long epoch) {
    double[] classWeights = new double[frequency.length];
    double[] known = precision;
    for (int c = 0; c < classWeights.length; c++) {
      double missing = 1 - Math.clamp(known[c], 0, 1);
      classWeights[c] = missing * missing / Math.max(1, frequency[c]);
    }
    double[] upTo = new double[size];
    double sum = 0;
    for (int i = 0; i < size; i++) {
      for (Label label : data.samples().get(i).labels()) {
        sum += classWeights[label.classIndex()];
      }
      upTo[i] = sum;
    }
    if (!(sum > 0)) {
      return Order.shuffled(seed).of(size, epoch);
    }
    SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + epoch);
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      int found = Arrays.binarySearch(upTo, random.nextDouble() * sum);
      int at = found < 0 ? -found - 1 : found + 1;
      order[i] = Math.min(at, size - 1);
    }
    return order;
  }
}
