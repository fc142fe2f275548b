package dev.peregrine.testkit;

import dev.peregrine.tensor.op.Fill;
import dev.peregrine.tensor.op.Iota;
import dev.peregrine.tensor.op.Random;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;

/** Cases of the operations without inputs. */
final class GeneratorCases {
  private GeneratorCases() {}

  static void add(CaseList list) {
    for (Shape shape : List.of(Shape.of(), Shape.of(17), Shape.of(2, 3, 5, 33))) {
      Spec spec = new Spec(DType.F32, shape);
      list.plain("fill " + shape, new Fill(spec, 0.1), 0);
      for (Random.Kind kind : Random.Kind.values()) {
        list.plain("random " + kind + " " + shape, new Random(spec, kind, 42), 0);
      }
      for (int axis = 0; axis < shape.rank(); axis++) {
        list.plain("iota " + shape + " axis " + axis, new Iota(spec, axis), 0);
      }
    }
    Spec integers = new Spec(DType.I32, Shape.of(3, 17));
    list.plain("fill i32", new Fill(integers, -7), 0);
    list.plain("iota i32", new Iota(integers, 1), 0);
  }
}
