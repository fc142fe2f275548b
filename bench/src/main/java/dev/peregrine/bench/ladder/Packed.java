package dev.peregrine.bench.ladder;

/**
 * Rung 5: the filters in the order in which the tile reads them, and loops that keep them near.
 *
 * <p>The tile takes 32 output channels. In {@code [3, 3, in, out]} each step jumps {@code out}
 * numbers ahead and uses a part of what the cache fetched; packed as {@code [out / 32, 3, 3, in,
 * 32]} it reads straight on, and the processor fetches ahead. With the block of channels as the
 * outermost loop only one block is in use: it stays in the second cache for the whole picture.
 */
final class Packed implements Rung {
  private final Problem p;
  private final float[] panels;

  /** Packs the filters. */
  Packed(Problem problem) {
    p = problem;
    panels = pack(p.filters(), 9 * p.in(), p.out());
  }

  /**
   * Re-orders a matrix {@code [rows, columns]} as {@code [columns / block, rows, block]}, where a
   * block is as wide as a tile.
   */
  static float[] pack(float[] matrix, int rows, int columns) {
    float[] panels = new float[rows * columns];
    int to = 0;
    for (int block = 0; block < columns; block += Tile.COLUMNS) {
      for (int row = 0; row < rows; row++) {
        System.arraycopy(matrix, row * columns + block, panels, to, Tile.COLUMNS);
        to += Tile.COLUMNS;
      }
    }
    return panels;
  }

  @Override
  public void run(float[] y) {
    for (int o = 0; o < p.out(); o += Tile.COLUMNS) {
      for (int i = 0; i < p.height(); i++) {
        for (int start = 0; start < p.width(); start += Tile.ROWS) {
          pixels(i, Math.min(start, p.width() - Tile.ROWS), o, y);
        }
      }
    }
    p.finish(y);
  }

  private void pixels(int i, int j, int o, float[] y) {
    int steps = 3 * p.in();
    for (int a = 0; a < 3; a++) {
      int x = ((i + a) * p.paddedWidth() + j) * p.in();
      int w = 9 * p.in() * o + a * steps * Tile.COLUMNS;
      int to = (i * p.width() + j) * p.out() + o;
      Tile.multiply(p.input(), x, p.in(), panels, w, Tile.COLUMNS, steps, a > 0, y, to, p.out());
    }
  }
}
