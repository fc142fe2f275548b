package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Spec;
import java.util.List;

/**
 * One number everywhere; takes no input.
 *
 * @param spec the spec of the output
 * @param value the number
 */
public record Fill(Spec spec, double value) implements Op {
  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.arity("fill", inputs);
    Laws.computed("fill", "output", spec);
    return List.of(spec);
  }

  @Override
  public long flops(List<Spec> inputs, List<Spec> outputs) {
    return 0;
  }
}
