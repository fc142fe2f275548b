package dev.peregrine.nn.optim;

/**
 * Half a cosine over the epochs, after a warm-up: the schedule of Scaled-YOLOv4.
 *
 * <p><b>Formula</b> {@code share(epoch) = (1 + cos(pi * epoch / epochs)) / 2 * (1 - last) + last}.
 * In the first {@code warmup} iterations rates and momentum go linearly to their values: weights
 * from 0 to {@code initial * share(epoch)}, biases there from {@code warmupBias}. The epoch in
 * which the warm-up ends keeps its rate, and each later one has that of the epoch before it: so the
 * published loop does it.
 *
 * <p><b>Source</b> Wang, Bochkovskiy and Liao 2021, training code; Loshchilov and Hutter 2017.
 *
 * @param initial rate after the warm-up
 * @param last share of the initial rate that is left at the end
 * @param momentum after the warm-up
 * @param warmupMomentum at the start of the warm-up
 * @param warmupBias rate of biases at the start of the warm-up
 * @param warmup iterations of the warm-up
 * @param epochs epochs of the run
 * @param batchesPerEpoch iterations of an epoch
 */
public record CosineSchedule(
    double initial,
    double last,
    double momentum,
    double warmupMomentum,
    double warmupBias,
    long warmup,
    int epochs,
    int batchesPerEpoch)
    implements Schedule {
  /** Checks the ranges. */
  public CosineSchedule {
    if (epochs < 1 || batchesPerEpoch < 1) {
      throw new IllegalArgumentException(
          "learning rate: epochs "
              + epochs
              + " and batches of an epoch "
              + batchesPerEpoch
              + " must be at least 1");
    }
  }

  /**
   * Returns what is left of the initial rate.
   *
   * @param epoch the epoch, from 0
   * @return the share
   */
  public double share(long epoch) {
    return (1 + Math.cos(Math.PI * epoch / epochs)) / 2 * (1 - last) + last;
  }

  @Override
  public StepSize at(long iteration) {
    long epoch = Math.floorDiv(iteration, batchesPerEpoch);
    if (iteration >= warmup) {
      // The published loop moves its rate at the end of an epoch by the epoch that ends.
      long warm = Math.floorDiv(warmup, batchesPerEpoch);
      return StepSize.of(initial * share(Math.max(warm, epoch - 1)), momentum);
    }
    double rate = initial * share(epoch);
    double done = (double) iteration / warmup;
    return new StepSize(
        rate * done,
        warmupBias + (rate - warmupBias) * done,
        warmupMomentum + (momentum - warmupMomentum) * done);
  }
}
