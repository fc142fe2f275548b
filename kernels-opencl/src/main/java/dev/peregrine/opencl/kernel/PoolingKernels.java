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
  private PoolingKernels() {}

  static Kernel max(Window window, Kit kit) {
    return forward("max_pool", window, kit);
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
    return Sources.of("pool.cl", kit.real()).entry(entry);
  }
}
