package dev.peregrine.nn.optim;

import dev.peregrine.autograd.Adjoints;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Stochastic gradient descent with momentum; weight decay on weights alone.
 *
 * <p><b>Formula</b> {@code g = gradient + decay * w}, {@code v = momentum * v + g}; plain {@code w
 * -= rate * v}, Nesterov {@code w -= rate * (g + momentum * v)}. Darknet's form, which adds up
 * {@code -batch * g} and multiplies by {@code rate / batch}, is the plain one on the mean gradient.
 *
 * <p><b>Source</b> Sutskever et al. 2013.
 */
public final class Sgd implements Optimizer {
  private final double decay;
  private final boolean nesterov;
  private final Map<String, Tensor> velocity = new LinkedHashMap<>();
  private final Map<String, Tensor> waiting = new LinkedHashMap<>();

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
    for (Params.Entry entry : params.entries()) {
      if (entry.isTrained()) {
        Tensor gradient = gradients.of(entry.value()).times(scale);
        waiting.merge(entry.path(), gradient, Tensor::plus);
      }
    }
    params.commit();
  }

  @Override
  public void step(Params params, StepSize size) {
    for (Params.Entry entry : params.entries()) {
      Tensor gradient = waiting.get(entry.path());
      if (gradient == null || !entry.isTrained()) {
        continue;
      }
      Tensor value = entry.value();
      if (entry.kind() == Params.Kind.WEIGHT && decay != 0) {
        gradient = gradient.plus(value.times(decay));
      }
      Tensor last = velocity.get(entry.path());
      Tensor next = last == null ? gradient : last.times(size.momentum()).plus(gradient);
      velocity.put(entry.path(), next);
      Tensor direction = nesterov ? gradient.plus(next.times(size.momentum())) : next;
      double rate = entry.kind() == Params.Kind.BIAS ? size.biasRate() : size.rate();
      params.set(entry.path(), value.minus(direction.times(rate)));
    }
    waiting.clear();
  }

  @Override
  public Map<String, Tensor> state() {
    return new LinkedHashMap<>(velocity);
  }

  @Override
  public void restore(Map<String, Tensor> state) {
    velocity.clear();
    velocity.putAll(state);
    waiting.clear();
  }
}
