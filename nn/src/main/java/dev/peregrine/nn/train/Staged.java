package dev.peregrine.nn.train;

import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The input of the next mini-batch, brought to its device while the present one is computed: one at
 * most for each device.
 *
 * <p>Devices that work on their own take numbers beside their kernels, so a step begins with its
 * pictures in place. Numbers are the same either way.
 *
 * @param <T> one example
 */
public final class Staged<T> {
  private final Map<Device, Waiting<T>> waiting = new ConcurrentHashMap<>();

  /** An input and what it was made of. */
  private record Waiting<T>(List<T> examples, Tensor input) {
    boolean isOf(List<T> others) {
      if (examples.size() != others.size()) {
        return false;
      }
      for (int i = 0; i < examples.size(); i++) {
        if (examples.get(i) != others.get(i)) {
          return false;
        }
      }
      return true;
    }
  }

  /** Makes a stage on which nothing waits. */
  public Staged() {}

  /**
   * Brings an input to the present device, in place of what waited there.
   *
   * @param examples what it is made of
   * @param input makes it
   */
  public void bring(List<T> examples, Supplier<Tensor> input) {
    waiting.remove(Ops.device());
    waiting.put(Ops.device(), new Waiting<>(List.copyOf(examples), input.get()));
  }

  /**
   * Takes the input that waits on the present device, or makes it now if that is another one.
   *
   * @param examples what it is made of
   * @param input makes it
   * @return the input
   */
  public Tensor take(List<T> examples, Supplier<Tensor> input) {
    Waiting<T> found = waiting.remove(Ops.device());
    return found != null && found.isOf(examples) ? found.input() : input.get();
  }
}
