package dev.peregrine.bench.gpu;

import java.nio.file.Path;

/** One of those who race: an engine in one precision. */
interface Side extends AutoCloseable {
  /** What it is called in the report, such as {@code torch tf32}. */
  String name();

  /** Takes a network. */
  void load(Contest contest);

  /**
   * Computes the raw heads of the contest's picture, one after another.
   *
   * @param contest the network
   * @param folder for files on the way
   */
  float[] heads(Contest contest, Path folder);

  /**
   * Makes runs of one kind ready, and runs a few times.
   *
   * @param contest the network
   * @param kind what is run
   * @param batch pictures at once
   */
  void prepare(Contest contest, Kind kind, int batch);

  /**
   * Runs what was prepared for a while, each time until the device is done.
   *
   * @param seconds how long
   * @return the median time of a run in milliseconds
   */
  double turn(double seconds);

  /** Lets go of what was prepared, in all precisions of the engine. */
  @Override
  void close();

  /** What is timed. */
  enum Kind {
    /** From a picture on the device to raw heads there. */
    INFERENCE,
    /**
     * Forward with the statistics of the batch, the sum of squares of all heads, backward, and a
     * step of gradient descent with momentum and decay.
     */
    TRAINING;

    @Override
    public String toString() {
      return this == INFERENCE ? "inference" : "training";
    }
  }
}
