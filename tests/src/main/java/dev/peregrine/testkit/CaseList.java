package dev.peregrine.testkit;

import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Collects cases; the families of cases write into it. */
final class CaseList {
  /** A set, because sweeps along different lines meet in the same case. */
  private final Set<OpCase> cases = new LinkedHashSet<>();

  /** The tolerance of a result whose every element is a sum of so many rounded terms. */
  static double tolerance(long terms) {
    return 1e-6 + 4e-7 * Math.sqrt(terms);
  }

  /**
   * The tolerance of a convolution's result: twice that of a sum, since fast algorithms add
   * transforms of the inputs rather than the terms themselves.
   */
  static double convolutionTolerance(long terms) {
    return 2 * tolerance(terms);
  }

  static OpCase.Input f32(Values values, int... extents) {
    return new OpCase.Input(Spec.f32(extents), values, 0);
  }

  static OpCase.Input f32(Values values, Shape shape) {
    return new OpCase.Input(new Spec(DType.F32, shape), values, 0);
  }

  static OpCase.Input of(DType dtype, Values values, int... extents) {
    return new OpCase.Input(new Spec(dtype, Shape.of(extents)), values, 0);
  }

  static OpCase.Input indices(int bound, int count) {
    return new OpCase.Input(new Spec(DType.I32, Shape.of(count)), Values.INDICES, bound);
  }

  /** Adds a case whose gradient by every input is checked. */
  void smooth(String name, Op op, double tolerance, OpCase.Input... inputs) {
    add(name, op, tolerance, IntStream.range(0, inputs.length).boxed().toList(), inputs);
  }

  /** Adds a case without a gradient. */
  void plain(String name, Op op, double tolerance, OpCase.Input... inputs) {
    add(name, op, tolerance, List.of(), inputs);
  }

  /** Adds a case whose gradient by some inputs is checked. */
  void add(
      String name, Op op, double tolerance, List<Integer> differentiable, OpCase.Input... inputs) {
    cases.add(new OpCase(name, op, List.of(inputs), tolerance, differentiable));
  }

  List<OpCase> toList() {
    return List.copyOf(cases);
  }
}
