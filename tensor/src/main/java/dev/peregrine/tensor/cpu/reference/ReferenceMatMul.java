package dev.peregrine.tensor.cpu.reference;

import dev.peregrine.tensor.op.MatMul;
import dev.peregrine.tensor.shape.Shape;

/** The product of matrices: {@code y[i, j] = sum over k of a[i, k] * b[k, j]}. */
final class ReferenceMatMul {
  private ReferenceMatMul() {}

  static Numbers multiply(MatMul op, Numbers a, Numbers b, Shape shape) {
    int inner = a.dim(op.transposeA() ? 0 : 1);
    Numbers y = Numbers.zeros(shape);
    int columns = shape.dim(1);
    for (int i = 0; i < shape.dim(0); i++) {
      for (int k = 0; k < inner; k++) {
        double left = op.transposeA() ? a.values[k * a.dim(1) + i] : a.values[i * inner + k];
        for (int j = 0; j < columns; j++) {
          double right = op.transposeB() ? b.values[j * inner + k] : b.values[k * columns + j];
          y.values[i * columns + j] += left * right;
        }
      }
    }
    return y;
  }
}
