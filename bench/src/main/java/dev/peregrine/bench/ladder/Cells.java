package dev.peregrine.bench.ladder;

import jdk.incubator.vector.FloatVector;

/**
 * The cells of 4x4 output pixels that {@link Winograd} works on: into the transformed form and
 * back, in both directions, for a vector of channels at a time.
 *
 * @param p the convolution
 * @param capacity how many cells a block of memory holds
 */
record Cells(Problem p, int capacity) {
  private static final int L = FloatVector.SPECIES_PREFERRED.length();

  /**
   * Memory for one block.
   *
   * @param v the transformed cells {@code [36, capacity, in]}
   * @param m their products with the filters {@code [36, capacity, out]}
   * @param half a cell transformed in one direction only
   * @param pixels a finished cell
   */
  record Scratch(float[] v, float[] m, float[] half, float[] pixels) {}

  /** Makes memory for one block. */
  Scratch scratch() {
    return new Scratch(
        new float[36 * capacity * p.in()],
        new float[36 * capacity * p.out()],
        new float[36 * L],
        new float[16 * L]);
  }

  private int across() {
    return (p.width() + 3) / 4;
  }

  /** How many cells the output has; those at its end may reach beyond. */
  int count() {
    return across() * ((p.height() + 3) / 4);
  }

  /** Reads 6x6 pixels and transforms them, as row {@code row} of the matrices {@code v}. */
  void transform(int cell, int row, Scratch s) {
    int in = p.in();
    int stride = p.paddedWidth() * in;
    int from = 4 * (cell / across()) * stride + 4 * (cell % across()) * in;
    for (int c = 0; c < in; c += L) {
      for (int k = 0; k < 6; k++) {
        Transforms.input(p.input(), from + k * in + c, stride, s.half, k * L, 6 * L);
      }
      for (int k = 0; k < 6; k++) {
        int to = (6 * k * capacity + row) * in + c;
        Transforms.input(s.half, 6 * k * L, L, s.v, to, capacity * in);
      }
    }
  }

  /** Transforms row {@code row} of the matrices {@code m} back and writes up to 4x4 pixels. */
  void collect(int cell, int row, Scratch s, boolean fused, float[] y) {
    int out = p.out();
    int top = 4 * (cell / across());
    int left = 4 * (cell % across());
    int rows = Math.min(4, p.height() - top);
    int columns = Math.min(4, p.width() - left);
    for (int o = 0; o < out; o += L) {
      for (int k = 0; k < 6; k++) {
        int from = (k * capacity + row) * out + o;
        Transforms.output(s.m, from, 6 * capacity * out, s.half, k * L, 6 * L);
      }
      for (int i = 0; i < 4; i++) {
        Transforms.output(s.half, 6 * i * L, L, s.pixels, 4 * i * L, L);
      }
      if (fused) {
        p.finish(s.pixels, 16, o);
      }
      for (int i = 0; i < rows; i++) {
        int to = ((top + i) * p.width() + left) * out + o;
        for (int j = 0; j < columns; j++) {
          System.arraycopy(s.pixels, (4 * i + j) * L, y, to + j * out, L);
        }
      }
    }
  }
}
