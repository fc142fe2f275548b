package dev.peregrine.nn.train;

import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * Everything a run consists of, so that it can go on with the same bits.
 *
 * @param params the model's numbers
 * @param average their moving average by path, empty for none
 * @param updates how often the average was updated
 * @param optimizer what the optimiser remembers, by path, or by a word, a stroke and a path; its
 *     own numbers by a word and a stroke
 * @param memory what layers keep between mini-batches, by path
 * @param position how far the run came
 */
public record TrainingState(
    List<Params.Entry> params,
    Map<String, Tensor> average,
    long updates,
    Map<String, Tensor> optimizer,
    Map<String, Tensor> memory,
    Position position) {

  /**
   * How far a run came.
   *
   * @param epoch the epoch, from 0
   * @param batch mini-batches done in it
   * @param iteration mini-batches done in the run
   * @param seed what the noise of the run's steps depends on
   * @param examples examples seen in the epoch
   * @param waiting examples whose gradients wait for the next optimiser step
   * @param rateShare factor of the schedule's rates, below 1 once the run had to be slowed down
   * @param sums sums of the parts of the loss in the epoch
   */
  public record Position(
      int epoch,
      int batch,
      long iteration,
      long seed,
      int examples,
      int waiting,
      double rateShare,
      Map<String, Double> sums) {}

  /**
   * The same state, from which the run goes on by shorter steps.
   *
   * @param share factor of the schedule's rates
   * @return the changed state
   */
  public TrainingState withRateShare(double share) {
    return new TrainingState(
        params,
        average,
        updates,
        optimizer,
        memory,
        new Position(
            position.epoch,
            position.batch,
            position.iteration,
            position.seed,
            position.examples,
            position.waiting,
            share,
            position.sums));
  }
}
