package dev.peregrine.bench.ladder;

/**
 * Rung 6: fewer multiplications, by Winograd's F(4x4, 3x3).
 *
 * <p>The output is cut into cells of 4x4 pixels, each of which sees 6x6 of the input. Transformed
 * (see {@link Transforms}), cell and filter are multiplied number by number: for each of the 36
 * places this is, over all cells and channels, a product of matrices {@code [cells, in] * [in,
 * out]}, which {@link Tile} does. That is a quarter of the multiplications. The transforms are
 * additions, paid once a cell and channel and not once a pair of channels.
 *
 * <p>Thirty cells are taken through all three steps at a time, so that what lies between the steps
 * stays in the second cache.
 */
final class Winograd implements Rung {
  private static final int BLOCK = 5 * Tile.ROWS;

  private final Problem p;
  private final boolean fused;
  private final float[][] filters;
  private final Cells cells;
  private final Cells.Scratch scratch;

  /** Transforms the filters; with {@code fused}, bias and activation are part of the last step. */
  Winograd(Problem problem, boolean fused) {
    p = problem;
    this.fused = fused;
    filters = Transforms.filters(p);
    cells = new Cells(p, BLOCK);
    scratch = cells.scratch();
  }

  /** Makes memory for the blocks of one thread. */
  Cells.Scratch scratch() {
    return cells.scratch();
  }

  @Override
  public void run(float[] y) {
    for (int block = 0; block < blocks(); block++) {
      block(block, scratch, y);
    }
    if (!fused) {
      p.finish(y);
    }
  }

  /** How many blocks of cells there are, each computed by itself. */
  int blocks() {
    return (cells.count() + BLOCK - 1) / BLOCK;
  }

  /** Computes one block: all blocks have nearly the same size. */
  void block(int block, Cells.Scratch s, float[] y) {
    int start = block * cells.count() / blocks();
    int end = (block + 1) * cells.count() / blocks();
    for (int cell = start; cell < end; cell++) {
      cells.transform(cell, cell - start, s);
    }
    for (int place = 0; place < 36; place++) {
      multiply(place, Math.max(end - start, Tile.ROWS), s);
    }
    for (int cell = start; cell < end; cell++) {
      cells.collect(cell, cell - start, s, fused, y);
    }
  }

  /** The product of matrices at one place: filters in the first cache, cells from the second. */
  private void multiply(int place, int rows, Cells.Scratch s) {
    float[] w = filters[place];
    int v = place * BLOCK * p.in();
    int m = place * BLOCK * p.out();
    for (int o = 0; o < p.out(); o += Tile.COLUMNS) {
      for (int from = 0; from < rows; from += Tile.ROWS) {
        int r = Math.min(from, rows - Tile.ROWS);
        int x = v + r * p.in();
        int to = m + r * p.out() + o;
        Tile.multiply(
            s.v(), x, p.in(), w, o * p.in(), Tile.COLUMNS, p.in(), false, s.m(), to, p.out());
      }
    }
  }
}
