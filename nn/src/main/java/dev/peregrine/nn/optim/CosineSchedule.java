package dev.peregrine.nn.optim;

/**
 * Half a cosine over the epochs, after a warm-up: the schedule of Scaled-YOLOv4.
 *
 * <p><b>Formula</b> {@code rate = initial * ((1 + cos(pi * epoch / epochs)) / 2 * (1 - last) +
 * last)}, constant within an epoch. In the first {@code warmup} iterations rates and momentum go
 * linearly to their values: weights from 0, biases from 0.1.
 *
 * <p><b>Source</b> Wang, Bochkovskiy and Liao 2021, training code; Loshchilov and Hutter 2017.
 *
 * @param initial rate after the warm-up
 * @param last share of the initial rate that is left at the end
 * @param momentum after the warm-up
 * @param warmupMomentum at the start of the warm-up
 * @param warmup iterations of the warm-up
 * @param epochs epochs of the run
 * @param batchesPerEpoch iterations of an epoch
 */
public record CosineSchedule(
    double initial,
    double last,
    double momentum,
    double warmupMomentum,
    long warmup,
    int epochs,
    int batchesPerEpoch)
    implements Schedule {
  private static final double WARMUP_BIAS_RATE = 0.1;

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

  @Override
  public StepSize at(long iteration) {
    double epoch = Math.floorDiv(iteration, batchesPerEpoch);
    double rate = initial * ((1 + Math.cos(Math.PI * epoch / epochs)) / 2 * (1 - last) + last);
    if (iteration >= warmup) {
      return StepSize.of(rate, momentum);
    }
    double done = (double) iteration / warmup;
    return new StepSize(
        rate * done,
        WARMUP_BIAS_RATE + (rate - WARMUP_BIAS_RATE) * done,
        warmupMomentum + (momentum - warmupMomentum) * done);
  }
}
