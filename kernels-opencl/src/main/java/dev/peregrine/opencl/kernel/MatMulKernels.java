package dev.peregrine.opencl.kernel;

import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.op.MatMul;
import dev.peregrine.tensor.shape.Shape;

/** The product of matrices: {@code matmul.cl}. */
final class MatMulKernels {
  private MatMulKernels() {}

  static Kernel multiply(MatMul op, Kit kit) {
    Shape y = kit.signature().output().shape();
    int depth = kit.signature().input(0).shape().dim(op.transposeA() ? 0 : 1);
    Tile tile = kit.tile(y.dim(0), y.dim(1), 1);
    Sources sources = kit.tiled("matmul.cl", tile);
    if (op.transposeA()) {
      sources.define("TRANSPOSE_A", "");
    }
    if (op.transposeB()) {
      sources.define("TRANSPOSE_B", "");
    }
    long[] groups = {Math.ceilDiv(y.dim(0), tile.tileM()), Math.ceilDiv(y.dim(1), tile.tileN())};
    return kit.kernel(
        "tiles " + tile,
        Pass.groups(sources.entry("multiply"), groups, tile.threads())
            .in(0, 2)
            .out(0)
            .ints(y.dim(0), y.dim(1), depth));
  }
}
