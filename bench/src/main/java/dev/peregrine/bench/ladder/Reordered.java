package dev.peregrine.bench.ladder;

import java.util.Arrays;

/**
 * Rung 2: the same loops in another order, output channels innermost.
 *
 * <p>Neighbouring output channels are independent sums, and with channels last their numbers lie
 * beside each other: one number of the input, times a run of filters, onto a run of sums. The
 * compiler turns such a loop into vector instructions by itself, if it can prove that storing a sum
 * changes no filter still to be read. It can where both arrays are read at the very same index,
 * hence a row of filters and a row of sums of their own; with offsets into two larger arrays the
 * loop stays scalar, six times as slow.
 *
 * <p>What is left: each multiplication loads and stores its sum, so the memory ports work three
 * times as hard as the arithmetic.
 */
final class Reordered implements Rung {
  private final Problem p;
  private final float[][] rows;

  /** Cuts the filters into rows {@code [9 * in][out]}. */
  Reordered(Problem problem) {
    p = problem;
    rows = new float[9 * p.in()][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Arrays.copyOfRange(p.filters(), i * p.out(), (i + 1) * p.out());
    }
  }

  @Override
  public void run(float[] y) {
    float[] sums = new float[p.out()];
    for (int i = 0; i < p.height(); i++) {
      for (int j = 0; j < p.width(); j++) {
        Arrays.fill(sums, 0);
        for (int tap = 0; tap < 9; tap++) {
          int pixel = (i + tap / 3) * p.paddedWidth() + j + tap % 3;
          for (int c = 0; c < p.in(); c++) {
            add(p.input()[pixel * p.in() + c], rows[tap * p.in() + c], sums);
          }
        }
        System.arraycopy(sums, 0, y, (i * p.width() + j) * p.out(), p.out());
      }
    }
    p.finish(y);
  }

  private static void add(float x, float[] filters, float[] sums) {
    for (int o = 0; o < sums.length; o++) {
      sums[o] += x * filters[o];
    }
  }
}
