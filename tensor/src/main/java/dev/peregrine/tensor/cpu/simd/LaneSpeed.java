package dev.peregrine.tensor.cpu.simd;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * How fast vectors multiply and add in registers, beside single floats, on one thread.
 *
 * <p>Where the compiler turns vectors into objects, which happens when a flag or a debugger gets in
 * its way, they are slower than single floats; every kernel is then a hundred times too slow.
 *
 * @param scalar multiply-adds of single floats in a second
 * @param vector multiply-adds of lanes in a second
 */
record LaneSpeed(double scalar, double vector) {
  private static final VectorSpecies<Float> S = Lanes.SPECIES;
  private static final int STEPS = 20_000;
  private static final int CHAINS = 8;
  private static final int WARM_UP = 200;
  private static final int ROUNDS = 60;

  /** Measures for some tenths of a second. */
  static LaneSpeed measure() {
    float[] kept = new float[S.length()];
    for (int i = 0; i < WARM_UP; i++) {
      kept[0] += scalar(0.5f) + vector(0.5f, kept);
    }
    double scalar = Double.MAX_VALUE;
    double vector = Double.MAX_VALUE;
    for (int i = 0; i < ROUNDS; i++) {
      // An argument from the result before keeps the compiler from leaving the work out.
      float start = 0.5f + Math.clamp(kept[0], 0, 1) * 1e-9f;
      long before = System.nanoTime();
      float a = scalar(start);
      long between = System.nanoTime();
      float b = vector(start, kept);
      long after = System.nanoTime();
      kept[0] += a + b;
      scalar = Math.min(scalar, between - before);
      vector = Math.min(vector, after - between);
    }
    double steps = 1e9 * STEPS * CHAINS;
    return new LaneSpeed(steps / scalar, steps * S.length() / vector);
  }

  /**
   * Measures vectors on all threads of a team at once.
   *
   * @param workers the team
   * @return 10^9 floating-point operations a second of all threads together
   */
  static double peakGigaflops(Workers workers) {
    // By thread, not by task: a thread that comes late leaves its task to another, which then
    // measures twice, and the second time with the machine to itself.
    double[] fastest = new double[workers.threads()];
    workers.run(
        fastest.length, (_, worker) -> fastest[worker] = Math.max(fastest[worker], fastest()));
    double slowest = Arrays.stream(fastest).max().orElseThrow();
    double nanos = 2.0 * STEPS * CHAINS * S.length();
    double sum = 0;
    for (double each : fastest) {
      sum += nanos / (each == 0 ? slowest : each);
    }
    return sum;
  }

  /** Returns the nanoseconds of the fastest of many rounds of vectors on this thread. */
  private static double fastest() {
    float[] kept = new float[S.length()];
    double fastest = Double.MAX_VALUE;
    for (int i = 0; i < WARM_UP + 10 * ROUNDS; i++) {
      float start = 0.5f + Math.clamp(kept[0], 0, 1) * 1e-9f;
      long before = System.nanoTime();
      kept[0] += vector(start, kept);
      long nanos = System.nanoTime() - before;
      fastest = i < WARM_UP ? fastest : Math.min(fastest, nanos);
    }
    return fastest;
  }

  /** Says it for people. */
  String report() {
    double times = vector / scalar;
    String report =
        String.format(
            "vectors of %d floats multiply-add %.1f times as fast as single floats "
                + "(%.0f against %.0f GFLOP/s on one thread)",
            S.length(), times, 2e-9 * vector, 2e-9 * scalar);
    return times > 1.5
        ? report
        : report
            + "; Java does not compile them: start it without -Xint, limits on C2 and debuggers";
  }

  private static float scalar(float start) {
    float a = start;
    float b = start + 1;
    float c = start + 2;
    float d = start + 3;
    float e = start + 4;
    float f = start + 5;
    float g = start + 6;
    float h = start + 7;
    for (int i = 0; i < STEPS; i++) {
      a = Math.fma(a, start, start);
      b = Math.fma(b, start, start);
      c = Math.fma(c, start, start);
      d = Math.fma(d, start, start);
      e = Math.fma(e, start, start);
      f = Math.fma(f, start, start);
      g = Math.fma(g, start, start);
      h = Math.fma(h, start, start);
    }
    return a + b + c + d + e + f + g + h;
  }

  private static float vector(float start, float[] kept) {
    FloatVector s = FloatVector.broadcast(S, start);
    FloatVector a = s;
    FloatVector b = s.add(1);
    FloatVector c = s.add(2);
    FloatVector d = s.add(3);
    FloatVector e = s.add(4);
    FloatVector f = s.add(5);
    FloatVector g = s.add(6);
    FloatVector h = s.add(7);
    for (int i = 0; i < STEPS; i++) {
      a = a.fma(s, s);
      b = b.fma(s, s);
      c = c.fma(s, s);
      d = d.fma(s, s);
      e = e.fma(s, s);
      f = f.fma(s, s);
      g = g.fma(s, s);
      h = h.fma(s, s);
    }
    a.add(b).add(c.add(d)).add(e.add(f).add(g.add(h))).intoArray(kept, 0);
    return kept[0];
  }
}
