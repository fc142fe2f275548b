package dev.peregrine.nn.train;

import dev.peregrine.autograd.Tape;
import dev.peregrine.nn.Moment;
import dev.peregrine.nn.Params;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A mini-batch after which a run cannot go on: its loss, gradients or new weights are infinite or
 * no numbers.
 *
 * @param <T> one example
 * @param what was found so: the loss, or an array by its path, and the number
 * @param first the first operation whose result is so; if all are finite, that of the largest one;
 *     null where it was not looked for
 * @param epoch the epoch, from 0
 * @param batch the mini-batch of it, from 0
 * @param moment where in the run it stands
 * @param part the examples that were computed together
 * @param whole all examples of the mini-batch
 */
public record NonFinite<T>(
    String what,
    @Nullable Origin first,
    int epoch,
    int batch,
    Moment moment,
    List<T> part,
    List<T> whole) {
  /**
   * Where numbers went wrong.
   *
   * @param layer path of the layer, empty for what comes before the first one
   * @param operation its operation
   * @param backward whether it is one of the derivatives
   * @param number what was found among its results
   */
  public record Origin(String layer, String operation, boolean backward, String number) {
    @Override
    public String toString() {
      return (backward ? "the gradients of " : "the output of ")
          + (layer.isEmpty() ? "the operations before the first layer" : "layer '" + layer + "'")
          + " ("
          + operation
          + " gives "
          + number
          + ")";
    }
  }

  /** Copies the lists. */
  public NonFinite {
    part = List.copyOf(part);
    whole = List.copyOf(whole);
  }

  /**
   * Computes a recorded step again.
   *
   * @param params the numbers of the network as they were
   * @param objective what was minimised
   * @param recorded what happened
   * @param <T> one example
   * @return what happens now, empty where all numbers are finite
   */
  public static <T> Optional<NonFinite<T>> again(
      Params params, Objective<T> objective, NonFinite<T> recorded) {
    params.training(true).moment(recorded.moment);
    Optional<String> fault = FiniteCheck.ofNumbers(params);
    if (fault.isEmpty()) {
      try (Tape tape = Tape.watching(params)) {
        Objective.Outcome outcome = objective.compute(params, tape, recorded.part, recorded.whole);
        fault =
            FiniteCheck.ofLoss(outcome.parts())
                .or(() -> FiniteCheck.ofGradients(params, outcome.gradients()));
      } finally {
        params.discard();
      }
    }
    Origin first = FiniteCheck.search(params, objective, recorded.part, recorded.whole);
    return fault.map(what ->
        new NonFinite<>(
            what,
            first,
            recorded.epoch,
            recorded.batch,
            recorded.moment,
            recorded.part,
            recorded.whole));
  }

  /** Returns what happened, in a part of a sentence that counts batches and epochs from 1. */
  @Override
  public String toString() {
    return "%s in batch %d of epoch %d (iteration %d)%s"
        .formatted(
            what, batch + 1, epoch + 1, moment.step(), first == null ? "" : ", first in " + first);
  }
}
