package dev.peregrine.opencl.kernel;

import dev.peregrine.opencl.runtime.Launch;
import dev.peregrine.opencl.runtime.OpenClBuffer;
import dev.peregrine.opencl.runtime.Session;
import dev.peregrine.opencl.runtime.Source;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Spec;

/** Measures how fast a device multiplies and adds at most: {@code peak.cl}. */
public final class PeakSpeed {
  private static final int GROUPS_EACH = 16;
  private static final int CHAINS = 8;
  private static final int FIRST_ROUNDS = 256;
  private static final int MOST_ROUNDS = 1 << 20;
  private static final int WARP = 32;

  /** Long enough that asking does not count. */
  private static final double ENOUGH_SECONDS = 0.02;

  private PeakSpeed() {}

  /**
   * Measures for some hundredths of a second how fast ordinary arithmetic of f32 is.
   *
   * @param session the device
   * @return 10^9 operations a second, a multiplication and an addition as two
   */
  public static double gigaflops(Session session) {
    int items = items(session);
    Source source = chains().entry("multiply_add");
    return measure(session, Pass.flat(source, items), items, FIRST_ROUNDS, 2);
  }

  /**
   * Measures for some hundredths of a second how fast tensor cores carry out the instruction that
   * tiles are multiplied by. Sums are f32.
   *
   * @param session the device
   * @param tiling how its products are cut
   * @return 10^9 operations a second, a multiplication and an addition as two; not a number where
   *     the tiles are not for tensor cores
   */
  public static double tensorCoreGigaflops(Session session, Tiling tiling) {
    Tile tile = tiling.tiles().getLast();
    if (!tile.precision().isOfTensorCores()) {
      return Double.NaN;
    }
    int items = items(session) / tile.threads() * tile.threads();
    Source source = tiling.define(tile, chains()).entry("multiply_fragments");
    Pass pass = Pass.groups(source, new long[] {items / tile.threads()}, tile.threads());
    // Emulated, a single round takes long.
    return measure(session, pass, items, 1, tile.fragmentFlops() / (double) WARP);
  }

  private static int items(Session session) {
    return GROUPS_EACH * Pass.GROUP * session.facts().description().computeUnits();
  }

  private static Sources chains() {
    return Sources.of("peak.cl", DType.F32).define("CHAINS", CHAINS);
  }

  /** Doubles the rounds until they take long enough; a link of a chain is so many operations. */
  private static double measure(
      Session session, Pass pass, int items, int firstRounds, double operations) {
    OpenClBuffer results = session.allocate(Spec.f32(items));
    Launch launch = pass.launch(session, "measuring the peak");
    for (int rounds = firstRounds; ; rounds *= 2) {
      launch.rewind();
      launch.tensor(results);
      launch.number(rounds);
      session.finish();
      long start = System.nanoTime();
      launch.run();
      session.finish();
      double seconds = (System.nanoTime() - start) / 1e9;
      if (seconds >= ENOUGH_SECONDS || rounds >= MOST_ROUNDS) {
        return operations * CHAINS * rounds * items / seconds / 1e9;
      }
    }
  }
}
