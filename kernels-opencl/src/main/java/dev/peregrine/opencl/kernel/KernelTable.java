package dev.peregrine.opencl.kernel;

import dev.peregrine.opencl.runtime.Session;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.op.AdamStep;
import dev.peregrine.tensor.op.ArgMax;
import dev.peregrine.tensor.op.AvgPool;
import dev.peregrine.tensor.op.AvgPoolGrad;
import dev.peregrine.tensor.op.BatchNorm;
import dev.peregrine.tensor.op.BatchNormGrad;
import dev.peregrine.tensor.op.BatchNormTrain;
import dev.peregrine.tensor.op.Binary;
import dev.peregrine.tensor.op.Blend;
import dev.peregrine.tensor.op.Broadcast;
import dev.peregrine.tensor.op.Cast;
import dev.peregrine.tensor.op.Compare;
import dev.peregrine.tensor.op.Concat;
import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.op.Conv2dInputGrad;
import dev.peregrine.tensor.op.Conv2dWeightGrad;
import dev.peregrine.tensor.op.Fill;
import dev.peregrine.tensor.op.Flip;
import dev.peregrine.tensor.op.Gather;
import dev.peregrine.tensor.op.Iota;
import dev.peregrine.tensor.op.MatMul;
import dev.peregrine.tensor.op.MaxPool;
import dev.peregrine.tensor.op.MaxPoolGrad;
import dev.peregrine.tensor.op.MomentumStep;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.op.Pad;
import dev.peregrine.tensor.op.Permute;
import dev.peregrine.tensor.op.Random;
import dev.peregrine.tensor.op.Reduce;
import dev.peregrine.tensor.op.Reshape;
import dev.peregrine.tensor.op.ScatterAdd;
import dev.peregrine.tensor.op.Slice;
import dev.peregrine.tensor.op.Softmax;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.op.UnaryGrad;
import dev.peregrine.tensor.op.Upsample;
import dev.peregrine.tensor.op.UpsampleGrad;
import dev.peregrine.tensor.op.Where;
import dev.peregrine.tensor.shape.DType;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The table of kernels: which launches compute which operation.
 *
 * <p>The families: {@link PointwiseKernels}, {@link ReductionKernels}, {@link MovementKernels},
 * {@link MatMulKernels}, {@link ConvolutionKernels}, {@link PoolingKernels}, {@link
 * NormalizationKernels}, {@link GeneratorKernels}. One operation, normal random numbers, is
 * computed on the host, and its algorithm says so.
 */
public final class KernelTable {
  private final Session session;
  private final Transfers transfers;
  private final Tiling tiling;
  private final Tiling halves;
  private final Faults faults;
  private final @Nullable TunedTiles tuned;

  /**
   * Makes the table of a device.
   *
   * @param session the device
   * @param transfers copies to and from it
   * @param tiling how matrix products are cut
   * @param halves how those are cut whose factors are stored in f16
   * @param tiles tiles that were measured, null to go by the rule alone
   */
  public KernelTable(
      Session session,
      Transfers transfers,
      Tiling tiling,
      Tiling halves,
      @Nullable TileFile tiles) {
    this.session = session;
    this.transfers = transfers;
    this.tiling = tiling;
    this.halves = halves;
    this.faults = new Faults(session);
    this.tuned = tiles == null ? null : new TunedTiles(session, tiles);
  }

  /**
   * Makes an operation ready.
   *
   * <p><b>Errors</b> {@link DeviceException} for types that the device does not compute in, and if
   * the driver cannot compile a kernel.
   *
   * @param op the operation
   * @param signature its specs
   * @return the kernel
   */
  public Kernel prepare(Op op, Signature signature) {
    boolean stored = !signature.inputs().isEmpty() && signature.input(0).dtype() == DType.F16;
    Tiling rule = stored ? halves : tiling;
    return prepare(
        op,
        signature,
        tuned == null
            ? rule
            : tuned.tiling(rule, op, signature, other -> prepare(op, signature, other)));
  }

  /** From now on measures the tiles of products whose shapes are not in the file yet. */
  public void search() {
    if (tuned != null) {
      tuned.search();
    }
  }

