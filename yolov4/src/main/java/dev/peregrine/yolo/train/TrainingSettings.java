package dev.peregrine.yolo.train;

import dev.peregrine.yolo.augment.Augmentation;
import dev.peregrine.yolo.augment.DarknetAugmentation;
import dev.peregrine.yolo.augment.DarknetSettings;
import dev.peregrine.yolo.loss.DarknetLoss;
import dev.peregrine.yolo.model.InputSize;

/**
 * Everything that a user may set of a run.
 *
 * @param size rows and columns of the network's input
 * @param epochs passes over the training pictures
 * @param batch pictures of a mini-batch
 * @param nominalBatch pictures between two optimiser steps, at least
 * @param rate learning rate after the warm-up
 * @param finalShare share of the rate that is left at the end of its half cosine
 * @param momentum share of the last step that is kept
 * @param decay weight decay
 * @param warmup iterations in which rate and momentum grow to their values
 * @param emaDecay share that the moving average keeps in the long run
 * @param emaHorizon updates until that share has grown to 63 percent
 * @param statisticsMomentum share of a new batch statistic in the running one
 * @param form which gradient the loss gives
 * @param augmentation how training pictures are changed
 * @param evaluateEvery epochs from one evaluation to the next
 * @param saveSeconds seconds from one saving to the next within an epoch; 0 saves after each step
 * @param seed of initial weights, order and augmentation
 */
public record TrainingSettings(
    InputSize size,
    int epochs,
    int batch,
    int nominalBatch,
    double rate,
    double finalShare,
    double momentum,
    double decay,
    long warmup,
    double emaDecay,
    double emaHorizon,
    double statisticsMomentum,
    DarknetLoss.Form form,
    Augmentation augmentation,
    int evaluateEvery,
    double saveSeconds,
    long seed) {

  /** Checks the ranges. */
  public TrainingSettings {
    require(epochs >= 1, "epochs", epochs, "at least 1");
    require(batch >= 1, "batch", batch, "at least 1");
    require(nominalBatch >= 1, "nominal batch", nominalBatch, "at least 1");
    require(rate > 0 && rate <= 1, "rate", rate, "above 0 and at most 1");
    require(finalShare > 0 && finalShare <= 1, "final share", finalShare, "above 0 and at most 1");
    require(momentum >= 0 && momentum < 1, "momentum", momentum, "0 or more and below 1");
    require(decay >= 0, "decay", decay, "0 or more");
    require(warmup >= 0, "warm-up", warmup, "0 or more");
    require(evaluateEvery >= 1, "evaluation interval", evaluateEvery, "at least 1");
    require(saveSeconds >= 0, "save interval", saveSeconds, "0 or more");
  }

  private static void require(boolean holds, String name, double value, String law) {
    if (!holds) {
      throw new IllegalArgumentException(
          "training: " + name + " is " + value + " but must be " + law);
    }
  }

  /**
   * The recipe of darknet's loss and augmentation for a run of some length, on a schedule that
   * suits runs of any length.
   *
   * @param size rows and columns of the network's input
   * @param epochs passes over the training pictures
   * @param batch pictures of a mini-batch
   * @param iterations mini-batches of the whole run, by which warm-up and moving average are
   *     measured
   * @return the settings
   */
  public static TrainingSettings darknet(InputSize size, int epochs, int batch, long iterations) {
    return new TrainingSettings(
        size,
        epochs,
        batch,
        batch,
        0.00261,
        0.05,
        0.9,
        0.0005,
        Math.min(1000, Math.max(10, iterations / 20)),
        // The average reaches back over a twentieth of the run, as 10,000 of a long run's steps do.
        Math.min(0.9999, 1 - 20.0 / Math.max(100, iterations)),
        Math.clamp(iterations / 50.0, 10, 2000),
        0.1,
        DarknetLoss.Form.DARKNET,
        new DarknetAugmentation(DarknetSettings.TINY.withMosaic(0.5)),
        1,
        60,
        0);
  }
}
