package dev.peregrine.bench.ladder;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Rung 3: vectors by name, and sums that stay in registers until they are done.
 *
 * <p>For one pixel, two vectors of output channels are summed over all taps and channels and stored
 * once. Multiplication and addition are one instruction now ({@code fma}), which the compiler never
 * makes of {@code a * b + c} because it rounds once instead of twice. What is left: two chains of
 * additions are too few, since an {@code fma} takes four cycles and a new one could start in each;
 * and every filter that is loaded is used once.
 *
 * @param problem what to compute
 */
record Vectorised(Problem problem) implements Rung {
  // Constant, or each vector would become an object on the heap: a hundred times slower.
  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;

  @Override
  public void run(float[] y) {
    Problem p = problem;
    for (int i = 0; i < p.height(); i++) {
      for (int j = 0; j < p.width(); j++) {
        for (int o = 0; o < p.out(); o += 2 * S.length()) {
          pixel(p, i, j, o, y);
        }
      }
    }
    p.finish(y);
  }

  private static void pixel(Problem p, int i, int j, int o, float[] y) {
    FloatVector low = FloatVector.zero(S);
    FloatVector high = FloatVector.zero(S);
    int out = p.out();
    // The three taps of a row and their channels lie beside each other: one loop for all of them.
    int steps = 3 * p.in();
    for (int a = 0; a < 3; a++) {
      float[] x = p.input();
      float[] w = p.filters();
      int from = ((i + a) * p.paddedWidth() + j) * p.in();
      int filter = a * steps * out + o;
      for (int c = 0; c < steps; c++) {
        FloatVector v = FloatVector.broadcast(S, x[from + c]);
        low = v.fma(FloatVector.fromArray(S, w, filter + c * out), low);
        high = v.fma(FloatVector.fromArray(S, w, filter + c * out + S.length()), high);
      }
    }
    int to = (i * p.width() + j) * out + o;
    low.intoArray(y, to);
    high.intoArray(y, to + S.length());
  }
}
