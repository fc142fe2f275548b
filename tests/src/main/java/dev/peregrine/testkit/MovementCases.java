package dev.peregrine.testkit;

import static dev.peregrine.testkit.CaseList.f32;
import static dev.peregrine.testkit.CaseList.indices;
import static dev.peregrine.testkit.CaseList.tolerance;

import dev.peregrine.tensor.op.Broadcast;
import dev.peregrine.tensor.op.Concat;
import dev.peregrine.tensor.op.Flip;
import dev.peregrine.tensor.op.Gather;
import dev.peregrine.tensor.op.Pad;
import dev.peregrine.tensor.op.Permute;
import dev.peregrine.tensor.op.Reshape;
import dev.peregrine.tensor.op.ScatterAdd;
import dev.peregrine.tensor.op.Slice;
import dev.peregrine.tensor.shape.Shape;
import java.util.Arrays;
import java.util.List;

/** Cases of the operations that move elements. */
final class MovementCases {
  private static final int[] MAP = {2, 5, 7, 17};

  private MovementCases() {}

  static void add(CaseList list) {
    reshapes(list);
    permutes(list);
    broadcasts(list);
    slices(list);
    pads(list);
    concats(list);
    rows(list);
    for (List<Integer> axes :
        List.of(List.of(2), List.of(0), List.of(3), List.of(1, 2), List.of(0, 1, 2, 3), none())) {
      list.smooth("flip axes " + axes, new Flip(axes), 0, f32(Values.NORMAL, MAP));
    }
  }

  private static void reshapes(CaseList list) {
    for (Shape to :
        List.of(Shape.of(1190), Shape.of(70, 17), Shape.of(17, 7, 5, 2), Shape.of(2, 5, 119))) {
      list.smooth("reshape to " + to, new Reshape(to), 0, f32(Values.NORMAL, MAP));
    }
    list.smooth("reshape one to a scalar", new Reshape(Shape.of()), 0, f32(Values.NORMAL, 1, 1));
  }

  private static void permutes(CaseList list) {
    for (List<Integer> axes :
        List.of(
            List.of(0, 3, 1, 2),
            List.of(0, 2, 3, 1),
            List.of(3, 2, 1, 0),
            List.of(0, 1, 2, 3),
            List.of(1, 0, 2, 3),
            List.of(0, 1, 3, 2))) {
      list.smooth("permute " + axes, new Permute(axes), 0, f32(Values.NORMAL, MAP));
    }
    list.smooth("permute matrix", new Permute(List.of(1, 0)), 0, f32(Values.NORMAL, 33, 100));
  }

  private static void broadcasts(CaseList list) {
    Shape to = Shape.of(3, 4, 5, 18);
    for (Shape from :
        List.of(
            to,
            Shape.of(),
            Shape.of(18),
            Shape.of(3, 4, 5, 1),
            Shape.of(3, 1, 1, 18),
            Shape.of(4, 1, 1),
            Shape.of(1, 4, 1, 18))) {
      list.smooth(
          "broadcast " + from + " to " + to, new Broadcast(to), 0, f32(Values.NORMAL, from));
    }
  }

  private static void slices(CaseList list) {
    Shape shape = Shape.of(MAP);
    slice(list, "all", Slice.along(shape, 0, 0, 2));
    slice(list, "one picture", Slice.along(shape, 0, 1, 1));
    slice(list, "rows", Slice.along(shape, 1, 2, 3));
    slice(list, "columns", Slice.along(shape, 2, 1, 5));
    slice(list, "channels", Slice.along(shape, 3, 3, 9));
    slice(list, "last channel", Slice.along(shape, 3, 16, 1));
    slice(
        list,
        "every second pixel",
        new Slice(List.of(0, 0, 1, 0), List.of(2, 3, 3, 17), List.of(1, 2, 2, 1)));
    slice(
        list,
        "every third channel of a box",
        new Slice(List.of(1, 1, 2, 1), List.of(1, 3, 4, 5), List.of(1, 1, 1, 3)));
  }

  private static void slice(CaseList list, String name, Slice op) {
    list.smooth("slice " + name, op, 0, f32(Values.NORMAL, MAP));
  }

