package dev.peregrine.opencl.kernel;

import dev.peregrine.opencl.runtime.Source;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.op.BatchNorm;
import dev.peregrine.tensor.op.BatchNormGrad;
import dev.peregrine.tensor.op.BatchNormTrain;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import org.jspecify.annotations.Nullable;

/** Batch normalisation, with given statistics, with those of the batch, and its gradient. */
final class NormalizationKernels {
  /** Channels of a group, and rows that it folds at once. */
  private static final int OUTPUTS = 32;

  private static final int LANES = 8;

  private NormalizationKernels() {}

  static Kernel given(BatchNorm op, Kit kit) {
    Shape x = kit.signature().output().shape();
    return kit.kernel(
        "one pass",
        Pass.flat(source(kit, op.activation(), "apply_statistics"), x.size())
            .in(0, 5)
            .out(0)
            .number(kit.real(), op.epsilon())
            .ints(x.channels(), x.size()));
  }

  static Kernel train(BatchNormTrain op, Kit kit) {
    Shape x = kit.signature().output().shape();
    int channels = x.channels();
    int parts = parts(x, kit);
    Spec moments = new Spec(kit.real(), Shape.of(3 * parts * channels));
    return kit.kernel(
        "moments in " + parts + (parts == 1 ? " part" : " parts"),
        moments.shape().size(),
        columns(kit, null, "moments", channels, parts)
            .in(0)
            .scratch(0, moments)
            .ints(channels, x.rows()),
        Pass.flat(source(kit, null, "join_moments"), channels)
            .scratch(0, moments)
            .out(1)
            .out(2)
            .ints(parts, channels, x.rows()),
        Pass.flat(source(kit, op.activation(), "apply_statistics"), x.size())
            .in(0, 3)
            .out(1)
            .out(2)
            .out(0)
            .number(kit.real(), op.epsilon())
            .ints(channels, x.size()));
  }

  static Kernel gradient(BatchNormGrad op, Kit kit) {
    Shape x = kit.signature().output().shape();
    int channels = x.channels();
    int parts = parts(x, kit);
    Spec sums = new Spec(kit.real(), Shape.of(2 * parts * channels));
    return kit.kernel(
        "sums in " + parts + (parts == 1 ? " part" : " parts"),
        sums.shape().size(),
        columns(kit, op.activation(), "gradient_sums", channels, parts)
            .in(0, 6)
            .scratch(0, sums)
            .number(kit.real(), op.epsilon())
            .ints(channels, x.rows()),
        Pass.flat(source(kit, op.activation(), "join_gradient_sums"), channels)
            .scratch(0, sums)
            .out(1)
            .out(2)
            .ints(parts, channels),
        Pass.flat(source(kit, op.activation(), "input_gradient"), x.size())
            .in(0, 6)
            .out(1)
            .out(2)
            .out(0)
            .number(kit.real(), op.epsilon())
            .ints(channels, x.rows(), x.size()));
  }

  private static int parts(Shape x, Kit kit) {
    return ReductionKernels.parts(x.rows(), LANES, Math.ceilDiv(x.channels(), OUTPUTS), kit);
  }

  private static Pass columns(
      Kit kit, Unary.@Nullable Kind activation, String entry, int channels, int parts) {
    return Pass.groups(
        source(kit, activation, entry),
        new long[] {Math.ceilDiv(channels, OUTPUTS), parts},
        OUTPUTS,
        LANES);
  }

  private static Source source(Kit kit, Unary.@Nullable Kind activation, String entry) {
    Sources sources =
        Sources.of("normalize.cl", kit.stored()).define("OUTPUTS", OUTPUTS).define("LANES", LANES);
    if (activation != null) {
      sources
          .define("ACTIVATION(x)", PointwiseKernels.function(activation) + "(x)")
          .define("DERIVATIVE(x)", PointwiseKernels.derivative(activation) + "(x)");
    }
    return sources.entry(entry);
  }
}
