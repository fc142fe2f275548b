package dev.peregrine.opencl.kernel;

import dev.peregrine.opencl.runtime.Source;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.op.Concat;
import dev.peregrine.tensor.op.Flip;
import dev.peregrine.tensor.op.Pad;
import dev.peregrine.tensor.op.Permute;
import dev.peregrine.tensor.op.Slice;
import dev.peregrine.tensor.op.Upsample;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import java.util.ArrayList;
import java.util.List;

/**
 * Operations that move elements and compute nothing: {@code move.cl}, {@code rows.cl}.
 *
 * <p>Almost all are one kernel: a walk through the input beside one through the output.
 */
final class MovementKernels {
  private MovementKernels() {}

  static Kernel reshape(Kit kit) {
    Shape x = kit.signature().input(0).shape();
    Shape y = kit.signature().output().shape();
    return kit.kernel(
        "copy",
        Pass.flat(rows(kit.stored(), "reshape"), y.size())
            .in(0)
            .out(0)
            .ints(x.channels(), y.channels(), y.size()));
  }

  static Kernel broadcast(Kit kit) {
    Shape y = kit.signature().output().shape();
    Walk.Steps from = Walk.Steps.repeated(kit.signature().input(0).shape(), y);
    return move(kit, Walk.through(y, from, Walk.Steps.dense(y)));
  }

  static Kernel permute(Permute op, Kit kit) {
    Shape y = kit.signature().output().shape();
    Walk.Steps own = Walk.Steps.dense(kit.signature().input(0).shape());
    int rank = y.rank();
    int[] rows = new int[rank];
    int[] channels = new int[rank];
    for (int axis = 0; axis < rank; axis++) {
      rows[rank - 1 - axis] = own.rows()[rank - 1 - op.axes().get(axis)];
      channels[rank - 1 - axis] = own.channels()[rank - 1 - op.axes().get(axis)];
    }
    Walk.Steps from = new Walk.Steps(own.first(), rows, channels);
    return move(kit, Walk.through(y, from, Walk.Steps.dense(y)));
  }

  static Kernel slice(Slice op, Kit kit) {
    Shape y = kit.signature().output().shape();
    Walk.Steps from = box(kit.signature().input(0).shape(), op.starts(), op.steps());
    return move(kit, Walk.through(y, from, Walk.Steps.dense(y)));
  }

  static Kernel flip(Flip op, Kit kit) {
    Shape shape = kit.signature().output().shape();
    List<Integer> starts = new ArrayList<>();
    List<Integer> steps = new ArrayList<>();
    for (int axis = 0; axis < shape.rank(); axis++) {
      boolean flipped = op.axes().contains(axis);
      starts.add(flipped ? shape.dim(axis) - 1 : 0);
      steps.add(flipped ? -1 : 1);
    }
    return move(kit, Walk.through(shape, box(shape, starts, steps), Walk.Steps.dense(shape)));
  }

  static Kernel pad(Pad op, Kit kit) {
    Shape x = kit.signature().input(0).shape();
    Walk.Steps to = box(kit.signature().output().shape(), op.before(), op.steps());
    return kit.kernel(
        "fill and copy",
        filling(kit.signature().output(), op.value()),
        moving(kit.stored(), Walk.through(x, Walk.Steps.dense(x), to), 0));
  }

  static Kernel concat(Concat op, Kit kit) {
    Shape y = kit.signature().output().shape();
    List<Pass> passes = new ArrayList<>();
    int before = 0;
    for (int i = 0; i < kit.signature().inputs().size(); i++) {
      Shape x = kit.signature().input(i).shape();
      List<Integer> starts = new ArrayList<>();
      List<Integer> steps = new ArrayList<>();
      for (int axis = 0; axis < y.rank(); axis++) {
        starts.add(axis == op.axis() ? before : 0);
        steps.add(1);
      }
      Walk walk = Walk.through(x, Walk.Steps.dense(x), box(y, starts, steps));
      passes.add(moving(kit.stored(), walk, i));
      before += x.dim(op.axis());
    }
    return kit.kernel("copy", passes.toArray(Pass[]::new));
  }

  /** Upsampling repeats along two axes that only the output has. */
  static Kernel upsample(Upsample op, Kit kit) {
    Shape x = kit.signature().input(0).shape();
    Shape y = kit.signature().output().shape();
    int factor = op.factor();
    int width = x.dim(2);
    // From the innermost: channels, repeats across, columns, repeats down, rows of all pictures.
    int[] extents = {x.dim(3), factor, width, factor, x.dim(0) * x.dim(1)};
    Walk.Steps from =
        new Walk.Steps(new int[2], new int[] {0, 0, 1, 0, width}, new int[] {1, 0, 0, 0, 0});
    int line = width * factor;
    Walk.Steps to =
        new Walk.Steps(
            new int[2], new int[] {0, 1, factor, line, line * factor}, new int[] {1, 0, 0, 0, 0});
    return move(kit, Walk.through(y.size(), extents, from, to));
  }