  private static void pads(CaseList list) {
    pad(list, "nothing", none4(), none4(), ones(), 0);
    pad(list, "border", List.of(0, 1, 1, 0), List.of(0, 1, 1, 0), ones(), 0);
    pad(list, "right and below with a number", none4(), List.of(0, 2, 3, 0), ones(), 0.5);
    pad(list, "channels", List.of(0, 0, 0, 3), List.of(0, 0, 0, 5), ones(), 0);
    pad(list, "pictures", List.of(1, 0, 0, 0), List.of(2, 0, 0, 0), ones(), -1);
    pad(list, "between pixels", List.of(0, 1, 0, 0), List.of(0, 0, 1, 0), List.of(1, 2, 3, 1), 0);
    pad(list, "between channels", none4(), List.of(0, 0, 0, 2), List.of(1, 1, 1, 2), 0);
  }

  private static void pad(
      CaseList list,
      String name,
      List<Integer> before,
      List<Integer> after,
      List<Integer> steps,
      double value) {
    list.smooth("pad " + name, new Pad(before, after, steps, value), 0, f32(Values.NORMAL, MAP));
  }

  private static void concats(CaseList list) {
    concat(list, 3, 16);
    concat(list, 3, 16, 16);
    concat(list, 3, 1, 3, 5, 17, 64);
    concat(list, 2, 3, 1, 4);
    concat(list, 1, 5, 2);
    concat(list, 0, 1, 2, 1);
    list.plain(
        "concat with an empty part",
        new Concat(2),
        0,
        f32(Values.NORMAL, 2, 3, 5),
        f32(Values.NORMAL, 2, 3, 0),
        f32(Values.NORMAL, 2, 3, 16));
  }

  private static void concat(CaseList list, int axis, int... extents) {
    Shape shape = Shape.of(2, 3, 5, 7);
    list.smooth(
        "concat axis " + axis + " of " + Arrays.toString(extents),
        new Concat(axis),
        0,
        Arrays.stream(extents)
            .mapToObj(extent -> f32(Values.NORMAL, shape.with(axis, extent)))
            .toArray(OpCase.Input[]::new));
  }

  private static void rows(CaseList list) {
    for (int width : new int[] {1, 5, 16, 33}) {
      list.add(
          "gather rows of " + width,
          new Gather(),
          0,
          List.of(0),
          f32(Values.NORMAL, 11, width),
          indices(11, 23));
      list.add(
          "scatter_add rows of " + width,
          new ScatterAdd(11),
          tolerance(23),
          List.of(0),
          f32(Values.NORMAL, 23, width),
          indices(11, 23));
    }
    list.add(
        "gather of no rows", new Gather(), 0, List.of(0), f32(Values.NORMAL, 7, 5), indices(7, 0));
    list.add(
        "scatter_add of no rows",
        new ScatterAdd(7),
        0,
        List.of(0),
        f32(Values.NORMAL, 0, 5),
        indices(7, 0));
    list.add(
        "gather of numbers", new Gather(), 0, List.of(0), f32(Values.NORMAL, 100), indices(100, 7));
    list.add(
        "gather of pixels",
        new Gather(),
        0,
        List.of(0),
        f32(Values.NORMAL, 3, 4, 17),
        indices(3, 5));
    list.add(
        "scatter_add of numbers",
        new ScatterAdd(9),
        tolerance(40),
        List.of(0),
        f32(Values.NORMAL, 40),
        indices(9, 40));
    list.add(
        "scatter_add to many rows",
        new ScatterAdd(701),
        tolerance(20),
        List.of(0),
        f32(Values.NORMAL, 1000, 5),
        indices(701, 1000));
    list.add(
        "scatter_add of pixels",
        new ScatterAdd(4),
        tolerance(6),
        List.of(0),
        f32(Values.NORMAL, 6, 3, 17),
        indices(4, 6));
  }

  private static List<Integer> none() {
    return List.of();
  }

  private static List<Integer> none4() {
    return List.of(0, 0, 0, 0);
  }

  private static List<Integer> ones() {
    return List.of(1, 1, 1, 1);
  }
}
