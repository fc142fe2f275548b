package dev.peregrine.bench.ladder;

/**
 * Rung 4: six pixels at once, so that each loaded filter is used six times.
 *
 * <p>Channels last, the pixels of a row are the rows of a matrix as they lie: {@link Tile} walks
 * over the three taps of a row and their channels, {@code 3 * in} numbers beside each other, and
 * the next pixel begins {@code in} numbers later. No copy of the input into a matrix (im2col) is
 * made. At the end of a row the last tile moves back and computes some pixels twice.
 *
 * @param problem what to compute
 */
record RegisterTile(Problem problem) implements Rung {
  @Override
  public void run(float[] y) {
    Problem p = problem;
    for (int i = 0; i < p.height(); i++) {
      for (int start = 0; start < p.width(); start += Tile.ROWS) {
        int j = Math.min(start, p.width() - Tile.ROWS);
        for (int o = 0; o < p.out(); o += Tile.COLUMNS) {
          pixels(p, i, j, o, y);
        }
      }
    }
    p.finish(y);
  }

  private static void pixels(Problem p, int i, int j, int o, float[] y) {
    int steps = 3 * p.in();
    for (int a = 0; a < 3; a++) {
      int x = ((i + a) * p.paddedWidth() + j) * p.in();
      int w = a * steps * p.out() + o;
      int to = (i * p.width() + j) * p.out() + o;
      Tile.multiply(p.input(), x, p.in(), p.filters(), w, p.out(), steps, a > 0, y, to, p.out());
    }
  }
}
