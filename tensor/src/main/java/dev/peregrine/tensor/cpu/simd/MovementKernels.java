package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.op.Concat;
import dev.peregrine.tensor.op.Fill;
import dev.peregrine.tensor.op.Flip;
import dev.peregrine.tensor.op.Iota;
import dev.peregrine.tensor.op.Pad;
import dev.peregrine.tensor.op.Permute;
import dev.peregrine.tensor.op.Slice;
import dev.peregrine.tensor.op.Upsample;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/** Makes the kernels of operations that move elements; most are one {@link StridedCopy}. */
final class MovementKernels {
  private static final VectorSpecies<Float> S = Lanes.SPECIES;
  private static final int L = S.length();

  private MovementKernels() {}

  static Kernel permute(Permute op, Signature signature, Workers workers) {
    return HostKernel.bound(
        "strided copy",
        (in, out, _, _) -> {
          int[] own = StridedCopy.strides(in[0]);
          int[] strides = op.axes().stream().mapToInt(axis -> own[axis]).toArray();
          return copy(workers, signature.output().shape(), in[0], 0, strides, out[0], 0);
        });
  }

  static Kernel slice(Slice op, Signature signature, Workers workers) {
    return HostKernel.bound(
        "strided copy",
        (in, out, _, _) -> {
          int[] strides = StridedCopy.strides(in[0]);
          int start = 0;
          for (int axis = 0; axis < strides.length; axis++) {
            start += op.starts().get(axis) * strides[axis];
            strides[axis] *= op.steps().get(axis);
          }
          return copy(workers, signature.output().shape(), in[0], start, strides, out[0], 0);
        });
  }

  static Kernel flip(Flip op, Signature signature, Workers workers) {
    Shape shape = signature.output().shape();
    return HostKernel.bound(
        "strided copy",
        (in, out, _, _) -> {
          int[] strides = StridedCopy.strides(in[0]);
          int start = 0;
          for (int axis : op.axes()) {
            start += (shape.dim(axis) - 1) * strides[axis];
            strides[axis] = -strides[axis];
          }
          return copy(workers, shape, in[0], start, strides, out[0], 0);
        });
  }

  static Kernel broadcast(Workers workers) {
    return HostKernel.of("strided copy", (in, out, _, _) -> broadcast(workers, in[0], out[0]));
  }

  /** Repeats one buffer to the shape of another. */
  static void broadcast(Workers workers, HostBuffer from, HostBuffer to) {
    Shape shape = to.spec().shape();
    Shape small = from.spec().shape();
    int[] own = StridedCopy.strides(from);
    int[] strides = new int[shape.rank()];
    for (int back = 1; back <= small.rank(); back++) {
      strides[strides.length - back] = small.dim(-back) == 1 ? 0 : own[own.length - back];
    }
    copy(workers, shape, from, 0, strides, to, 0).run();
  }

  static Kernel pad(Pad op, Signature signature, Workers workers) {
    Shape x = signature.input(0).shape();
    return HostKernel.of(
        "fill and strided copy",
        (in, out, _, _) -> {
          fill(workers, out[0], (float) op.value());
          int[] strides = StridedCopy.strides(out[0]);
          int start = 0;
          for (int axis = 0; axis < strides.length; axis++) {
            start += op.before().get(axis) * strides[axis];
            strides[axis] *= op.steps().get(axis);
          }
          new StridedCopy(x.toArray(), StridedCopy.strides(in[0]), strides)
              .run(
                  workers,
                  in[0].floats(),
                  in[0].offset(),
                  out[0].floats(),
                  out[0].offset() + start);
        });
  }

  static Kernel concat(Concat op, Workers workers) {
    return HostKernel.of(
        "strided copies",
        (in, out, _, _) -> {
          int[] strides = StridedCopy.strides(out[0]);
          int at = 0;
          for (HostBuffer part : in) {
            Shape shape = part.spec().shape();
            new StridedCopy(shape.toArray(), StridedCopy.strides(part), strides)
                .run(
                    workers,
                    part.floats(),
                    part.offset(),
                    out[0].floats(),
                    out[0].offset() + at * strides[op.axis()]);
            at += shape.dim(op.axis());
          }
        });
  }

