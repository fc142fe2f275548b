package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;

/**
 * Converts each element to another type, as Java's casts do; to {@code u8} it rounds and clips to
 * 0..255.
 *
 * @param to the type of the output
 */
public record Cast(DType to) implements Op {
  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.arity("cast", inputs, "x");
    return List.of(new Spec(to, inputs.get(0).shape()));
  }
}
