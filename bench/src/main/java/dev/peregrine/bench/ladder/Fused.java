package dev.peregrine.bench.ladder;

/**
 * Rung 7: bias and activation while the result is still at hand.
 *
 * <p>A pass of its own over the output reads and writes all of it again, for two operations a
 * number. Here the last step of {@link Winograd} applies them to a finished cell before it leaves
 * the first cache. For one layer and leaky ReLU that is a few percent; in a network it counts more,
 * with Mish for leaky ReLU, all cores waiting for the same memory, and all else three times as
 * fast.
 */
final class Fused implements Rung {
  private final Winograd winograd;

  /** Transforms the filters. */
  Fused(Problem problem) {
    winograd = new Winograd(problem, true);
  }

  @Override
  public void run(float[] y) {
    winograd.run(y);
  }
}
