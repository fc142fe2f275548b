package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;

/**
 * One step of gradient descent with momentum and weight decay: one pass over memory replaces eight.
 *
 * <p>The factors are an input, since they change from step to step and an operation is remembered
 * with its kernel.
 *
 * <p><b>Shapes</b> w, v and g {@code [...]} equal, factors {@code [4]}; the outputs are the next w
 * and v, of the same shape.
 *
 * <p><b>Formula</b> with factors {@code (scale, decay, momentum, rate)}: {@code d = g * scale + w *
 * decay}, {@code v' = v * momentum + d}, {@code w' = w - rate * v'}, and with Nesterov's form
 * {@code w' = w - rate * (d + v' * momentum)}; every product rounded.
 *
 * <p><b>Source</b> Sutskever et al. 2013.
 *
 * @param nesterov whether w follows the velocity that it will have
 */
public record MomentumStep(boolean nesterov) implements Op {
  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.arity("momentum_step", inputs, "w", "v", "g", "factors");
    Laws.floating("momentum_step", "w", inputs.get(0));
    Laws.sameType("momentum_step", inputs);
    Shape shape = inputs.get(0).shape();
    Laws.shape("momentum_step", "v", inputs.get(1), shape, "v has the shape of w");
    Laws.shape("momentum_step", "g", inputs.get(2), shape, "g has the shape of w");
    Laws.shape(
        "momentum_step",
        "factors",
        inputs.get(3),
        Shape.of(4),
        "the factors are scale, decay, momentum and rate");
    return List.of(inputs.get(0), inputs.get(0));
  }

  @Override
  public long flops(List<Spec> inputs, List<Spec> outputs) {
    return (nesterov ? 9L : 7L) * outputs.get(0).shape().size();
  }
}
