package dev.peregrine.testkit;

import static dev.peregrine.testkit.CaseList.f32;
import static dev.peregrine.testkit.CaseList.of;

import dev.peregrine.tensor.op.AdamStep;
import dev.peregrine.tensor.op.Binary;
import dev.peregrine.tensor.op.Blend;
import dev.peregrine.tensor.op.Cast;
import dev.peregrine.tensor.op.Compare;
import dev.peregrine.tensor.op.MomentumStep;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.op.UnaryGrad;
import dev.peregrine.tensor.op.Where;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import java.util.List;

/** Cases of the operations that work on each element by itself. */
final class PointwiseCases {
  private static final double ROUNDING = 1e-6;

  /** Pairs of shapes that combine by the broadcasting law, each pair a pattern of its own. */
  private static final List<List<Shape>> PAIRS =
      List.of(
          pair(Shape.of(2, 5, 7, 17), Shape.of(2, 5, 7, 17)),
          pair(Shape.of(1), Shape.of(1)),
          pair(Shape.of(0, 5), Shape.of(5)),
          pair(Shape.of(), Shape.of()),
          pair(Shape.of(3, 4, 33), Shape.of()),
          pair(Shape.of(), Shape.of(15)),
          pair(Shape.of(2, 3, 3, 31), Shape.of(31)),
          pair(Shape.of(16), Shape.of(2, 3, 3, 16)),
          pair(Shape.of(2, 3, 4, 5), Shape.of(2, 3, 4, 1)),
          pair(Shape.of(3, 4, 1), Shape.of(3, 4, 18)),
          pair(Shape.of(3, 5, 5, 17), Shape.of(3, 1, 1, 17)),
          pair(Shape.of(3, 1, 5, 4), Shape.of(1, 6, 1, 4)),
          pair(Shape.of(7, 1), Shape.of(1, 9)),
          pair(Shape.of(4, 100), Shape.of(3, 4, 1)));

  private PointwiseCases() {}

  static void add(CaseList list) {
    for (Unary.Kind kind : Unary.Kind.values()) {
      unary(list, kind);
    }
    for (Binary.Kind kind : Binary.Kind.values()) {
      binary(list, kind);
    }
    for (Compare.Kind kind : Compare.Kind.values()) {
      for (List<Shape> pair : PAIRS) {
        list.plain(
            kind + " " + pair.get(0) + pair.get(1),
            new Compare(kind),
            0,
            f32(Values.TIES, pair.get(0)),
            f32(Values.TIES, pair.get(1)));
      }
    }
    where(list);
    updates(list);
    casts(list);
  }

  private static void unary(CaseList list, Unary.Kind kind) {
    Values values =
        switch (kind) {
          case LOG, SQRT -> Values.POSITIVE;
          case EXP -> Values.NORMAL;
          case ABS, RELU, RELU6, LEAKY_RELU, HARD_SWISH -> Values.SMOOTH;
          case NEGATE, TANH, ATAN, LOGISTIC, SOFTPLUS, MISH, SWISH -> Values.WIDE;
        };
    for (Shape shape : shapes()) {
      list.smooth("unary " + kind + " " + shape, new Unary(kind), ROUNDING, f32(values, shape));
      list.plain(
          "unary_grad " + kind + " " + shape,
          new UnaryGrad(kind),
          ROUNDING,
          f32(values, shape),
          f32(Values.NORMAL, shape));
    }
    list.plain(
        "unary " + kind + " of NaN", new Unary(kind), ROUNDING, f32(Values.HOLES, Shape.of(35)));
    list.plain(
        "unary " + kind + " of extremes",
        new Unary(kind),
        ROUNDING,
        f32(Values.EXTREME, Shape.of(24)));
    list.plain(
        "unary_grad " + kind + " of extremes",
        new UnaryGrad(kind),
        ROUNDING,
        f32(Values.EXTREME, Shape.of(24)),
        f32(Values.NORMAL, Shape.of(24)));
    if (values != Values.POSITIVE) {
      list.plain(
          "unary " + kind + " at kinks", new Unary(kind), ROUNDING, f32(Values.TIES, Shape.of(33)));
    }
  }

