package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.op.Binary;
import dev.peregrine.tensor.op.Compare;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.Shape;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/** Makes the kernels of operations that work on each element by itself. */
final class PointwiseKernels {
  private static final VectorSpecies<Float> S = Lanes.SPECIES;
  private static final int L = S.length();

  /** The length that a repeated row of channels grows to, so that narrow rows fill vectors. */
  private static final int PATTERN = 2048;

  private PointwiseKernels() {}

  static Kernel unary(Unary.Kind kind, Workers workers) {
    Activations loops = Activations.of(kind);
    return HostKernel.of(
        "vector " + kind,
        (in, out, _, _) -> {
          float[] x = in[0].floats();
          float[] y = out[0].floats();
          Walk.elements(
              workers, (at, size) -> loops.apply(x, at[0], y, at[1], size), in[0], out[0]);
        });
  }

  static Kernel gradient(Unary.Kind kind, Workers workers) {
    Activations loops = Activations.of(kind);
    return HostKernel.of(
        "vector gradient of " + kind,
        (in, out, _, _) -> {
          float[] x = in[0].floats();
          float[] dy = in[1].floats();
          float[] dx = out[0].floats();
          Walk.elements(
              workers,
              (at, size) -> loops.gradient(x, at[0], dy, at[1], dx, at[2], size),
              in[0],
              in[1],
              out[0]);
        });
  }

  /** Makes the kernel of a function of two values, or null for the power. */
  static @Nullable Kernel binary(Binary.Kind kind, Signature signature, Workers workers) {
    return kind == Binary.Kind.POWER
        ? null
        : pairs(kind.toString(), Pairs.of(kind), signature, workers);
  }

  static Kernel compare(Compare.Kind kind, Signature signature, Workers workers) {
    return pairs(kind.toString(), Pairs.of(kind), signature, workers);
  }

  private static Kernel pairs(String kind, Pairs loops, Signature signature, Workers workers) {
    Shape a = signature.input(0).shape();
    Shape b = signature.input(1).shape();
    Shape y = signature.output().shape();
    if (a.equals(y) && b.equals(y)) {
      return HostKernel.of(
          "vector " + kind, (in, out, _, _) -> both(loops, workers, in[0], in[1], out[0]));
    }
    if (a.equals(y) && b.size() == 1) {
      return HostKernel.of(
          "vector " + kind + ", scalar right",
          (in, out, _, _) -> {
            float[] left = in[0].floats();
            float[] to = out[0].floats();
            float right = in[1].floats()[in[1].offset()];
            Walk.elements(
                workers,
                (at, size) -> loops.right(left, at[0], right, to, at[1], size),
                in[0],
                out[0]);
          });
    }
    if (b.equals(y) && a.size() == 1) {
      return HostKernel.of(
          "vector " + kind + ", scalar left",
          (in, out, _, _) -> {
            float[] right = in[1].floats();
            float[] to = out[0].floats();
            float left = in[0].floats()[in[0].offset()];
            Walk.elements(
                workers,
                (at, size) -> loops.left(left, right, at[0], to, at[1], size),
                in[1],
                out[0]);
          });
    }
    int channels = y.channels();
    if (a.equals(y) && isChannels(b, channels)) {
      return HostKernel.of(
          "vector " + kind + ", channels right",
          pattern(channels),
          (in, out, scratch, at) ->
              channels(loops, workers, in[0], in[1], out[0], scratch, at, false));
    }
    if (b.equals(y) && isChannels(a, channels)) {
      return HostKernel.of(
          "vector " + kind + ", channels left",
          pattern(channels),
          (in, out, scratch, at) ->
              channels(loops, workers, in[1], in[0], out[0], scratch, at, true));
    }
    if (a.equals(y) && isColumn(b, y) && channels >= L) {
      return HostKernel.of(
          "vector " + kind + ", column right",
          (in, out, _, _) -> {
            float[] left = in[0].floats();
            float[] right = in[1].floats();
            float[] to = out[0].floats();
            Walk.rows(
                workers,
                (at, size) -> loops.right(left, at[0], right[at[1]], to, at[2], size),
                in[0],
                in[1],
                out[0]);
          });
    }
    if (b.equals(y) && isColumn(a, y) && channels >= L) {
      return HostKernel.of(
          "vector " + kind + ", column left",
          (in, out, _, _) -> {
            float[] left = in[0].floats();
            float[] right = in[1].floats();
            float[] to = out[0].floats();
            Walk.rows(
                workers,
                (at, size) -> loops.left(left[at[1]], right, at[0], to, at[2], size),
                in[1],
                in[0],
                out[0]);
          });
    }
    return repeated(
        "vector " + kind + ", repeated first",
        signature,
        workers,
        (in, out) -> both(loops, workers, in[0], in[1], out));
  }

