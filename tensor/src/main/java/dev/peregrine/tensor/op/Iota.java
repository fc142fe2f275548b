package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Spec;
import java.util.List;

/**
 * Counts along one axis: the element at index i of the axis is i; takes no input.
 *
 * @param spec the spec of the output
 * @param axis the axis that counts
 */
public record Iota(Spec spec, int axis) implements Op {
  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.arity("iota", inputs);
    Laws.computed("iota", "output", spec);
    spec.shape().axis(axis);
    return List.of(spec);
  }

  @Override
  public long flops(List<Spec> inputs, List<Spec> outputs) {
    return 0;
  }
}
