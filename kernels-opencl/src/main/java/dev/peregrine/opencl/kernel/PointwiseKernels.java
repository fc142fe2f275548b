package dev.peregrine.opencl.kernel;

import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.op.Binary;
import dev.peregrine.tensor.op.Compare;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import java.util.Locale;

/** Operations that work on each element by itself: {@code map.cl}, {@code update.cl}. */
final class PointwiseKernels {
  private PointwiseKernels() {}

  /** The name of a function of one element in {@code activations.cl}. */
  static String function(Unary.Kind kind) {
    return "f_" + kind.name().toLowerCase(Locale.ROOT);
  }

  /** The name of its derivative. */
  static String derivative(Unary.Kind kind) {
    return "d_" + kind.name().toLowerCase(Locale.ROOT);
  }

  static Kernel unary(Unary.Kind kind, Kit kit) {
    return map("map", "FUNCTION(a)", function(kind) + "(a)", kit);
  }

  static Kernel gradient(Unary.Kind kind, Kit kit) {
    return map("map", "FUNCTION(a, b)", "(b) * " + derivative(kind) + "(a)", kit);
  }

  static Kernel binary(Binary.Kind kind, Kit kit) {
    String function =
        switch (kind) {
          case ADD -> "(a) + (b)";
          case SUBTRACT -> "(a) - (b)";
          case MULTIPLY -> "(a) * (b)";
          case DIVIDE -> "(a) / (b)";
          case MAXIMUM -> "larger(a, b)";
          case MINIMUM -> "smaller(a, b)";
          case POWER -> "power(a, b)";
        };
    return map("map", "FUNCTION(a, b)", function, kit);
  }

  static Kernel compare(Compare.Kind kind, Kit kit) {
    String relation =
        switch (kind) {
          case LESS -> "<";
          case LESS_OR_EQUAL -> "<=";
          case GREATER -> ">";
          case GREATER_OR_EQUAL -> ">=";
          case EQUAL -> "==";
        };
    return map("map", "FUNCTION(a, b)", "((a) " + relation + " (b) ? 1 : 0)", kit);
  }

  static Kernel where(Kit kit) {
    return map("map", "FUNCTION(a, b, c)", "((a) != 0 ? (b) : (c))", kit);
  }

  /** Makes the kernel of a function, written as a macro. */
  private static Kernel map(String algorithm, String macro, String function, Kit kit) {
    Signature signature = kit.signature();
    Shape shape = signature.output().shape();
    int arity = signature.inputs().size();
    Walk.Steps[] ways = new Walk.Steps[arity + 1];
    for (int i = 0; i < arity; i++) {
      ways[i] = Walk.Steps.repeated(signature.input(i).shape(), shape);
    }
    ways[arity] = Walk.Steps.dense(shape);
    Walk walk = Walk.through(shape, ways);
    Pass pass =
        Pass.flat(
            Sources.of("map.cl", kit.stored())
                .define("ARITY", arity)
                .define("RANK", walk.compiledRank())
                .define(macro, function)
                .entry("map"),
            walk.count);
    for (int i = 0; i < arity; i++) {
      pass.walkedIn(i, walk.ways.get(i));
    }
    return kit.kernel(
        algorithm,
        pass.walkedOut(0, walk.ways.get(arity)).vector(walk.extents, 1).ints(walk.count));
  }

  static Kernel blend(Kit kit) {
    Shape shape = kit.signature().output().shape();
    return kit.kernel(
        "one pass",
        Pass.flat(Sources.of("update.cl", kit.real()).entry("blend"), shape.size())
            .in(0, 3)
            .out(0)
            .ints(shape.channels(), shape.size()));
  }

  static Kernel momentumStep(boolean nesterov, Kit kit) {
    Shape shape = kit.signature().output().shape();
    DType real = kit.real();
    return kit.kernel(
        "one pass",
        Pass.flat(Sources.of("update.cl", real).entry("momentum_step"), shape.size())
            .in(0, 4)
            .out(0)
            .out(1)
            .ints(nesterov ? 1 : 0, shape.channels(), shape.size()));
  }

  static Kernel adamStep(Kit kit) {
    Shape shape = kit.signature().output().shape();
    return kit.kernel(
        "one pass",
        Pass.flat(Sources.of("update.cl", kit.real()).entry("adam_step"), shape.size())
            .in(0, 5)
            .out(0)
            .out(1)
            .out(2)
            .ints(shape.channels(), shape.size()));
  }
}
