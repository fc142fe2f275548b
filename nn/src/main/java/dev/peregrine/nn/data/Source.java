package dev.peregrine.nn.data;

/**
 * The examples of a data set, ready for training.
 *
 * @param <T> one example
 */
public interface Source<T> {
  /**
   * Returns how many examples an epoch has.
   *
   * @return the count
   */
  int size();

  /**
   * Makes one example, with whatever randomness depends on the epoch and the index alone; called
   * from several threads.
   *
   * @param index which example
   * @param epoch which epoch
   * @return the example
   */
  T get(int index, long epoch);

  /**
   * What errors call an example.
   *
   * @param index which example
   * @return its number, or something better such as a file
   */
  default String name(int index) {
    return "example " + index;
  }

  /**
   * Makes one example for a certain batch, where batches differ in more than their examples.
   *
   * @param index which example
   * @param epoch which epoch
   * @param batch which batch of the epoch, from 0
   * @return the example; what {@link #get(int, long)} makes unless overridden
   */
  default T get(int index, long epoch, int batch) {
    return get(index, epoch);
  }

  /**
   * Makes one example once more in its epoch, for a batch that has more than its share.
   *
   * @param index which example
   * @param epoch which epoch
   * @param batch which batch of the epoch, from 0
   * @return the example, with other randomness where it has any
   */
  default T again(int index, long epoch, int batch) {
    return get(index, epoch, batch);
  }
}
