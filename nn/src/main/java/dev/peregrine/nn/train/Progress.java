package dev.peregrine.nn.train;

import java.util.Map;

/**
 * Where a run stands.
 *
 * @param epoch the epoch, from 0
 * @param batch the next mini-batch of the epoch, from 0
 * @param iteration mini-batches done in the whole run
 * @param batches mini-batches of an epoch
 * @param epochs epochs of the run
 * @param rate learning rate of the last step
 * @param losses parts of the loss, mean per example of the last mini-batch
 * @param means parts of the loss, mean per example of the epoch so far
 * @param waited seconds for which the epoch stood still for want of examples; of a resumed one,
 *     since then
 */
public record Progress(
    int epoch,
    int batch,
    long iteration,
    int batches,
    int epochs,
    double rate,
    Map<String, Double> losses,
    Map<String, Double> means,
    double waited) {}
