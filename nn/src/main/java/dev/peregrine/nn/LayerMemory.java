package dev.peregrine.nn;

import dev.peregrine.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the layers of a room keep from one mini-batch to the next besides their numbers, such as the
 * statistics of earlier ones; part of a training run, not of a model.
 *
 * <p>What a mini-batch leaves waits until {@link Params#commit}, so that computing it again gives
 * the same; of several replicas the first one's counts.
 */
public final class LayerMemory {
  private final ParamsState house;
  private final String prefix;

  LayerMemory(ParamsState house, String prefix) {
    this.house = house;
    this.prefix = prefix;
  }

  /**
   * Looks up what an earlier mini-batch left.
   *
   * @param name its name in this room
   * @return the array, or null if there is none
   */
  public @Nullable Tensor recall(String name) {
    return house.memory.get(prefix + name);
  }

  /**
   * Keeps a copy of an array from {@link Params#commit} on.
   *
   * @param name its name in this room
   * @param value the array; left aside if symbolic, since a tracer computes none
   */
  public void remember(String name, Tensor value) {
    if (!value.isSymbolic() && Replica.isFirst()) {
      house.pendingMemory.put(
          prefix + name, ParameterBlock.copy(value, value.dtype(), value.device()));
    }
  }

  /**
   * Tells whether this mini-batch need not leave an array: it has done so, as when it is computed
   * again, or another replica does.
   *
   * @param name its name in this room
   * @return true between {@link #remember} and {@link Params#commit}
   */
  public boolean isPending(String name) {
    return !Replica.isFirst() || house.pendingMemory.containsKey(prefix + name);
  }

  /**
   * Returns all that the layers of a model keep, for a checkpoint.
   *
   * @return arrays by full path
   */
  public Map<String, Tensor> state() {
    return new LinkedHashMap<>(house.memory);
  }

  /**
   * Takes back what {@link #state} returned.
   *
   * @param state arrays by full path
   */
  public void restore(Map<String, Tensor> state) {
    house.memory.clear();
    house.memory.putAll(state);
  }
}
