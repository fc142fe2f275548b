package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.op.MatMul;
import dev.peregrine.tensor.shape.Shape;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Makes the kernel of matrix multiplication.
 *
 * <p>Both matrices are packed: b into panels of two vectors of columns, a into panels of six rows,
 * padded with zeros. Then a tile of 6 rows and 2 vectors of columns is computed in twelve
 * registers, which every vector width has to spare.
 */
final class MatMulKernels {
  private static final VectorSpecies<Float> S = Lanes.SPECIES;
  private static final int L = S.length();
  private static final int ROWS = 6;
  private static final int COLUMNS = 2 * L;

  /** Row panels that one task multiplies with one column panel. */
  private static final int PANELS = 8;

  private MatMulKernels() {}

  static Kernel multiply(MatMul op, Signature signature, Workers workers) {
    Shape a = signature.input(0).shape();
    Shape y = signature.output().shape();
    int m = y.dim(0);
    int n = y.dim(1);
    int k = a.dim(op.transposeA() ? 0 : 1);
    int rowPanels = (m + ROWS - 1) / ROWS;
    int columnPanels = (n + COLUMNS - 1) / COLUMNS;
    int packedB = Math.multiplyExact(columnPanels * COLUMNS, k);
    int packedA = Math.multiplyExact(rowPanels * ROWS, k);
    int groups = (rowPanels + PANELS - 1) / PANELS;
    return HostKernel.of(
        "tile " + ROWS + "x" + COLUMNS,
        Math.addExact(packedA, packedB),
        (in, out, scratch, at) -> {
          int bAt = at + packedA;
          workers.run(
              rowPanels,
              panel ->
                  pack(
                      in[0],
                      !op.transposeA(),
                      panel * ROWS,
                      Math.min(ROWS, m - panel * ROWS),
                      ROWS,
                      k,
                      scratch,
                      at + panel * ROWS * k));
          workers.run(
              columnPanels,
              panel ->
                  pack(
                      in[1],
                      op.transposeB(),
                      panel * COLUMNS,
                      Math.min(COLUMNS, n - panel * COLUMNS),
                      COLUMNS,
                      k,
                      scratch,
                      bAt + panel * COLUMNS * k));
          workers.run(
              groups * columnPanels,
              task -> {
                int column = task / groups;
                int first = task % groups * PANELS;
                float[] tile = new float[ROWS * COLUMNS];
                for (int row = first; row < Math.min(rowPanels, first + PANELS); row++) {
                  tile(scratch, at + row * ROWS * k, bAt + column * COLUMNS * k, k, tile);
                  store(
                      tile,
                      out[0],
                      row * ROWS,
                      Math.min(ROWS, m - row * ROWS),
                      column * COLUMNS,
                      Math.min(COLUMNS, n - column * COLUMNS));
                }
              });
        });
  }

  /**
   * Packs a panel: for each step along the inner axis, {@code width} neighbours along the outer
   * one.
   *
   * @param from the matrix
   * @param innerIsLast whether the inner axis is the matrix's last
   * @param first the first index along the outer axis
   * @param count how many there are
   * @param width how many the panel has; the rest is 0
   * @param k extent of the inner axis
   * @param to the panel
   * @param toAt where it begins
   */
  private static void pack(
      HostBuffer from,
      boolean innerIsLast,
      int first,
      int count,
      int width,
      int k,
      float[] to,
      int toAt) {
    float[] x = from.floats();
    if (count < width) {
      Arrays.fill(to, toAt, toAt + width * k, 0);
    }
    if (innerIsLast) {
      for (int i = 0; i < count; i++) {
        int source = from.offset() + (first + i) * from.stride();
        for (int p = 0; p < k; p++) {
          to[toAt + p * width + i] = x[source + p];
        }
      }
    } else {
      for (int p = 0; p < k; p++) {
        System.arraycopy(x, from.offset() + p * from.stride() + first, to, toAt + p * width, count);
      }
    }
  }

  private static void tile(float[] packed, int aAt, int bAt, int k, float[] tile) {
    FloatVector c00 = FloatVector.zero(S);
    FloatVector c01 = c00;
    FloatVector c10 = c00;
    FloatVector c11 = c00;
    FloatVector c20 = c00;
    FloatVector c21 = c00;
    FloatVector c30 = c00;
    FloatVector c31 = c00;
    FloatVector c40 = c00;
    FloatVector c41 = c00;
    FloatVector c50 = c00;
    FloatVector c51 = c00;
    int a = aAt;
    int b = bAt;
    for (int p = 0; p < k; p++) {
      FloatVector b0 = FloatVector.fromArray(S, packed, b);
      FloatVector b1 = FloatVector.fromArray(S, packed, b + L);
      FloatVector v = FloatVector.broadcast(S, packed[a]);
      c00 = v.fma(b0, c00);
      c01 = v.fma(b1, c01);
      v = FloatVector.broadcast(S, packed[a + 1]);
      c10 = v.fma(b0, c10);
      c11 = v.fma(b1, c11);
      v = FloatVector.broadcast(S, packed[a + 2]);
      c20 = v.fma(b0, c20);
      c21 = v.fma(b1, c21);
      v = FloatVector.broadcast(S, packed[a + 3]);
      c30 = v.fma(b0, c30);
      c31 = v.fma(b1, c31);
      v = FloatVector.broadcast(S, packed[a + 4]);
      c40 = v.fma(b0, c40);
      c41 = v.fma(b1, c41);
      v = FloatVector.broadcast(S, packed[a + 5]);
      c50 = v.fma(b0, c50);
      c51 = v.fma(b1, c51);
      a += ROWS;
      b += COLUMNS;
    }
    c00.intoArray(tile, 0);
    c01.intoArray(tile, L);
    c10.intoArray(tile, 2 * L);
    c11.intoArray(tile, 3 * L);
    c20.intoArray(tile, 4 * L);
    c21.intoArray(tile, 5 * L);
    c30.intoArray(tile, 6 * L);
    c31.intoArray(tile, 7 * L);
    c40.intoArray(tile, 8 * L);
    c41.intoArray(tile, 9 * L);
    c50.intoArray(tile, 10 * L);
    c51.intoArray(tile, 11 * L);
  }

  private static void store(
      float[] tile, HostBuffer out, int row, int rows, int column, int columns) {
    for (int i = 0; i < rows; i++) {
      int target = out.offset() + (row + i) * out.stride() + column;
      System.arraycopy(tile, i * COLUMNS, out.floats(), target, columns);
    }
  }
}