  private static List<Shape> shapes() {
    return List.of(
        Shape.of(),
        Shape.of(1),
        Shape.of(0),
        Shape.of(0, 17),
        Shape.of(1, 1, 7, 3),
        Shape.of(2, 5, 3, 17),
        Shape.of(3, 13, 100));
  }

  private static void binary(CaseList list, Binary.Kind kind) {
    boolean exact =
        switch (kind) {
          case ADD, SUBTRACT, MULTIPLY, MAXIMUM, MINIMUM -> true;
          case DIVIDE, POWER -> false;
        };
    Values left = kind == Binary.Kind.POWER ? Values.POSITIVE : Values.NORMAL;
    Values right = kind == Binary.Kind.DIVIDE ? Values.POSITIVE : Values.NORMAL;
    for (List<Shape> pair : PAIRS) {
      list.smooth(
          kind + " " + pair.get(0) + pair.get(1),
          new Binary(kind),
          exact ? 0 : 4e-6,
          f32(left, pair.get(0)),
          f32(right, pair.get(1)));
    }
    list.plain(
        kind + " of NaN",
        new Binary(kind),
        exact ? 0 : 4e-6,
        f32(kind == Binary.Kind.POWER ? Values.POSITIVE : Values.HOLES, Shape.of(5, 33)),
        f32(Values.HOLES, Shape.of(33)));
  }

  private static void where(CaseList list) {
    Shape full = Shape.of(2, 3, 5, 17);
    Where op = new Where();
    for (Shape condition : List.of(full, Shape.of(), Shape.of(17), Shape.of(2, 3, 5, 1))) {
      list.add(
          "where " + condition,
          op,
          0,
          List.of(1, 2),
          f32(Values.MASK, condition),
          f32(Values.NORMAL, full),
          f32(Values.NORMAL, full));
    }
    list.add(
        "where of a scalar and a row",
        op,
        0,
        List.of(1, 2),
        f32(Values.MASK, 4, 33),
        f32(Values.NORMAL, Shape.of()),
        f32(Values.NORMAL, 33));
  }

  private static void updates(CaseList list) {
    for (Shape shape : List.of(Shape.of(), Shape.of(0), Shape.of(3, 3, 5, 17), Shape.of(40_000))) {
      list.smooth(
          "blend " + shape,
          new Blend(),
          ROUNDING,
          f32(Values.NORMAL, shape),
          f32(Values.NORMAL, shape),
          f32(Values.NORMAL, 2));
      for (boolean nesterov : new boolean[] {false, true}) {
        list.plain(
            "momentum_step " + shape + (nesterov ? " nesterov" : ""),
            new MomentumStep(nesterov),
            ROUNDING,
            f32(Values.NORMAL, shape),
            f32(Values.NORMAL, shape),
            f32(Values.NORMAL, shape),
            f32(Values.POSITIVE, 4));
      }
      list.plain(
          "adam_step " + shape,
          new AdamStep(),
          ROUNDING,
          f32(Values.NORMAL, shape),
          f32(Values.NORMAL, shape),
          f32(Values.POSITIVE, shape),
          f32(Values.NORMAL, shape),
          f32(Values.POSITIVE, 10));
    }
  }

  private static void casts(CaseList list) {
    int[] extents = {3, 5, 17};
    list.smooth("cast f32 to f32", new Cast(DType.F32), 0, f32(Values.NORMAL, extents));
    list.plain("cast f32 to i32", new Cast(DType.I32), 0, f32(Values.QUARTERS, extents));
    list.plain("cast f32 to u8", new Cast(DType.U8), 0, f32(Values.QUARTERS, extents));
    list.plain("cast i32 to f32", new Cast(DType.F32), 0, of(DType.I32, Values.QUARTERS, extents));
    list.plain("cast i32 to u8", new Cast(DType.U8), 0, of(DType.I32, Values.QUARTERS, extents));
    list.plain("cast u8 to f32", new Cast(DType.F32), 0, of(DType.U8, Values.QUARTERS, extents));
    list.plain("cast u8 to i32", new Cast(DType.I32), 0, of(DType.U8, Values.QUARTERS, extents));
  }

  private static List<Shape> pair(Shape a, Shape b) {
    return List.of(a, b);
  }
}