  /** Copies elements in row-major order; one side at least has no gaps between its rows. */
  static Kernel reshape(Workers workers) {
    return HostKernel.bound(
        "strided copy",
        (in, out, _, _) -> {
          boolean byOutput = in[0].isDense();
          HostBuffer rows = byOutput ? out[0] : in[0];
          if (!byOutput && !out[0].isDense()) {
            return () -> copyElements(in[0], out[0]);
          }
          Shape shape = rows.spec().shape();
          int[] dense = shape.strides();
          int[] own = StridedCopy.strides(rows);
          return new StridedCopy(shape.toArray(), byOutput ? dense : own, byOutput ? own : dense)
              .bind(workers, in[0].floats(), in[0].offset(), out[0].floats(), out[0].offset());
        });
  }

  private static void copyElements(HostBuffer from, HostBuffer to) {
    int fromChannels = from.spec().shape().channels();
    int toChannels = to.spec().shape().channels();
    for (int i = 0; i < to.spec().shape().size(); i++) {
      to.floats()[to.offset() + i / toChannels * to.stride() + i % toChannels] =
          from.floats()[from.offset() + i / fromChannels * from.stride() + i % fromChannels];
    }
  }

  static Kernel upsample(Upsample op, Signature signature, Workers workers) {
    Shape x = signature.input(0).shape();
    int f = op.factor();
    int[] box = {x.dim(0), x.dim(1), f, x.dim(2), f, x.dim(3)};
    return HostKernel.bound(
        "strided copy",
        (in, out, _, _) -> {
          int[] from = StridedCopy.strides(in[0]);
          int[] to = StridedCopy.strides(out[0]);
          return new StridedCopy(
                  box,
                  new int[] {from[0], from[1], 0, from[2], 0, 1},
                  new int[] {to[0], to[1] * f, to[1], to[2] * f, to[2], 1})
              .bind(workers, in[0].floats(), in[0].offset(), out[0].floats(), out[0].offset());
        });
  }

  private static Runnable copy(
      Workers workers,
      Shape shape,
      HostBuffer from,
      int fromStart,
      int[] fromStrides,
      HostBuffer to,
      int toStart) {
    return new StridedCopy(shape.toArray(), fromStrides, StridedCopy.strides(to))
        .bind(
            workers, from.floats(), from.offset() + fromStart, to.floats(), to.offset() + toStart);
  }

  static Kernel fill(Fill op, Workers workers) {
    return HostKernel.of("fill", (in, out, _, _) -> fill(workers, out[0], (float) op.value()));
  }

  private static void fill(Workers workers, HostBuffer out, float value) {
    float[] y = out.floats();
    Walk.elements(workers, (at, size) -> Arrays.fill(y, at[0], at[0] + size, value), out);
  }

  static Kernel iota(Iota op, Workers workers) {
    Shape shape = op.spec().shape();
    int axis = shape.axis(op.axis());
    int step = shape.strides()[axis];
    int extent = shape.dim(axis);
    int channels = shape.channels();
    return HostKernel.of(
        "scalar count",
        (in, out, _, _) -> {
          float[] y = out[0].floats();
          workers.ranges(
              shape.rows(),
              Walk.rowsPerTask(channels),
              (from, to) -> {
                for (int row = from; row < to; row++) {
                  int at = out[0].offset() + row * out[0].stride();
                  for (int c = 0; c < channels; c++) {
                    y[at + c] = (row * channels + c) / step % extent;
                  }
                }
              });
        });
  }

  /** Makes the kernel of a conversion from or to f32, or null for other types. */
  static @Nullable Kernel cast(Signature signature, Workers workers) {
    DType from = signature.input(0).dtype();
    DType to = signature.output().dtype();
    if (from == DType.U8 && to == DType.F32) {
      return HostKernel.of(
          "scalar conversion",
          (in, out, _, _) -> {
            byte[] x = in[0].bytes();
            float[] y = out[0].floats();
            Walk.elements(
                workers,
                (at, size) -> {
                  for (int i = 0; i < size; i++) {
                    y[at[1] + i] = x[at[0] + i] & 0xff;
                  }
                },
                in[0],
                out[0]);
          });
    }
    if (from == DType.I32 && to == DType.F32) {
      return HostKernel.of(
          "scalar conversion",
          (in, out, _, _) -> {
            int[] x = in[0].ints();
            float[] y = out[0].floats();
            Walk.elements(
                workers,
                (at, size) -> {
                  for (int i = 0; i < size; i++) {
                    y[at[1] + i] = x[at[0] + i];
                  }
                },
                in[0],
                out[0]);
          });
    }
    if (from == DType.F32 && to == DType.F16) {
      return HostKernel.of(
          "scalar conversion",
          (in, out, _, _) -> {
            float[] x = in[0].floats();
            short[] y = out[0].halves();
            Walk.elements(
                workers,
                (at, size) -> {
                  for (int i = 0; i < size; i++) {
                    y[at[1] + i] = Float.floatToFloat16(x[at[0] + i]);
                  }
                },
                in[0],
                out[0]);
          });
    }
    if (from == DType.F32 && to == DType.I32) {
      return HostKernel.of(
          "scalar conversion",
          (in, out, _, _) -> {
            float[] x = in[0].floats();
            int[] y = out[0].ints();
            Walk.elements(
                workers,
                (at, size) -> {
                  for (int i = 0; i < size; i++) {
                    y[at[1] + i] = (int) x[at[0] + i];
                  }
                },
                in[0],
                out[0]);
          });
    }
    return from == DType.F32 && to == DType.F32 ? reshape(workers) : null;
  }

