package dev.peregrine.autograd;

import dev.peregrine.tensor.Tensor;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What layers may ask of the tape that records them, if one does: to forget the inside of a passage
 * and compute it again, and to take a derivative that is not that of the operations.
 *
 * <p>Without a tape, when a network only runs or is traced, the code simply runs.
 */
public final class Recording {
  private static final ScopedValue<Recorder> RECORDER = ScopedValue.newInstance();

  private Recording() {}

  /** The derivative of a function of tensors. */
  @FunctionalInterface
  public interface Derivative {
    /**
     * Continues the chain of derivatives.
     *
     * @param inputs of the function
     * @param outputs what it gave
     * @param dy the gradient of the loss by its first output; others are not differentiated
     * @return the gradient by each input, null where it is 0
     */
    List<@Nullable Tensor> of(List<Tensor> inputs, List<Tensor> outputs, Tensor dy);
  }

  /** Runs code that a recorder records. */
  static <T> T by(Recorder recorder, Supplier<T> code) {
    return ScopedValue.where(RECORDER, recorder).call(code::get);
  }

  /**
   * Computes something of which a tape keeps the result alone: going backward it computes the
   * passage once more, and differentiates that.
   *
   * <p>The gradients have the same bits as if everything had been kept. The code must give the same
   * numbers both times: random masks by seed and step do, and so do batch statistics, whose effect
   * on the running ones waits for the end of the step.
   *
   * <p><b>Cost</b> one more forward pass of the passage; its inside takes memory only while it is
   * computed and differentiated. Passages may hold passages.
   *
   * <p><b>Source</b> Chen et al. 2016, "Training deep nets with sublinear memory cost".
   *
   * @param body the passage
   * @return its result
   */
  public static Tensor recomputed(Supplier<Tensor> body) {
    return allRecomputed(() -> List.of(body.get())).getFirst();
  }

  /**
   * Computes several results of a passage as {@link #recomputed} does one.
   *
   * @param body the passage
   * @return its results
   */
  public static List<Tensor> allRecomputed(Supplier<List<Tensor>> body) {
    return RECORDER.isBound() ? RECORDER.get().recomputed(body) : body.get();
  }

  /**
   * Computes a function whose derivative is told, since it depends on more than the numbers here,
   * or costs less than that of its operations.
   *
   * @param inputs all tensors that have a gradient through the function
   * @param forward the function; what it makes on the way to its results is forgotten
   * @param derivative its derivative
   * @return its results, of which the first one is differentiated
   */
  public static List<Tensor> differentiated(
      List<Tensor> inputs, Supplier<List<Tensor>> forward, Derivative derivative) {
    return RECORDER.isBound()
        ? RECORDER.get().differentiated(inputs, forward, derivative)
        : forward.get();
  }

  /**
   * Gives a tensor's numbers as a constant, so that no gradient reaches what it was made of.
   *
   * @param x a tensor, outside of any passage that is recomputed
   * @return a copy while a tape records, else the tensor itself
   */
  public static Tensor detached(Tensor x) {
    return RECORDER.isBound()
        ? differentiated(List.of(), () -> List.of(x.plus(0)), (_, _, _) -> none()).getFirst()
        : x;
  }

  private static List<@Nullable Tensor> none() {
    return Collections.emptyList();
  }
}
