package dev.peregrine.nn.optim;

import dev.peregrine.nn.ParameterBlock;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.MomentumStep;
import java.util.List;

/**
 * Stochastic gradient descent with momentum; weight decay on weights alone.
 *
 * <p><b>Formula</b> {@code g = gradient + decay * w}, {@code v = momentum * v + g}; plain {@code w
 * -= rate * v}, Nesterov {@code w -= rate * (g + momentum * v)}. Darknet's form, which adds up
 * {@code -batch * g} and multiplies by {@code rate / batch}, is the plain one on the mean gradient.
 *
 * <p><b>Source</b> Sutskever et al. 2013.
 */
public final class Sgd extends BlockOptimizer {
  private final double decay;
  private final boolean nesterov;

  private Sgd(double decay, boolean nesterov) {
    super("");
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
  void begin() {}

  @Override
  double[] factors(Params.Kind kind, double scale, StepSize size) {
    return new double[] {
      scale,
      kind == Params.Kind.WEIGHT ? decay : 0,
      size.momentum(),
      kind == Params.Kind.BIAS ? size.biasRate() : size.rate()
    };
  }

  @Override
  void move(Tensor weights, List<Tensor> memories, Tensor gradients, Tensor factors) {
    Tensor velocity = memories.getFirst();
    ParameterBlock.overwrite(
        new MomentumStep(nesterov),
        List.of(weights, velocity, gradients, factors),
        List.of(weights, velocity));
  }
}
