package dev.peregrine.nn.optim;

import dev.peregrine.autograd.Adjoints;
import dev.peregrine.nn.ParameterBlock;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.Binary;
import dev.peregrine.tensor.op.Blend;
import dev.peregrine.tensor.op.MomentumStep;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Stochastic gradient descent with momentum; weight decay on weights alone.
 *
 * <p><b>Formula</b> {@code g = gradient + decay * w}, {@code v = momentum * v + g}; plain {@code w
 * -= rate * v}, Nesterov {@code w -= rate * (g + momentum * v)}. Darknet's form, which adds up
 * {@code -batch * g} and multiplies by {@code rate / batch}, is the plain one on the mean gradient.
 *
 * <p>Velocities and sums of gradients lie in blocks like the weights', so a step is one pass over
 * memory, in place.
 *
 * <p><b>Source</b> Sutskever et al. 2013.
 */
public final class Sgd implements Optimizer {
  /** The room of sums of gradients in a state. */
  private static final String WAITING = "waiting/";

  private final double decay;
  private final boolean nesterov;
  private final Set<String> moving = new LinkedHashSet<>();
  private final Set<String> waiting = new LinkedHashSet<>();
  private @Nullable ParameterBlock velocity;
  private @Nullable ParameterBlock sums;

  private Sgd(double decay, boolean nesterov) {
    this.decay = decay;
    this.nesterov = nesterov;
  }

  /**
   * Makes darknet's optimiser.
   *
   * @param decay weight decay
   * @return the optimiser
   */
  public static Sgd plain(double decay) {
    return new Sgd(decay, false);
  }

  /**
   * Makes the optimiser of Scaled-YOLOv4.
   *
   * @param decay weight decay
   * @return the optimiser
   */
  public static Sgd nesterov(double decay) {
    return new Sgd(decay, true);
  }

  @Override
  public void accumulate(Params params, Adjoints gradients, double scale) {
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
  public void step(Params params, StepSize size) {
    ParameterBlock weights = params.pack();
    ParameterBlock gradients = moved(sums, weights, waiting);
    ParameterBlock velocities = moved(velocity, weights, moving);
    sums = gradients;
    velocity = velocities;
    for (Params.Entry entry : params.entries()) {
      if (!entry.isTrained()) {
        waiting.remove(entry.path());
      }
    }
    moving.addAll(waiting);
    for (ParameterBlock.Range range : weights.ranges(waiting::contains)) {
      Tensor w = weights.range(range.from(), range.to());
      Tensor v = velocities.range(range.from(), range.to());
      Tensor g = gradients.range(range.from(), range.to());
      move(w, v, g, factors(weights, range.kind(), 1, size));
    }
    waiting.clear();
  }

  @Override
  public void step(Params params, Adjoints gradients, double scale, StepSize size) {
    if (!waiting.isEmpty()) {
      accumulate(params, gradients, scale);
      step(params, size);
      return;
    }
    List<Params.Entry> entries = params.entries();
    params.commit();
    ParameterBlock weights = params.pack();
    ParameterBlock velocities = moved(velocity, weights, moving);
    velocity = velocities;
    Map<Params.Kind, Tensor> factors = new EnumMap<>(Params.Kind.class);
    for (Params.Kind kind : Params.Kind.values()) {
      factors.put(kind, factors(weights, kind, scale, size));
    }
    for (Params.Entry entry : entries) {
      if (entry.isTrained()) {
        moving.add(entry.path());
        Tensor gradient = gradients.of(entry.value());
        move(
            weights.get(entry.path()),
            velocities.get(entry.path()),
            gradient,
            factors.getOrDefault(entry.kind(), gradient));
      }
    }
  }

  private Tensor factors(ParameterBlock block, Params.Kind kind, double scale, StepSize size) {
    return block.numbers(
        scale,
        kind == Params.Kind.WEIGHT ? decay : 0,
        size.momentum(),
        kind == Params.Kind.BIAS ? size.biasRate() : size.rate());
  }

  private void move(Tensor w, Tensor v, Tensor g, Tensor factors) {
    ParameterBlock.overwrite(new MomentumStep(nesterov), List.of(w, v, g, factors), List.of(w, v));
  }

  /** Brings what is kept of some arrays to the places that the parameters have now. */
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
  public Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    if (velocity != null) {
      state.putAll(velocity.copies(moving::contains));
    }
    if (sums != null) {
      sums.copies(waiting::contains).forEach((path, sum) -> state.put(WAITING + path, sum));
    }
    return state;
  }

  @Override
  public void restore(Map<String, Tensor> state) {
    Map<String, Tensor> velocities = new LinkedHashMap<>();
    Map<String, Tensor> gradients = new LinkedHashMap<>();
    state.forEach((name, value) -> {
      if (name.startsWith(WAITING)) {
        gradients.put(name.substring(WAITING.length()), value);
      } else {
        velocities.put(name, value);
      }
    });
    moving.clear();
    moving.addAll(velocities.keySet());
    velocity = velocities.isEmpty() ? null : ParameterBlock.of(velocities);
    waiting.clear();
    waiting.addAll(gradients.keySet());
    sums = gradients.isEmpty() ? null : ParameterBlock.of(gradients);
  }
}
