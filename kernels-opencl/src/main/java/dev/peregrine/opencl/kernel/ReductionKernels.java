package dev.peregrine.opencl.kernel;

import dev.peregrine.opencl.runtime.Source;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.op.ArgMax;
import dev.peregrine.tensor.op.Reduce;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Operations that fold axes: {@code reduce.cl}.
 *
 * <p>The order of additions depends on shape and device alone, so results are the same bits each
 * time.
 */
final class ReductionKernels {
  /** Work items of a group that fold. */
  private static final int GROUP = 128;

  /** Neighbouring results of one group where neighbours lie in neighbouring places. */
  private static final int ACROSS = 32;

  /** Elements that one work item folds at least before a fold is split into parts. */
  private static final int LEAST_FOLD = 16;

  private static final int MOST_PARTS = 256;
  private static final int MOST_AXES = 4;

  private ReductionKernels() {}

  static Kernel reduce(Reduce op, Kit kit) {
    Shape x = kit.signature().input(0).shape();
    Shape y = kit.signature().output().shape();
    Walk kept = walk(x, axis -> !op.axes().contains(axis));
    Walk folded = walk(x, op.axes()::contains);
    if (kept.extents.length > MOST_AXES || folded.extents.length > MOST_AXES) {
      throw kit.refusal("alternates between folded and kept axes too often; permute it first");
    }
    boolean columns = x.rank() > 0 && !op.axes().contains(x.rank() - 1) && x.channels() > 1;
    int outputs = columns ? ACROSS : 1;
    int lanes = GROUP / outputs;
    long groups = Math.ceilDiv(kept.count, outputs);
    int parts = parts(folded.count, lanes, groups, kit);
    Source source =
        Sources.of("reduce.cl", kit.real())
            .define("OUTPUTS", outputs)
            .define("LANES", lanes)
            .define(op.kind() == Reduce.Kind.SUM ? "SUM" : "MAX", "")
            .entry("reduce");
    Pass first = Pass.groups(source, new long[] {groups, parts}, outputs, lanes).in(0);
    if (parts == 1) {
      return kit.kernel("tree", folding(first.out(0), kept, folded, y.channels()));
    }
    Spec partial = new Spec(kit.real(), Shape.of(parts, kept.count));
    // The parts are folded as columns of a matrix.
    Shape matrix = partial.shape();
    Walk results = walk(matrix, axis -> axis == 1);
    Walk rows = walk(matrix, axis -> axis == 0);
    Source second =
        Sources.of("reduce.cl", kit.real())
            .define("OUTPUTS", ACROSS)
            .define("LANES", GROUP / ACROSS)
            .define(op.kind() == Reduce.Kind.SUM ? "SUM" : "MAX", "")
            .entry("reduce");
    return kit.kernel(
        "tree in " + parts + " parts",
        matrix.size(),
        folding(first.scratch(0, partial), kept, folded, kept.count),
        folding(
            Pass.groups(
                    second,
                    new long[] {Math.ceilDiv(kept.count, ACROSS), 1},
                    ACROSS,
                    GROUP / ACROSS)
                .scratch(0, partial)
                .out(0),
            results,
            rows,
            y.channels()));
  }

  private static Pass folding(Pass pass, Walk kept, Walk folded, int channels) {
    for (Walk walk : List.of(kept, folded)) {
      Walk.Steps steps = walk.ways.get(0);
      int[] both = Arrays.copyOf(four(walk.extents, 1), 2 * MOST_AXES);
      System.arraycopy(four(steps.rows(), 0), 0, both, MOST_AXES, MOST_AXES);
      pass.numbers(both).numbers(four(steps.channels(), 0));
    }
    return pass.ints(kept.count, folded.count, channels);
  }

  private static int[] four(int[] values, int filling) {
    int[] four = Arrays.copyOf(values, MOST_AXES);
    Arrays.fill(four, values.length, MOST_AXES, filling);
    return four;
  }

  /** How many groups share one fold: more than one only where results alone are too few. */
  static int parts(int folded, int lanes, long groups, Kit kit) {
    long wanted = kit.manyGroups() / Math.max(1, groups);
    long useful = folded / ((long) lanes * LEAST_FOLD);
    return Math.clamp(Math.min(wanted, useful), 1, MOST_PARTS);
  }

  /** The walk through some axes of a value. */
  private static Walk walk(Shape x, IntPredicate chosen) {
    Walk.Steps own = Walk.Steps.dense(x);
    List<Integer> places = new ArrayList<>();
    int count = 1;
    for (int axis = x.rank() - 1; axis >= 0; axis--) {
      if (chosen.test(axis)) {
        places.add(x.rank() - 1 - axis);
        count *= x.dim(axis);
      }
    }
    int[] extents = places.stream().mapToInt(place -> x.dim(-1 - place)).toArray();
    Walk.Steps steps =
        new Walk.Steps(
            own.first(),
            places.stream().mapToInt(place -> own.rows()[place]).toArray(),
            places.stream().mapToInt(place -> own.channels()[place]).toArray());
    return Walk.through(count, extents, steps);
  }

  static Kernel argMax(ArgMax op, Kit kit) {
    Shape x = kit.signature().input(0).shape();
    Shape y = kit.signature().output().shape();
    int extent = x.dim(op.axis());
    int inner = x.strides()[op.axis()];
    // A lane looks through four elements or more; neighbours in memory go to neighbouring items.
    int most = inner == 1 ? GROUP : GROUP / ACROSS;
    int lanes = Math.clamp(Integer.highestOneBit(Math.max(1, extent / 4)), 1, most);
    return kit.kernel(
        "tree",
        Pass.groups(
                rows(kit.real(), "argmax", GROUP / lanes, lanes),
                new long[] {Math.ceilDiv(y.size(), GROUP / lanes)},
                GROUP / lanes,
                lanes)
            .in(0)
            .out(0)
            .ints(extent, inner, x.channels(), y.channels(), y.size()));
  }

  static Kernel softmax(Kit kit) {
    Shape shape = kit.signature().output().shape();
    return kit.kernel(
        "tree",
        Pass.groups(rows(kit.real(), "softmax", 1, GROUP), new long[] {shape.rows()}, 1, GROUP)
            .in(0)
            .out(0)
            .ints(shape.channels()));
  }

  private static Source rows(DType real, String entry, int outputs, int lanes) {
    return Sources.of("reduce.cl", real)
        .define("OUTPUTS", outputs)
        .define("LANES", lanes)
        .define("MAX", "")
        .entry(entry);
  }
}
