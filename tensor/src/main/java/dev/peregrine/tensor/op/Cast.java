package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;

/**
 * Converts each element to another type, as Java's casts do; to {@code u8} it rounds and clips to
 * 0..255. To and from {@code f16} only {@code f32} is converted.
 *
 * @param to the type of the output
 */
public record Cast(DType to) implements Op {
  @Override
  public List<Spec> infer(List<Spec> inputs) {
    Laws.count("cast", inputs, "x");
    Spec x = inputs.get(0);
    if (to == DType.F16) {
      Laws.type("cast to f16", "x", x, DType.F32);
    } else if (x.dtype() == DType.F16 && to != DType.F32) {
      Laws.computed("cast to " + to, "x", x);
    }
    return List.of(new Spec(to, x.shape()));
  }
}
