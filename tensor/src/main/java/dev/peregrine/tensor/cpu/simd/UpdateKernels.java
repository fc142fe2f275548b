package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.op.MomentumStep;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Makes the kernels by which weights and averages move: one pass over memory each.
 *
 * <p>Products are rounded before they are added, so that the numbers are those of the composition.
 */
final class UpdateKernels {
  private static final VectorSpecies<Float> S = Lanes.SPECIES;
  private static final int L = S.length();

  private UpdateKernels() {}

  private static float number(HostBuffer buffer, int index) {
    return buffer.floats()[buffer.offset() + index];
  }

  static Kernel blend(Workers workers) {
    return HostKernel.of(
        "vector weighted sum",
        (in, out, _, _) -> {
          float[] x = in[0].floats();
          float[] y = in[1].floats();
          float[] to = out[0].floats();
          float first = number(in[2], 0);
          float second = number(in[2], 1);
          Walk.elements(
              workers,
              (at, size) -> blend(x, at[0], first, y, at[1], second, to, at[2], size),
              in[0],
              in[1],
              out[0]);
        });
  }

  private static void blend(
      float[] x,
      int xAt,
      float first,
      float[] y,
      int yAt,
      float second,
      float[] to,
      int toAt,
      int size) {
    int i = 0;
    for (; i <= size - L; i += L) {
      FloatVector.fromArray(S, x, xAt + i)
          .mul(first)
          .add(FloatVector.fromArray(S, y, yAt + i).mul(second))
          .intoArray(to, toAt + i);
    }
    for (; i < size; i++) {
      to[toAt + i] = x[xAt + i] * first + y[yAt + i] * second;
    }
  }

  /** The numbers that all elements share. */
  private record Factors(float scale, float decay, float momentum, float rate) {
    static Factors of(HostBuffer buffer) {
      return new Factors(
          number(buffer, 0), number(buffer, 1), number(buffer, 2), number(buffer, 3));
    }

    FloatVector descent(FloatVector w, FloatVector g) {
      return g.mul(scale).add(w.mul(decay));
    }
  }

  /** The arrays of w, v and g, then those of the next w and v. */
  private record Arrays(float[] w, float[] v, float[] g, float[] nextW, float[] nextV) {}

  static Kernel momentumStep(MomentumStep op, Workers workers) {
    return HostKernel.of(
        op.nesterov() ? "vector Nesterov step" : "vector step",
        (in, out, _, _) -> {
          Factors factors = Factors.of(in[3]);
          Arrays arrays =
              new Arrays(
                  in[0].floats(), in[1].floats(), in[2].floats(), out[0].floats(), out[1].floats());
          Walk.elements(
              workers,
              (at, size) -> {
                if (op.nesterov()) {
                  nesterov(arrays, at, size, factors);
                } else {
                  plain(arrays, at, size, factors);
                }
              },
              in[0],
              in[1],
              in[2],
              out[0],
              out[1]);
        });
  }

  private static void plain(Arrays arrays, int[] at, int size, Factors f) {
    float[] ws = arrays.w;
    float[] vs = arrays.v;
    float[] gs = arrays.g;
    int i = 0;
    for (; i <= size - L; i += L) {
      FloatVector w = FloatVector.fromArray(S, ws, at[0] + i);
      FloatVector v = FloatVector.fromArray(S, vs, at[1] + i).mul(f.momentum);
      v = v.add(f.descent(w, FloatVector.fromArray(S, gs, at[2] + i)));
      w.sub(v.mul(f.rate)).intoArray(arrays.nextW, at[3] + i);
      v.intoArray(arrays.nextV, at[4] + i);
    }
    if (i < size) {
      VectorMask<Float> rest = S.indexInRange(i, size);
      FloatVector w = FloatVector.fromArray(S, ws, at[0] + i, rest);
      FloatVector v = FloatVector.fromArray(S, vs, at[1] + i, rest).mul(f.momentum);
      v = v.add(f.descent(w, FloatVector.fromArray(S, gs, at[2] + i, rest)));
      w.sub(v.mul(f.rate)).intoArray(arrays.nextW, at[3] + i, rest);
      v.intoArray(arrays.nextV, at[4] + i, rest);
    }
  }

  private static void nesterov(Arrays arrays, int[] at, int size, Factors f) {
    for (int i = 0; i < size; i += L) {
      VectorMask<Float> rest = S.indexInRange(i, size);
      FloatVector w = FloatVector.fromArray(S, arrays.w, at[0] + i, rest);
      FloatVector d = f.descent(w, FloatVector.fromArray(S, arrays.g, at[2] + i, rest));
      FloatVector v = FloatVector.fromArray(S, arrays.v, at[1] + i, rest).mul(f.momentum).add(d);
      w.sub(d.add(v.mul(f.momentum)).mul(f.rate)).intoArray(arrays.nextW, at[3] + i, rest);
      v.intoArray(arrays.nextV, at[4] + i, rest);
    }
  }
}
