package dev.peregrine.nn.optim;

import dev.peregrine.autograd.Adjoints;
import dev.peregrine.nn.ParameterBlock;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.Binary;
import dev.peregrine.tensor.op.Blend;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What optimisers of first order share: arrays remembered beside the weights, such as a velocity,
 * and sums of gradients that wait for a step.
 *
 * <p>Both lie in blocks like the weights', so a step is one pass over memory, in place.
 */
abstract sealed class BlockOptimizer implements Optimizer permits Sgd, Adam {
  /** The room of sums of gradients in a state. */
  private static final String WAITING = "waiting/";

  private final List<String> rooms;
  private final Set<String> moving = new LinkedHashSet<>();
  private final Set<String> waiting = new LinkedHashSet<>();
  private List<ParameterBlock> memories = List.of();
  private @Nullable ParameterBlock sums;

  /**
   * Makes an optimiser without memories yet.
   *
   * @param rooms what stands before the path of a weight in the names of its memories in a state
   */
  BlockOptimizer(String... rooms) {
    this.rooms = List.of(rooms);
  }

  /** Begins a step, before any array is moved. */
  abstract void begin();

  /** The numbers that all weights of a kind share in this step. */
  abstract double[] factors(Params.Kind kind, double scale, StepSize size);

  /** Moves some weights and their memories. */
  abstract void move(Tensor weights, List<Tensor> memories, Tensor gradients, Tensor factors);

  @Override
  public final void accumulate(Params params, Adjoints gradients, double scale) {
    // The tape watched the tensors of before they were packed.
    List<Params.Entry> entries = params.entries();
    params.commit();
    ParameterBlock block = params.pack();
    ParameterBlock into = moved(sums, block, waiting);
    sums = into;
    Tensor factor = block.numbers(scale).reshape();
    Tensor shares = block.numbers(1, scale);
    for (Params.Entry entry : entries) {
      if (!entry.isTrained()) {
        continue;
      }
      Tensor gradient = gradients.of(entry.value());
      Tensor sum = into.get(entry.path());
      if (waiting.add(entry.path())) {
        ParameterBlock.overwrite(
            new Binary(Binary.Kind.MULTIPLY), List.of(gradient, factor), List.of(sum));
      } else {
        ParameterBlock.overwrite(new Blend(), List.of(sum, gradient, shares), List.of(sum));
      }
    }
  }

  @Override
  public final void step(Params params, StepSize size) {
    ParameterBlock weights = params.pack();
    ParameterBlock gradients = moved(sums, weights, waiting);
    sums = gradients;
    remember(weights);
    for (Params.Entry entry : params.entries()) {
      if (!entry.isTrained()) {
        waiting.remove(entry.path());
      }
    }
    moving.addAll(waiting);
    begin();
    for (ParameterBlock.Range range : weights.ranges(waiting::contains)) {
      move(
          weights.range(range.from(), range.to()),
          memories.stream().map(block -> block.range(range.from(), range.to())).toList(),
          gradients.range(range.from(), range.to()),
          weights.numbers(factors(range.kind(), 1, size)));
    }
    waiting.clear();
  }

  @Override
  public final void step(Params params, Adjoints gradients, double scale, StepSize size) {
    if (!waiting.isEmpty()) {
      accumulate(params, gradients, scale);
      step(params, size);
      return;
    }
    List<Params.Entry> entries = params.entries();
    params.commit();
    ParameterBlock weights = params.pack();
    remember(weights);
    begin();
    Map<Params.Kind, Tensor> factors = new EnumMap<>(Params.Kind.class);
    for (Params.Kind kind : Params.Kind.values()) {
      factors.put(kind, weights.numbers(factors(kind, scale, size)));
    }
    for (Params.Entry entry : entries) {
      if (entry.isTrained()) {
        moving.add(entry.path());
        Tensor gradient = gradients.of(entry.value());
        move(
            weights.get(entry.path()),
            memories.stream().map(block -> block.get(entry.path())).toList(),
            gradient,
            factors.getOrDefault(entry.kind(), gradient));
      }
    }
  }

  /** Brings the memories to the places that the weights have now. */
  private void remember(ParameterBlock weights) {
    List<ParameterBlock> now = new ArrayList<>();
    for (int i = 0; i < rooms.size(); i++) {
      now.add(moved(memories.isEmpty() ? null : memories.get(i), weights, moving));
    }
    memories = now;
  }

  private static ParameterBlock moved(
      @Nullable ParameterBlock block, ParameterBlock places, Set<String> paths) {
    if (block != null && block.isLike(places)) {
      return block;
    }
    ParameterBlock moved = places.like();
    if (block != null) {
      block.copies(paths::contains).forEach(moved::put);
    }
    return moved;
  }

  @Override
  public final int memories() {
    return rooms.size();
  }

  @Override
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    for (int i = 0; i < memories.size(); i++) {
      String room = rooms.get(i);
      memories.get(i).copies(moving::contains).forEach((path, one) -> state.put(room + path, one));
    }
    if (sums != null) {
      sums.copies(waiting::contains).forEach((path, sum) -> state.put(WAITING + path, sum));
    }
    return state;
  }

  @Override
  public void restore(Map<String, Tensor> state) {
    Map<String, Tensor> rest = new LinkedHashMap<>(state);
    Map<String, Tensor> gradients = taken(rest, WAITING);
    waiting.clear();
    waiting.addAll(gradients.keySet());
    sums = gradients.isEmpty() ? null : ParameterBlock.of(gradients);
    List<ParameterBlock> found = new ArrayList<>();
    moving.clear();
    for (String room : rooms) {
      Map<String, Tensor> arrays = taken(rest, room);
      if (!arrays.isEmpty()) {
        moving.addAll(arrays.keySet());
        found.add(ParameterBlock.of(arrays));
      }
    }
    memories = found.size() == rooms.size() ? found : List.of();
  }

  /** Takes the arrays of a room out of a state. */
  private static Map<String, Tensor> taken(Map<String, Tensor> state, String room) {
    Map<String, Tensor> arrays = new LinkedHashMap<>();
    state.forEach((name, value) -> {
      if (name.startsWith(room)) {
        arrays.put(name.substring(room.length()), value);
      }
    });
    arrays.keySet().forEach(path -> state.remove(room + path));
    return arrays;
  }
}
