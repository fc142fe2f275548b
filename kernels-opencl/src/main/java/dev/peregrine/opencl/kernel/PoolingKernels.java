package dev.peregrine.opencl.kernel;

import dev.peregrine.opencl.runtime.Source;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.op.UpsampleGrad;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;

/** Pooling and its gradients, and the gradient of upsampling: {@code pool.cl}. */
final class PoolingKernels {
  /** Where the padding stands among a window's numbers. */
  private static final int PADDING = 4;

  /** Taps from which on a maximum is taken along rows first and along columns then. */
  private static final int MANY_TAPS = 16;

  private PoolingKernels() {}

  static Kernel max(Window window, Kit kit) {
    int taps = window.kernelHeight() * window.kernelWidth();
    boolean flat = window.kernelHeight() == 1 || window.kernelWidth() == 1;
    return taps < MANY_TAPS || flat ? forward("max_pool", window, kit) : separable(window, kit);
  }

  /** The maximum of maxima: as many reads as the window's edges are long, not its area. */
  private static Kernel separable(Window window, Kit kit) {
    Shape x = kit.signature().input(0).shape();
    Shape y = kit.signature().output().shape();
    Spec between = new Spec(kit.stored(), x.with(2, y.dim(2)));
    int[] across = Windows.numbers(window);
    int[] down = Windows.numbers(window);
    // Kernel, stride, padding and dilation: of height at even places, of width at odd ones.
    for (int i = 0; i < across.length; i += 2) {
      boolean padding = i == PADDING;
      across[i] = padding ? 0 : 1;
      down[i + 1] = padding ? 0 : 1;
    }
    return kit.kernel(
        "rows and columns",
        between.shape().size(),
        Pass.flat(source(kit, "max_pool"), between.shape().size())
            .in(0)
            .scratch(0, between)
            .vector(across, 0)
            .vector(sizes(x, between.shape()), 0)
            .ints(between.shape().size()),
        Pass.flat(source(kit, "max_pool"), y.size())
            .scratch(0, between)
            .out(0)
            .vector(down, 0)
            .vector(sizes(between.shape(), y), 0)
            .ints(y.size()));
  }

  static Kernel average(Window window, Kit kit) {
    return forward("avg_pool", window, kit);
  }

  private static Kernel forward(String entry, Window window, Kit kit) {
    Shape x = kit.signature().input(0).shape();
    Shape y = kit.signature().output().shape();
    return kit.kernel(
        "window",
        Pass.flat(source(kit, entry), y.size())
            .in(0)
            .out(0)
            .vector(Windows.numbers(window), 0)
            .vector(sizes(x, y), 0)
            .ints(y.size()));
  }

  /** The winners of all windows first, then each element asks which windows it has won. */
  static Kernel maxGrad(Window window, Kit kit) {
    Shape x = kit.signature().input(0).shape();
    Shape y = kit.signature().input(1).shape();
    Spec winners = new Spec(DType.I32, Shape.of(y.size()));
    return kit.kernel(
        "winners",
        y.size(),
        Pass.flat(source(kit, "max_pool_winners"), y.size())
            .in(0)
            .scratch(0, winners)
            .vector(Windows.numbers(window), 0)
            .vector(sizes(x, y), 0)
            .ints(y.size()),
        Pass.flat(source(kit, "max_pool_grad"), x.size())
            .scratch(0, winners)
            .in(1)
            .out(0)
            .vector(Windows.numbers(window), 0)
            .vector(sizes(x, y), 0)
            .ints(x.size()));
  }

  static Kernel averageGrad(Window window, Kit kit) {
    Shape y = kit.signature().input(0).shape();
    Shape x = kit.signature().output().shape();
    return kit.kernel(
        "window",
        Pass.flat(source(kit, "avg_pool_grad"), x.size())
            .in(0)
            .out(0)
            .vector(Windows.numbers(window), 0)
            .vector(sizes(x, y), 0)
            .ints(x.size()));
  }

  static Kernel upsampleGrad(UpsampleGrad op, Kit kit) {
    Shape y = kit.signature().input(0).shape();
    Shape x = kit.signature().output().shape();
    return kit.kernel(
        "sums",
        Pass.flat(source(kit, "upsample_grad"), x.size())
            .in(0)
            .out(0)
            .ints(op.factor())
            .vector(sizes(x, y), 0)
            .ints(x.size()));
  }

  private static int[] sizes(Shape x, Shape y) {
    return new int[] {x.dim(1), x.dim(2), y.dim(1), y.dim(2), x.dim(3)};
  }

  private static Source source(Kit kit, String entry) {
    return Sources.of("pool.cl", kit.stored()).entry(entry);
  }
}
