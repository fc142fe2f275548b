package dev.peregrine.bench.ladder;

/**
 * One way to compute the convolution.
 *
 * <p>Constructors take the {@link Problem} and may lay its filters out anew: a network does that
 * once, so it is not timed.
 */
interface Rung {
  /**
   * Computes.
   *
   * @param y receives the output {@code [height, width, out]}
   */
  void run(float[] y);
}
