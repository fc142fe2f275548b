package dev.peregrine.bench.ladder;

import java.util.stream.IntStream;

/**
 * Rung 8: all cores.
 *
 * <p>Blocks of cells know nothing of each other, so each thread takes its share of them, with
 * scratch memory of its own. Which thread computes a block does not change a bit of the result,
 * since no sum is ever split between threads. This rung comes last because it multiplies whatever
 * one thread reaches; it does not replace any other.
 *
 * <p>(The library has workers of its own: the streams of the JDK take tens of microseconds to hand
 * work over, which is much for the small layers of a network.)
 */
final class Threads implements Rung {
  private final Winograd winograd;
  private final Cells.Scratch[] scratch;

  /** Transforms the filters. */
  Threads(Problem problem) {
    winograd = new Winograd(problem, true);
    scratch = new Cells.Scratch[Runtime.getRuntime().availableProcessors()];
    for (int i = 0; i < scratch.length; i++) {
      scratch[i] = winograd.scratch();
    }
  }

  @Override
  public void run(float[] y) {
    IntStream.range(0, scratch.length).parallel().forEach(thread -> share(thread, y));
  }

  private void share(int thread, float[] y) {
    for (int block = thread; block < winograd.blocks(); block += scratch.length) {
      winograd.block(block, scratch[thread], y);
    }
  }
}