  /** The way through a value from some start with some step along each axis. */
  private static Walk.Steps box(Shape shape, List<Integer> starts, List<Integer> steps) {
    Walk.Steps own = Walk.Steps.dense(shape);
    int rank = shape.rank();
    int[] first = new int[2];
    int[] rows = new int[rank];
    int[] channels = new int[rank];
    for (int axis = 0; axis < rank; axis++) {
      int place = rank - 1 - axis;
      first[0] += starts.get(axis) * own.rows()[place];
      first[1] += starts.get(axis) * own.channels()[place];
      rows[place] = steps.get(axis) * own.rows()[place];
      channels[place] = steps.get(axis) * own.channels()[place];
    }
    return new Walk.Steps(first, rows, channels);
  }

  private static Kernel move(Kit kit, Walk walk) {
    return kit.kernel("copy", moving(kit.stored(), walk, 0));
  }

  private static Pass moving(DType dtype, Walk walk, int input) {
    Source source =
        Sources.of("move.cl", dtype)
            .define("ELEMENT", Sources.carrier(dtype))
            .define("RANK", walk.compiledRank())
            .entry("move");
    return Pass.flat(source, walk.count)
        .walkedIn(input, walk.ways.get(0))
        .walkedOut(0, walk.ways.get(1))
        .vector(walk.extents, 1)
        .ints(walk.count);
  }

  private static Source rows(DType dtype, String entry) {
    return Sources.of("rows.cl", dtype).define("ELEMENT", Sources.carrier(dtype)).entry(entry);
  }

  static Kernel fill(double value, Kit kit) {
    return kit.kernel("fill", filling(kit.signature().output(), value));
  }

  private static Pass filling(Spec spec, double value) {
    Pass pass = Pass.flat(rows(spec.dtype(), "fill"), spec.shape().size()).out(0);
    Pass valued =
        switch (spec.dtype()) {
          case F32 -> pass.ints(Float.floatToRawIntBits((float) value));
          case F64 -> pass.wide(Double.doubleToRawLongBits(value));
          case I32 -> pass.ints((int) value);
          case U8 -> pass.octet(Math.clamp(Math.round(value), 0, 255));
          case F16 -> throw new IllegalStateException("no operation fills f16");
        };
    return valued.ints(spec.shape().channels(), spec.shape().size());
  }

  static Kernel gather(Kit kit) {
    Shape x = kit.signature().input(0).shape();
    Shape y = kit.signature().output().shape();
    int width = y.dim(0) == 0 ? 1 : y.size() / y.dim(0);
    return kit.indexing(
        "rows",
        Pass.flat(rows(kit.stored(), "gather"), y.size())
            .in(0)
            .in(1)
            .out(0)
            .fixed(kit.faults().buffer())
            .ints(width, x.dim(0), x.channels(), y.channels(), y.size()));
  }

  static Kernel scatterAdd(Kit kit) {
    Shape x = kit.signature().input(0).shape();
    Shape y = kit.signature().output().shape();
    int width = y.dim(0) == 0 ? 1 : y.size() / y.dim(0);
    Source source =
        Sources.of("scatter.cl", kit.real())
            .define("NUMBER", Sources.type(kit.real()))
            .define("LANES", Pass.GROUP)
            .entry("scatter_add");
    int block = Math.max(1, Math.ceilDiv(y.dim(0), kit.manyGroups()));
    long groups = y.size() == 0 ? 0 : Math.ceilDiv(y.dim(0), block);
    return kit.indexing(
        "blocks of " + block + (block == 1 ? " row" : " rows"),
        Pass.groups(source, new long[] {groups}, Pass.GROUP)
            .in(0)
            .in(1)
            .out(0)
            .fixed(kit.faults().buffer())
            .ints(width, y.dim(0), x.dim(0), x.channels(), y.channels(), block));
  }

  static Kernel cast(DType to, Kit kit) {
    Shape shape = kit.signature().output().shape();
    DType from = kit.stored();
    String conversion =
        switch (to) {
          case F32, F64, F16 -> "(" + Sources.type(to) + ")";
          case I32 -> from.isFloating() ? "to_int" : "(int)";
          case U8 -> from.isFloating() ? "to_byte" : from == DType.I32 ? "int_to_byte" : "";
        };
    boolean doubles = from == DType.F64 || to == DType.F64;
    Sources sources =
        from == DType.F16
            ? Sources.of("convert.cl", from).define("FROM_HALVES", "")
            : Sources.of("convert.cl", doubles ? DType.F64 : to);
    Source source =
        sources
            .define("FROM", Sources.type(from))
            .define("TO", Sources.type(to))
            .define("CONVERT", conversion)
            .entry("convert");
    return kit.kernel(
        "convert",
        Pass.flat(source, shape.size())
            .in(0)
            .out(0)
            .ints(shape.channels(), shape.channels(), shape.size()));
  }
}
