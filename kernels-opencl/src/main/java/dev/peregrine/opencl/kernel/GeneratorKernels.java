package dev.peregrine.opencl.kernel;

import dev.peregrine.opencl.runtime.Source;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.op.Iota;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;

/** Operations that take no input: {@code generate.cl}. */
final class GeneratorKernels {
  private GeneratorKernels() {}

  static Kernel iota(Iota op, Kit kit) {
    Shape shape = op.spec().shape();
    int axis = shape.axis(op.axis());
    return kit.kernel(
        "count",
        Pass.flat(source(op.spec().dtype(), "iota"), shape.size())
            .out(0)
            .ints(shape.strides()[axis], shape.dim(axis), shape.channels(), shape.size()));
  }

  static Kernel uniform(long seed, Kit kit) {
    Shape shape = kit.signature().output().shape();
    return kit.kernel(
        "counter",
        Pass.flat(source(kit.real(), "uniform"), shape.size())
            .out(0)
            .wide(seed)
            .ints(shape.channels(), shape.size()));
  }

  private static Source source(DType dtype, String entry) {
    return Sources.of("generate.cl", dtype).define("NUMBER", Sources.type(dtype)).entry(entry);
  }
}
