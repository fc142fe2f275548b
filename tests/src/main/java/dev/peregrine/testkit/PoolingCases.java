package dev.peregrine.testkit;

import static dev.peregrine.testkit.CaseList.f32;
import static dev.peregrine.testkit.CaseList.tolerance;

import dev.peregrine.tensor.op.AvgPool;
import dev.peregrine.tensor.op.AvgPoolGrad;
import dev.peregrine.tensor.op.MaxPool;
import dev.peregrine.tensor.op.MaxPoolGrad;
import dev.peregrine.tensor.op.Upsample;
import dev.peregrine.tensor.op.UpsampleGrad;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.List;

/** Cases of pooling, upsampling and their gradients. */
final class PoolingCases {
  private PoolingCases() {}

  static void add(CaseList list) {
    Window half = Window.of(2).stride(2);
    pool(list, half, 1, 8, 6, 16);
    pool(list, half, 3, 2, 2, 3);
    // darknet pads one row and column below and right, so that odd maps keep their last pixels.
    pool(list, half.pad(0, 0, 1, 1), 1, 13, 17, 33);
    pool(list, half.pad(0, 0, 1, 1), 3, 1, 7, 5);
    pool(list, Window.of(2).pad(0, 0, 1, 1), 1, 13, 13, 64);
    for (int size : new int[] {3, 5, 9, 13}) {
      pool(list, Window.same(size, 1), 1, 13, 13, 17);
      pool(list, Window.same(size, 1), 1, 1, 7, 16);
    }
    pool(list, Window.same(13, 1), 1, 1, 1, 100);
    pool(list, Window.same(3, 2), 2, 9, 11, 31);
    pool(list, Window.of(3).stride(3), 1, 10, 9, 15);
    pool(list, Window.of(2).stride(3), 1, 11, 10, 1);
    pool(list, Window.of(3).dilation(2).pad(2), 1, 7, 8, 17);
    pool(list, new Window(2, 3, 1, 2, 1, 0, 0, 2, 1, 1), 2, 6, 7, 18);
    pool(list, new Window(13, 9, 1, 1, 0, 0, 0, 0, 1, 1), 2, 13, 9, 33);
    for (int factor : new int[] {1, 2, 3}) {
      for (Shape x :
          List.of(Shape.of(1, 1, 1, 1), Shape.of(2, 3, 5, 17), Shape.of(1, 13, 13, 64))) {
        upsample(list, factor, x);
      }
    }
  }

  private static void pool(CaseList list, Window window, int n, int height, int width, int c) {
    Shape x = Shape.of(n, height, width, c);
    Shape y = new MaxPool(window).infer(List.of(Spec.f32().withShape(x))).get(0).shape();
    String name = " " + window + " " + x;
    int taps = window.kernelHeight() * window.kernelWidth();
    list.smooth("max_pool" + name, new MaxPool(window), 0, f32(Values.DISTINCT, x));
    list.plain("max_pool of NaN" + name, new MaxPool(window), 0, f32(Values.HOLES, x));
    list.plain(
        "max_pool_grad of NaN" + name,
        new MaxPoolGrad(window),
        tolerance(taps),
        f32(Values.HOLES, x),
        f32(Values.NORMAL, y));
    list.plain(
        "max_pool_grad" + name,
        new MaxPoolGrad(window),
        tolerance(taps),
        f32(Values.NORMAL, x),
        f32(Values.NORMAL, y));
    list.plain(
        "max_pool_grad of ties" + name,
        new MaxPoolGrad(window),
        tolerance(taps),
        f32(Values.TIES, x),
        f32(Values.NORMAL, y));
    list.smooth("avg_pool" + name, new AvgPool(window), tolerance(taps), f32(Values.NORMAL, x));
    list.smooth(
        "avg_pool_grad" + name, new AvgPoolGrad(window, x), tolerance(taps), f32(Values.NORMAL, y));
  }

  private static void upsample(CaseList list, int factor, Shape x) {
    Shape y = Shape.of(x.dim(0), factor * x.dim(1), factor * x.dim(2), x.dim(3));
    list.smooth("upsample " + factor + " " + x, new Upsample(factor), 0, f32(Values.NORMAL, x));
    list.smooth(
        "upsample_grad " + factor + " " + x,
        new UpsampleGrad(factor),
        tolerance((long) factor * factor),
        f32(Values.NORMAL, y));
  }
}
