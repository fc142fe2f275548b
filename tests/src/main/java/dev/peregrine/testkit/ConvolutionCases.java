package dev.peregrine.testkit;

import static dev.peregrine.testkit.CaseList.convolutionTolerance;
import static dev.peregrine.testkit.CaseList.f32;

import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.op.Conv2dInputGrad;
import dev.peregrine.tensor.op.Conv2dWeightGrad;
import dev.peregrine.tensor.op.Epilogue;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Cases of the convolution, its two gradients and its fused steps. */
final class ConvolutionCases {
  private final CaseList list;

  private ConvolutionCases(CaseList list) {
    this.list = list;
  }

  static void add(CaseList list) {
    ConvolutionCases cases = new ConvolutionCases(list);
    cases.channels();
    cases.maps();
    cases.windows();
    cases.groups();
    cases.epilogues();
    cases.drawn();
  }

  private void channels() {
    int[][] pairs = {
      {1, 1}, {1, 16}, {3, 5}, {3, 16}, {3, 32}, {5, 17}, {15, 33}, {16, 1}, {16, 16}, {17, 15},
      {31, 64}, {32, 32}, {33, 31}, {64, 100}, {100, 3}, {64, 64}
    };
    for (int[] pair : pairs) {
      for (Window window : List.of(Window.same(3, 1), Window.of(1), Window.same(3, 2))) {
        all(1, 9, 11, pair[0], pair[1], 1, window);
      }
    }
  }

  private void maps() {
    int[][] maps = {
      {0, 9, 11},
      {1, 1, 1},
      {1, 1, 7},
      {1, 7, 1},
      {3, 2, 2},
      {1, 13, 13},
      {3, 13, 17},
      {1, 14, 14},
      {1, 26, 27}
    };
    for (int[] map : maps) {
      for (Window window : List.of(Window.same(3, 1), Window.of(1), Window.same(3, 2))) {
        all(map[0], map[1], map[2], 16, 33, 1, window);
      }
    }
    // Wide enough for transformed 3x3 convolution, on maps around multiples of its 4x4 tiles.
    for (int side : new int[] {3, 4, 5, 15, 16, 17}) {
      all(1, side, side + 1, 32, 64, 1, Window.same(3, 1));
    }
    all(3, 13, 13, 64, 48, 1, Window.same(3, 1));
  }

  private void windows() {
    List<Window> windows = new ArrayList<>();
    for (int size : new int[] {1, 2, 3, 5, 7}) {
      windows.add(Window.of(size));
      windows.add(Window.same(size, 1));
      windows.add(Window.same(size, 2));
      windows.add(Window.same(size, 3));
    }
    windows.add(Window.of(1).pad(1));
    windows.add(Window.of(3).pad(3));
    windows.add(Window.of(3).pad(0, 0, 1, 1));
    windows.add(Window.of(3).stride(2).pad(0, 0, 1, 1));
    windows.add(Window.of(3).pad(2, 0, 1, 3));
    windows.add(Window.of(2).stride(3));
    windows.add(Window.of(3).dilation(2).pad(2));
    windows.add(Window.of(3).dilation(3).pad(1));
    windows.add(Window.of(3).stride(2).dilation(2).pad(2));
    windows.add(new Window(1, 3, 1, 1, 0, 1, 0, 1, 1, 1));
    windows.add(new Window(3, 1, 1, 1, 1, 0, 1, 0, 1, 1));
    windows.add(new Window(3, 2, 2, 1, 1, 0, 0, 1, 1, 2));
    windows.add(new Window(2, 5, 1, 3, 0, 2, 1, 2, 2, 1));
    for (Window window : windows) {
      all(1, 9, 11, 5, 17, 1, window);
      all(1, 10, 8, 16, 32, 1, window);
    }
  }

  private void groups() {
    for (int channels : new int[] {1, 3, 8, 16, 17, 33, 64, 100}) {
      all(1, 9, 11, channels, channels, channels, Window.same(3, 1));
      all(1, 9, 11, channels, channels, channels, Window.same(3, 2));
    }
    all(3, 7, 6, 16, 16, 16, Window.same(5, 1));
    all(1, 9, 9, 17, 17, 17, Window.of(3).dilation(2).pad(2));
    all(1, 9, 11, 5, 15, 5, Window.same(3, 1));
    all(1, 9, 11, 4, 6, 2, Window.same(3, 1));
    all(1, 9, 11, 34, 30, 2, Window.of(1));
    all(3, 9, 11, 64, 64, 4, Window.same(3, 1));
    all(1, 9, 11, 64, 64, 2, Window.same(3, 2));
    all(1, 9, 11, 96, 64, 32, Window.same(3, 1));
  }

