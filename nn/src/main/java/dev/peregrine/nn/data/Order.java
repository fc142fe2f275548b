package dev.peregrine.nn.data;

import java.util.SplittableRandom;

/** The order in which an epoch visits its examples. */
@FunctionalInterface
public interface Order {
  /**
   * Returns the examples of an epoch.
   *
   * @param size how many examples there are
   * @param epoch which epoch
   * @return as many indices, of which some may be missing and others occur several times
   */
  int[] of(int size, long epoch);

  /**
   * The examples as they come.
   *
   * @return the order
   */
  static Order asTheyCome() {
    return (size, _) -> {
      int[] order = new int[size];
      for (int i = 0; i < size; i++) {
        order[i] = i;
      }
      return order;
    };
  }

  /**
   * Each example once, in an order of its own each epoch.
   *
   * @param seed of the orders
   * @return the order
   */
  static Order shuffled(long seed) {
    return (size, epoch) -> {
      int[] order = asTheyCome().of(size, epoch);
      SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + epoch);
      for (int i = size - 1; i > 0; i--) {
        int j = random.nextInt(i + 1);
        int swap = order[i];
        order[i] = order[j];
        order[j] = swap;
      }
      return order;
    };
  }
}
