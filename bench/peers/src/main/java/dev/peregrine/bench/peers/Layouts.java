package dev.peregrine.bench.peers;

/** Moves channels between the first and the last place. */
final class Layouts {
  private Layouts() {}

  static float[] channelsFirst(float[] values, int batch, int cells, int channels) {
    return transpose(values, batch, cells, channels);
  }

  static float[] channelsLast(float[] values, int batch, int cells, int channels) {
    return transpose(values, batch, channels, cells);
  }

  private static float[] transpose(float[] values, int batch, int rows, int columns) {
    float[] result = new float[values.length];
    for (int n = 0; n < batch; n++) {
      int start = n * rows * columns;
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
          result[start + column * rows + row] = values[start + row * columns + column];
        }
      }
    }
    return result;
  }

  /** Filters {@code [KH, KW, Cin, Cout]} as {@code [Cout, Cin, KH, KW]}. */
  static float[] filtersFirst(float[] values, int kernel, int in, int out) {
    // [kernel][in * out] -> [in * out][kernel], then the rows [in][out] -> [out][in].
    float[] rows = transpose(values, 1, kernel, in * out);
    return swapRows(rows, in, out, kernel);
  }

  /** Filters {@code [Cout, Cin, KH, KW]} as {@code [KH, KW, Cin, Cout]}. */
  static float[] filtersLast(float[] values, int kernel, int in, int out) {
    return transpose(swapRows(values, out, in, kernel), 1, in * out, kernel);
  }

  /** Turns {@code [a][b][length]} into {@code [b][a][length]}. */
  private static float[] swapRows(float[] values, int a, int b, int length) {
    float[] result = new float[values.length];
    for (int i = 0; i < a; i++) {
      for (int j = 0; j < b; j++) {
        System.arraycopy(values, (i * b + j) * length, result, (j * a + i) * length, length);
      }
    }
    return result;
  }
}
