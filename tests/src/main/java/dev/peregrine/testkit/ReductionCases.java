package dev.peregrine.testkit;

import static dev.peregrine.testkit.CaseList.f32;
import static dev.peregrine.testkit.CaseList.tolerance;

import dev.peregrine.tensor.op.ArgMax;
import dev.peregrine.tensor.op.MatMul;
import dev.peregrine.tensor.op.Reduce;
import dev.peregrine.tensor.op.Softmax;
import dev.peregrine.tensor.shape.Shape;
import java.util.List;

/** Cases of folds, softmax and the matrix product. */
final class ReductionCases {
  private ReductionCases() {}

  static void add(CaseList list) {
    for (Shape shape : List.of(Shape.of(2, 5, 7, 17), Shape.of(3, 13, 13, 33))) {
      for (List<Integer> axes :
          List.of(
              List.of(3),
              List.of(2),
              List.of(1),
              List.of(0),
              List.of(1, 2),
              List.of(0, 1, 2),
              List.of(0, 3),
              List.of(0, 1, 2, 3),
              List.<Integer>of())) {
        reduce(list, shape, axes, true);
      }
      reduce(list, shape, List.of(1, 2), false);
      reduce(list, shape, List.of(0, 1, 2, 3), false);
    }
    reduce(list, Shape.of(), List.of(), false);
    reduce(list, Shape.of(1), List.of(0), false);
    reduce(list, Shape.of(10007), List.of(0), false);
    reduce(list, Shape.of(100, 31), List.of(0), false);
    reduce(list, Shape.of(31, 100), List.of(1), true);

    for (int axis = 0; axis < 3; axis++) {
      list.plain("argmax axis " + axis, new ArgMax(axis), 0, f32(Values.NORMAL, 5, 6, 17));
      list.plain("argmax of ties, axis " + axis, new ArgMax(axis), 0, f32(Values.TIES, 5, 6, 17));
    }
    for (int axis = 0; axis < 3; axis++) {
      Shape holes = Shape.of(5, 6, 17);
      Reduce max = new Reduce(Reduce.Kind.MAX, List.of(axis), true);
      list.plain("max of NaN, axis " + axis, max, 0, f32(Values.HOLES, holes));
      list.plain("argmax of NaN, axis " + axis, new ArgMax(axis), 0, f32(Values.HOLES, holes));
    }
    for (int axis = 0; axis < 2; axis++) {
      for (Reduce.Kind kind : Reduce.Kind.values()) {
        Reduce reduce = new Reduce(kind, List.of(axis), false);
        list.plain(kind + " of nothing, axis " + axis, reduce, 0, f32(Values.NORMAL, 0, 17));
      }
      Reduce none = new Reduce(Reduce.Kind.SUM, List.of(axis), false);
      list.plain("sum of no channels, axis " + axis, none, 0, f32(Values.NORMAL, 17, 0));
    }
    list.plain("argmax of 80 classes", new ArgMax(1), 0, f32(Values.NORMAL, 33, 80));
    list.plain("argmax of many ties", new ArgMax(1), 0, f32(Values.TIES, 3, 1003));
    list.plain("argmax of columns", new ArgMax(0), 0, f32(Values.NORMAL, 1003, 35));
    list.plain("argmax of nothing", new ArgMax(0), 0, f32(Values.NORMAL, 0, 17));
    list.plain("argmax of one", new ArgMax(0), 0, f32(Values.NORMAL, 1));

    for (int channels : new int[] {1, 3, 16, 17, 80, 100}) {
      list.smooth(
          "softmax of " + channels, new Softmax(), 4e-6, f32(Values.NORMAL, 2, 3, 5, channels));
    }
    list.smooth("softmax of large numbers", new Softmax(), 1e-5, f32(Values.DISTINCT, 4, 1000));

    matmul(list, 0, 3, 5);
    matmul(list, 1, 1, 1);
    matmul(list, 1, 17, 33);
    matmul(list, 13, 1, 16);
    matmul(list, 5, 100, 1);
    matmul(list, 31, 15, 17);
    matmul(list, 33, 64, 100);
    matmul(list, 14, 300, 32);
  }

  private static void reduce(CaseList list, Shape shape, List<Integer> axes, boolean keep) {
    int folded = axes.stream().mapToInt(shape::dim).reduce(1, Math::multiplyExact);
    String name = " " + shape + " axes " + axes + (keep ? " kept" : "");
    list.smooth(
        "sum" + name,
        new Reduce(Reduce.Kind.SUM, axes, keep),
        tolerance(folded),
        f32(Values.NORMAL, shape));
    list.smooth(
        "max" + name, new Reduce(Reduce.Kind.MAX, axes, keep), 0, f32(Values.DISTINCT, shape));
  }

  private static void matmul(CaseList list, int m, int k, int n) {
    for (boolean a : new boolean[] {false, true}) {
      for (boolean b : new boolean[] {false, true}) {
        list.smooth(
            "matmul " + m + "x" + k + (a ? "^T" : "") + " by " + k + "x" + n + (b ? "^T" : ""),
            new MatMul(a, b),
            tolerance(k),
            a ? f32(Values.NORMAL, k, m) : f32(Values.NORMAL, m, k),
            b ? f32(Values.NORMAL, n, k) : f32(Values.NORMAL, k, n));
      }
    }
  }
}