  /** Makes the kernel that picks rows of f32 data, or null for other types. */
  static @Nullable Kernel gather(Signature signature, Workers workers) {
    if (signature.output().dtype() != DType.F32 || signature.output().shape().rank() == 0) {
      return null;
    }
    Shape y = signature.output().shape();
    int picked = y.dim(0);
    int lines = picked == 0 ? 0 : y.rows() / Math.max(1, y.rank() == 1 ? 1 : picked);
    return HostKernel.of(
        "row copies",
        (in, out, _, _) -> {
          int[] rows = rows("gather", in[1], in[0].spec().shape().dim(0));
          if (y.rank() == 1) {
            for (int i = 0; i < picked; i++) {
              out[0].floats()[out[0].offset() + i] = in[0].floats()[in[0].offset() + rows[i]];
            }
            return;
          }
          int channels = y.channels();
          workers.ranges(
              picked * lines,
              Walk.rowsPerTask(channels),
              (from, to) -> {
                for (int i = from; i < to; i++) {
                  int source = rows[i / lines] * lines + i % lines;
                  System.arraycopy(
                      in[0].floats(),
                      in[0].offset() + source * in[0].stride(),
                      out[0].floats(),
                      out[0].offset() + i * out[0].stride(),
                      channels);
                }
              });
        });
  }

  /** Makes the kernel that adds rows of f32 into zeros, or null for other types. */
  static @Nullable Kernel scatterAdd(Signature signature, Workers workers) {
    if (signature.output().dtype() != DType.F32) {
      return null;
    }
    Shape x = signature.input(0).shape();
    Shape y = signature.output().shape();
    int added = x.dim(0);
    return HostKernel.of(
        "row additions in order",
        (in, out, _, _) -> {
          int[] rows = rows("scatter_add", in[1], y.dim(0));
          fill(workers, out[0], 0);
          float[] from = in[0].floats();
          float[] to = out[0].floats();
          if (x.rank() == 1) {
            for (int i = 0; i < added; i++) {
              to[out[0].offset() + rows[i]] += from[in[0].offset() + i];
            }
            return;
          }
          int lines = added == 0 ? 0 : x.rows() / added;
          for (int i = 0; i < added * lines; i++) {
            int target = rows[i / lines] * lines + i % lines;
            add(
                from,
                in[0].offset() + i * in[0].stride(),
                to,
                out[0].offset() + target * out[0].stride(),
                x.channels());
          }
        });
  }

  private static void add(float[] from, int fromAt, float[] to, int toAt, int size) {
    for (int i = 0; i < size; i += L) {
      VectorMask<Float> mask = S.indexInRange(i, size);
      FloatVector.fromArray(S, to, toAt + i, mask)
          .add(FloatVector.fromArray(S, from, fromAt + i, mask))
          .intoArray(to, toAt + i, mask);
    }
  }

  private static int[] rows(String op, HostBuffer indices, int rows) {
    int[] picked =
        Arrays.copyOfRange(
            indices.ints(), indices.offset(), indices.offset() + indices.spec().shape().size());
    for (int i = 0; i < picked.length; i++) {
      if (picked[i] < 0 || picked[i] >= rows) {
        throw new ShapeException(
            op
                + ": index "
                + picked[i]
                + " at position "
                + i
                + " does not name a row; there are rows 0 to "
                + (rows - 1));
      }
    }
    return picked;
  }
}
