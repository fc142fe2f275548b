package dev.peregrine.opencl.kernel;

import dev.peregrine.opencl.runtime.Launch;
import dev.peregrine.opencl.runtime.OpenClBuffer;
import dev.peregrine.opencl.runtime.Session;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Spec;

/** Measures how fast a device multiplies and adds in f32 at most: {@code peak.cl}. */
public final class PeakSpeed {
  private static final int GROUPS_EACH = 16;
  private static final int CHAINS = 8;
  private static final int FIRST_ROUNDS = 256;
  private static final int MOST_ROUNDS = 1 << 20;

  /** Long enough that asking does not count. */
  private static final double ENOUGH_SECONDS = 0.02;

  private PeakSpeed() {}

  /**
   * Measures for some hundredths of a second.
   *
   * @param session the device
   * @return 10^9 operations a second, a multiplication and an addition as two
   */
  public static double gigaflops(Session session) {
    int items = GROUPS_EACH * Pass.GROUP * session.facts().description().computeUnits();
    OpenClBuffer results = session.allocate(Spec.f32(items));
    Launch launch =
        Pass.flat(Sources.of("peak.cl", DType.F32).entry("multiply_add"), items)
            .launch(session, "measuring the peak");
    for (int rounds = FIRST_ROUNDS; ; rounds *= 2) {
      launch.rewind();
      launch.tensor(results);
      launch.number(rounds);
      session.finish();
      long start = System.nanoTime();
      launch.run();
      session.finish();
      double seconds = (System.nanoTime() - start) / 1e9;
      if (seconds >= ENOUGH_SECONDS || rounds >= MOST_ROUNDS) {
        return 2.0 * CHAINS * rounds * items / seconds / 1e9;
      }
    }
  }
}