  private Kernel prepare(Op op, Signature signature, Tiling cut) {
    Kit kit = new Kit(session, op, signature, cut, faults);
    requireTypes(kit);
    return switch (op) {
      case Unary unary -> PointwiseKernels.unary(unary.kind(), kit);
      case UnaryGrad grad -> PointwiseKernels.gradient(grad.kind(), kit);
      case Binary binary -> PointwiseKernels.binary(binary.kind(), kit);
      case Compare compare -> PointwiseKernels.compare(compare.kind(), kit);
      case Where _ -> PointwiseKernels.where(kit);
      case Blend _ -> PointwiseKernels.blend(kit);
      case MomentumStep step -> PointwiseKernels.momentumStep(step.nesterov(), kit);
      case AdamStep _ -> PointwiseKernels.adamStep(kit);
      case Cast cast -> MovementKernels.cast(cast.to(), kit);

      case Reduce reduce -> ReductionKernels.reduce(reduce, kit);
      case ArgMax max -> ReductionKernels.argMax(max, kit);
      case Softmax _ -> ReductionKernels.softmax(kit);

      case Reshape _ -> MovementKernels.reshape(kit);
      case Permute permute -> MovementKernels.permute(permute, kit);
      case Broadcast _ -> MovementKernels.broadcast(kit);
      case Slice slice -> MovementKernels.slice(slice, kit);
      case Pad pad -> MovementKernels.pad(pad, kit);
      case Flip flip -> MovementKernels.flip(flip, kit);
      case Concat concat -> MovementKernels.concat(concat, kit);
      case Gather _ -> MovementKernels.gather(kit);
      case ScatterAdd _ -> MovementKernels.scatterAdd(kit);

      case MatMul multiply -> MatMulKernels.multiply(multiply, kit);
      case Conv2d conv -> ConvolutionKernels.forward(conv, kit);
      case Conv2dInputGrad grad -> ConvolutionKernels.inputGrad(grad, kit);
      case Conv2dWeightGrad grad -> ConvolutionKernels.weightGrad(grad, kit);

      case MaxPool pool -> PoolingKernels.max(pool.window(), kit);
      case MaxPoolGrad grad -> PoolingKernels.maxGrad(grad.window(), kit);
      case AvgPool pool -> PoolingKernels.average(pool.window(), kit);
      case AvgPoolGrad grad -> PoolingKernels.averageGrad(grad.window(), kit);
      case Upsample upsample -> MovementKernels.upsample(upsample, kit);
      case UpsampleGrad grad -> PoolingKernels.upsampleGrad(grad, kit);

      case BatchNorm norm -> NormalizationKernels.given(norm, kit);
      case BatchNormTrain norm -> NormalizationKernels.train(norm, kit);
      case BatchNormGrad grad -> NormalizationKernels.gradient(grad, kit);

      case Fill fill -> MovementKernels.fill(fill.value(), kit);
      case Iota iota -> GeneratorKernels.iota(iota, kit);
      case Random random ->
          switch (random.kind()) {
            case UNIFORM -> GeneratorKernels.uniform(random.seed(), kit);
            case NORMAL -> new HostKernel(random, transfers);
          };
    };
  }

  /** Refuses doubles where the device has none, and arithmetic on integers. */
  private void requireTypes(Kit kit) {
    boolean doubles =
        Stream.concat(kit.signature().inputs().stream(), kit.signature().outputs().stream())
            .anyMatch(spec -> spec.dtype() == DType.F64);
    if (doubles && !session.facts().hasDoubles()) {
      throw kit.refusal("needs f64, which this device lacks; cast to f32 or use device=reference");
    }
    Op op = kit.op();
    boolean computes =
        op instanceof Binary
            || op instanceof Compare
            || op instanceof Where
            || op instanceof Reduce
            || op instanceof ArgMax
            || op instanceof UpsampleGrad;
    if (computes && !kit.real().isFloating()) {
      throw kit.refusal("computes in integers, which this device does not; cast to f32");
    }
  }

  /**
   * Fails if a kernel met a wrong index since the last call; the device cannot say so itself.
   *
   * <p><b>Errors</b> {@link DeviceException} with the index and where it was.
   */
  public void requireNoFaults() {
    faults.requireNone();
  }
}
