package dev.peregrine.bench.ladder;

/**
 * Rung 1: the formula as it stands in the textbook, one output after another.
 *
 * <p>Each output is a sum over taps and channels. The sum is one chain of additions, each waiting
 * for the one before, and Java may not reorder a sum of floats, so nothing is done side by side. Of
 * the filters, every step takes one number from another cache line.
 *
 * @param problem what to compute
 */
record Naive(Problem problem) implements Rung {
  @Override
  public void run(float[] y) {
    Problem p = problem;
    for (int o = 0; o < p.out(); o++) {
      for (int i = 0; i < p.height(); i++) {
        for (int j = 0; j < p.width(); j++) {
          float sum = 0;
          for (int a = 0; a < 3; a++) {
            for (int b = 0; b < 3; b++) {
              int pixel = (i + a) * p.paddedWidth() + j + b;
              for (int c = 0; c < p.in(); c++) {
                sum +=
                    p.input()[pixel * p.in() + c]
                        * p.filters()[((a * 3 + b) * p.in() + c) * p.out() + o];
              }
            }
          }
          y[(i * p.width() + j) * p.out() + o] = sum;
        }
      }
    }
    p.finish(y);
  }
}