  private void epilogues() {
    Epilogue bias = Epilogue.NONE.then(new Epilogue.Bias());
    List<Epilogue> epilogues =
        List.of(
            bias,
            bias.then(activate(Unary.Kind.LEAKY_RELU)),
            bias.then(activate(Unary.Kind.MISH)),
            bias.then(activate(Unary.Kind.RELU)),
            bias.then(activate(Unary.Kind.RELU6)),
            bias.then(activate(Unary.Kind.LOGISTIC)),
            bias.then(activate(Unary.Kind.HARD_SWISH)),
            bias.then(activate(Unary.Kind.SWISH)).then(new Epilogue.Add()),
            bias.then(new Epilogue.Add()).then(activate(Unary.Kind.MISH)),
            Epilogue.NONE.then(new Epilogue.Add()),
            Epilogue.NONE.then(activate(Unary.Kind.LEAKY_RELU)),
            bias.then(new Epilogue.Add()).then(activate(Unary.Kind.RELU)).then(new Epilogue.Add()));
    for (Epilogue epilogue : epilogues) {
      fused(1, 9, 11, 17, 33, 1, Window.same(3, 1), epilogue);
      fused(3, 5, 6, 32, 64, 1, Window.same(3, 1), epilogue);
      fused(1, 9, 11, 3, 16, 1, Window.same(3, 2), epilogue);
      fused(1, 13, 13, 64, 31, 1, Window.of(1), epilogue);
      fused(1, 9, 11, 17, 17, 17, Window.same(3, 1), epilogue);
      fused(1, 9, 11, 32, 48, 2, Window.same(3, 1), epilogue);
    }
  }

  /** Thirty combinations drawn once and for all, for what nobody thought of. */
  private void drawn() {
    Random random = new Random(20250);
    for (int i = 0; i < 30; i++) {
      int groups = random.nextInt(1, 4);
      Window window =
          new Window(
              random.nextInt(1, 5),
              random.nextInt(1, 5),
              random.nextInt(1, 4),
              random.nextInt(1, 4),
              random.nextInt(4),
              random.nextInt(4),
              random.nextInt(4),
              random.nextInt(4),
              random.nextInt(1, 3),
              random.nextInt(1, 3));
      all(
          random.nextInt(1, 3),
          random.nextInt(8, 16),
          random.nextInt(8, 16),
          groups * random.nextInt(1, 20),
          groups * random.nextInt(1, 40),
          groups,
          window);
    }
  }

  /** Adds the convolution and both its gradients. */
  private void all(int n, int height, int width, int in, int out, int groups, Window window) {
    Shape x = Shape.of(n, height, width, in);
    Shape w = Shape.of(window.kernelHeight(), window.kernelWidth(), in / groups, out);
    Conv2d conv = new Conv2d(window, groups, Epilogue.NONE);
    Shape y = output(conv, x, w);
    String name = name(x, out, groups, window);
    int taps = window.kernelHeight() * window.kernelWidth();
    list.smooth(
        "conv2d " + name,
        conv,
        convolutionTolerance((long) taps * in / groups),
        f32(Values.NORMAL, x),
        f32(Values.NORMAL, w));
    list.smooth(
        "conv2d_input_grad " + name,
        new Conv2dInputGrad(window, groups, x),
        convolutionTolerance((long) taps * out / groups),
        f32(Values.NORMAL, y),
        f32(Values.NORMAL, w));
    list.smooth(
        "conv2d_weight_grad " + name,
        new Conv2dWeightGrad(window, groups, w),
        convolutionTolerance(y.rows()),
        f32(Values.NORMAL, x),
        f32(Values.NORMAL, y));
  }

  private void fused(
      int n, int height, int width, int in, int out, int groups, Window window, Epilogue epilogue) {
    Shape x = Shape.of(n, height, width, in);
    add(list, "conv2d ", x, out, groups, window, epilogue);
  }

  /** Adds a convolution with fused steps. */
  static void add(
      CaseList list,
      String prefix,
      Shape x,
      int out,
      int groups,
      Window window,
      Epilogue epilogue) {
    int in = x.dim(3) / groups;
    Shape w = Shape.of(window.kernelHeight(), window.kernelWidth(), in, out);
    Shape y = output(new Conv2d(window, groups, Epilogue.NONE), x, w);
    List<OpCase.Input> inputs = new ArrayList<>();
    inputs.add(f32(Values.NORMAL, x));
    inputs.add(f32(Values.NORMAL, w));
    for (Epilogue.Step step : epilogue.steps()) {
      switch (step) {
        case Epilogue.Bias _ -> inputs.add(f32(Values.NORMAL, out));
        case Epilogue.Add _ -> inputs.add(f32(Values.NORMAL, y));
        case Epilogue.Activate _ -> {}
      }
    }
    list.plain(
        prefix + name(x, out, groups, window) + " " + epilogue,
        new Conv2d(window, groups, epilogue),
        convolutionTolerance((long) w.dim(0) * w.dim(1) * in),
        inputs.toArray(OpCase.Input[]::new));
  }

  private static Shape output(Conv2d conv, Shape x, Shape w) {
    Spec spec = Spec.f32();
    return conv.infer(List.of(spec.withShape(x), spec.withShape(w))).get(0).shape();
  }

  private static String name(Shape x, int out, int groups, Window window) {
    return window + " " + x + " to " + out + (groups == 1 ? "" : " groups " + groups);
  }

  private static Epilogue.Step activate(Unary.Kind kind) {
    return new Epilogue.Activate(kind);
  }
}
