package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;

/**
 * One step of Adam: one pass over memory replaces sixteen.
 *
 * <p>The factors are an input, since they change from step to step and an operation is remembered
 * with its kernel. Whoever makes them knows the number of the step, so corrections of the young
 * averages are in them already.
 *
 * <p><b>Shapes</b> w, m, v and g {@code [...]} equal, factors {@code [10]}; the outputs are the
 * next w, m and v, of the same shape.
 *
 * <p><b>Formula</b> with factors {@code (scale, decay, shrink, b1, a1, b2, a2, rate, root,
 * epsilon)}: {@code d = g * scale + w * decay}, {@code m' = m * b1 + d * a1}, {@code v' = v * b2 +
 * d * d * a2}, {@code w' = w * shrink - rate * m' / (sqrt(v') * root + epsilon)}; every product
 * rounded.
 *
 * <p><b>Source</b> Kingma and Ba 2015; {@code shrink} of Loshchilov and Hutter 2019.
 */
public record AdamStep() implements Op {
  private static final int FACTORS = 10;

  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.arity("adam_step", inputs, "w", "m", "v", "g", "factors");
    Laws.floating("adam_step", "w", inputs.get(0));
    Laws.sameType("adam_step", inputs);
    Shape shape = inputs.get(0).shape();
    Laws.shape("adam_step", "m", inputs.get(1), shape, "m has the shape of w");
    Laws.shape("adam_step", "v", inputs.get(2), shape, "v has the shape of w");
    Laws.shape("adam_step", "g", inputs.get(3), shape, "g has the shape of w");
    Laws.shape(
        "adam_step",
        "factors",
        inputs.get(4),
        Shape.of(FACTORS),
        "the factors are scale, decay, shrink, b1, a1, b2, a2, rate, root and epsilon");
    return List.of(inputs.get(0), inputs.get(0), inputs.get(0));
  }

  @Override
  public long flops(List<Spec> inputs, List<Spec> outputs) {
    return 16L * outputs.get(0).shape().size();
  }
}