  static Kernel where(Signature signature, Workers workers) {
    return repeated("vector choice", signature, workers, (in, out) -> choose(workers, in, out));
  }

  private static void both(Pairs loops, Workers workers, HostBuffer a, HostBuffer b, HostBuffer y) {
    float[] left = a.floats();
    float[] right = b.floats();
    float[] to = y.floats();
    Walk.elements(
        workers, (at, size) -> loops.both(left, at[0], right, at[1], to, at[2], size), a, b, y);
  }

  private static void choose(Workers workers, HostBuffer[] in, HostBuffer out) {
    float[] condition = in[0].floats();
    float[] a = in[1].floats();
    float[] b = in[2].floats();
    float[] y = out.floats();
    Walk.elements(
        workers,
        (at, size) -> {
          int i = 0;
          for (; i <= size - L; i += L) {
            VectorMask<Float> chosen =
                FloatVector.fromArray(S, condition, at[0] + i).compare(VectorOperators.NE, 0f);
            FloatVector.fromArray(S, b, at[2] + i)
                .blend(FloatVector.fromArray(S, a, at[1] + i), chosen)
                .intoArray(y, at[3] + i);
          }
          for (; i < size; i++) {
            y[at[3] + i] = condition[at[0] + i] != 0 ? a[at[1] + i] : b[at[2] + i];
          }
        },
        in[0],
        in[1],
        in[2],
        out);
  }

  /** Tells whether a shape is one number for each channel. */
  private static boolean isChannels(Shape shape, int channels) {
    return shape.size() == channels && shape.channels() == channels;
  }

  /** Tells whether a shape is one number for each row of another. */
  private static boolean isColumn(Shape shape, Shape of) {
    return shape.rank() == of.rank() && shape.rank() > 0 && shape.equals(of.with(-1, 1));
  }

  private static int pattern(int channels) {
    return channels * Math.max(1, PATTERN / Math.max(1, channels));
  }

  /** Combines rows with one row; that row is repeated first, so that narrow ones fill vectors. */
  private static void channels(
      Pairs loops,
      Workers workers,
      HostBuffer full,
      HostBuffer row,
      HostBuffer out,
      float[] scratch,
      int scratchAt,
      boolean rowIsLeft) {
    int channels = out.spec().shape().channels();
    int rows = out.spec().shape().rows();
    float[] x = full.floats();
    float[] y = out.floats();
    if (!full.isDense() || !out.isDense()) {
      float[] r = row.floats();
      int rowAt = row.offset();
      Walk.rows(
          workers,
          (at, size) -> combine(loops, x, at[0], r, rowAt, y, at[1], size, rowIsLeft),
          full,
          out);
      return;
    }
    int period = pattern(channels);
    System.arraycopy(row.floats(), row.offset(), scratch, scratchAt, channels);
    for (int done = channels; done < period; done *= 2) {
      int size = Math.min(done, period - done);
      System.arraycopy(scratch, scratchAt, scratch, scratchAt + done, size);
    }
    int periods = Math.max(1, Walk.CHUNK / period);
    workers.ranges(
        rows * channels,
        period * periods,
        (from, to) -> {
          for (int i = from; i < to; i += period) {
            combine(
                loops,
                x,
                full.offset() + i,
                scratch,
                scratchAt,
                y,
                out.offset() + i,
                Math.min(period, to - i),
                rowIsLeft);
          }
        });
  }

  private static void combine(
      Pairs loops,
      float[] full,
      int fullAt,
      float[] row,
      int rowAt,
      float[] y,
      int yAt,
      int size,
      boolean rowIsLeft) {
    if (rowIsLeft) {
      loops.both(row, rowAt, full, fullAt, y, yAt, size);
    } else {
      loops.both(full, fullAt, row, rowAt, y, yAt, size);
    }
  }

  /** Computes on inputs that all have the shape of the output. */
  @FunctionalInterface
  private interface Equal {
    void run(HostBuffer[] in, HostBuffer out);
  }

  /** Makes a kernel that first repeats those inputs that are smaller than the output. */
  private static Kernel repeated(
      String algorithm, Signature signature, Workers workers, Equal body) {
    Shape shape = signature.output().shape();
    int smaller =
        (int) signature.inputs().stream().filter(spec -> !spec.shape().equals(shape)).count();
    return HostKernel.of(
        algorithm,
        Math.multiplyExact(smaller, shape.size()),
        (in, out, scratch, at) -> {
          HostBuffer[] full = in.clone();
          int next = at;
          for (int i = 0; i < full.length; i++) {
            if (!full[i].spec().shape().equals(shape)) {
              full[i] =
                  new HostBuffer(scratch, next, shape.channels(), in[i].spec().withShape(shape));
              MovementKernels.broadcast(workers, in[i], full[i]);
              next += shape.size();
            }
          }
          body.run(full, out[0]);
        });
  }
}
