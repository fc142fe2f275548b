package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Spec;
import java.util.List;

/**
 * Reverses the order of elements along axes.
 *
 * @param axes the reversed axes, counted from 0
 */
public record Flip(List<Integer> axes) implements Op {
  /** Copies the list of axes. */
  public Flip {
    axes = List.copyOf(axes);
  }

  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.count("flip", inputs, "x");
    for (int axis : axes) {
      inputs.get(0).shape().axis(axis);
    }
    return List.of(inputs.get(0));
  }

  @Override
  public long flops(List<Spec> inputs, List<Spec> outputs) {
    return 0;
  }
}
