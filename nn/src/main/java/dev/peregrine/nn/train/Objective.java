package dev.peregrine.nn.train;

import dev.peregrine.autograd.Adjoints;
import dev.peregrine.autograd.Tape;
import dev.peregrine.nn.Params;
import java.util.List;
import java.util.Map;

/**
 * What a training step minimises.
 *
 * @param <T> one example
 */
@FunctionalInterface
public interface Objective<T> {
  /**
   * The loss of a mini-batch.
   *
   * @param parts named parts of the loss for display, {@code loss} first; sums over the examples
   * @param gradients the gradients of that sum
   * @param examples how many examples it sums over
   */
  record Outcome(Map<String, Double> parts, Adjoints gradients, int examples) {}

  /**
   * Computes loss and gradients of a mini-batch on a tape.
   *
   * @param params the model's numbers, in training mode
   * @param tape the step's tape, still open
   * @param batch the examples
   * @return the loss
   */
  Outcome compute(Params params, Tape tape, List<T> batch);

  /**
   * Computes loss and gradients of a part of a mini-batch, such that those of all parts add up to
   * those of the whole; what layers do with statistics of a batch they do with those of the part.
   *
   * <p>A loss that is a sum over examples needs no other method than the first; one with a mean
   * over something else than examples must look at the whole.
   *
   * @param params the model's numbers, in training mode
   * @param tape the step's tape, still open
   * @param part some of the examples
   * @param whole all examples of the mini-batch
   * @return the share of the part in the loss of the whole
   */
  default Outcome compute(Params params, Tape tape, List<T> part, List<T> whole) {
    return compute(params, tape, part);
  }

  /**
   * Is told which examples come next while the device still works on the present ones, to bring
   * them there beside that work; see {@link Staged}.
   *
   * <p>Only a hint: other examples may come, and these may never.
   *
   * @param part what the next {@link #compute(Params, Tape, List, List)} will be given, the same
   *     examples
   */
  default void ahead(List<T> part) {}
}
