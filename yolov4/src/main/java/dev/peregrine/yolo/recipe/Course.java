package dev.peregrine.yolo.recipe;

import dev.peregrine.yolo.model.InputSize;

/**
 * The frame of a run, by which the parts of its recipe are measured.
 *
 * @param size rows and columns of the network's input
 * @param stride every input size is a multiple of this
 * @param epochs passes over the training pictures
 * @param batches mini-batches of an epoch
 * @param batch pictures of a mini-batch
 * @param seed of everything random
 */
public record Course(InputSize size, int stride, int epochs, int batches, int batch, long seed) {
  /**
   * Returns the length of the run.
   *
   * @return mini-batches of all epochs
   */
  public long iterations() {
    return (long) epochs * batches;
  }
}
