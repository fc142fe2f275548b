package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import dev.peregrine.tensor.device.Kernel;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** Makes the kernel by which weights move with Adam: one pass over memory. */
final class AdamKernels {
  private static final VectorSpecies<Float> S = Lanes.SPECIES;
  private static final int L = S.length();

  private AdamKernels() {}

  /** The numbers that all elements share. */
  private record Factors(
      float scale,
      float decay,
      float shrink,
      float keepFirst,
      float takeFirst,
      float keepSecond,
      float takeSecond,
      float rate,
      float root,
      float epsilon) {
    static Factors of(HostBuffer buffer) {
      float[] f = buffer.floats();
      int at = buffer.offset();
      return new Factors(
          f[at], f[at + 1], f[at + 2], f[at + 3], f[at + 4], f[at + 5], f[at + 6], f[at + 7],
          f[at + 8], f[at + 9]);
    }
  }

  /** The arrays of w, m, v and g, then those of the next w, m and v. */
  private record Arrays(
      float[] w, float[] m, float[] v, float[] g, float[] nextW, float[] nextM, float[] nextV) {}

  static Kernel adamStep(Workers workers) {
    return HostKernel.of(
        "vector Adam step",
        (in, out, _, _) -> {
          Factors factors = Factors.of(in[4]);
          Arrays arrays =
              new Arrays(
                  in[0].floats(),
                  in[1].floats(),
                  in[2].floats(),
                  in[3].floats(),
                  out[0].floats(),
                  out[1].floats(),
                  out[2].floats());
          Walk.elements(
              workers,
              (at, size) -> step(arrays, at, size, factors),
              in[0],
              in[1],
              in[2],
              in[3],
              out[0],
              out[1],
              out[2]);
        });
  }

  private static void step(Arrays arrays, int[] at, int size, Factors f) {
    for (int i = 0; i < size; i += L) {
      VectorMask<Float> rest = S.indexInRange(i, size);
      FloatVector w = FloatVector.fromArray(S, arrays.w, at[0] + i, rest);
      FloatVector g = FloatVector.fromArray(S, arrays.g, at[3] + i, rest);
      FloatVector d = g.mul(f.scale).add(w.mul(f.decay));
      FloatVector m =
          FloatVector.fromArray(S, arrays.m, at[1] + i, rest)
              .mul(f.keepFirst)
              .add(d.mul(f.takeFirst));
      FloatVector v =
          FloatVector.fromArray(S, arrays.v, at[2] + i, rest)
              .mul(f.keepSecond)
              .add(d.mul(d).mul(f.takeSecond));
      FloatVector step = m.mul(f.rate).div(v.sqrt().mul(f.root).add(f.epsilon));
      w.mul(f.shrink).sub(step).intoArray(arrays.nextW, at[4] + i, rest);
      m.intoArray(arrays.nextM, at[5] + i, rest);
      v.intoArray(arrays.nextV, at[6] + i, rest);
    }
  }
}
