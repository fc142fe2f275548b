package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostDevice;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
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
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The fast device of the host: vectors over the channels, threads over the rest.
 *
 * <p>{@link #prepare} is the table of kernels. They compute in f32; other types, and what is rare,
 * go to the reference device, which the table says in so many words.
 */
final class SimdDevice extends HostDevice {
  private final String name;
  private final Workers workers;
  private final Device reference = Devices.reference();

  /**
   * Makes the device.
   *
   * @param name what it is found by
   * @param threads how many threads compute
   */
  SimdDevice(String name, int threads) {
    this.name = name;
    this.workers = new Workers(threads);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return "cpu: "
        + Lanes.LENGTH * Float.SIZE
        + "-bit lanes ("
        + Lanes.LENGTH
        + " floats), "
        + workers.threads()
        + (workers.threads() == 1 ? " thread" : " threads");
  }

  @Override
  public List<String> diagnose() {
    return List.of(LaneSpeed.measure().report());
  }

  @Override
  public double peakGigaflops() {
    return LaneSpeed.peakGigaflops(workers);
  }

  @Override
  public Kernel prepare(Op op, Signature signature) {
    boolean converts = op instanceof Cast || op instanceof Gather || op instanceof ScatterAdd;
    if (!converts && !isF32(signature) || isEmpty(signature)) {
      return reference.prepare(op, signature);
    }
    return switch (op) {
      case Unary unary -> PointwiseKernels.unary(unary.kind(), workers);
      case UnaryGrad grad -> PointwiseKernels.gradient(grad.kind(), workers);
      case Binary binary ->
          orReference(
              PointwiseKernels.binary(binary.kind(), signature, workers), binary, signature);
      case Compare compare -> PointwiseKernels.compare(compare.kind(), signature, workers);
      case Where _ -> PointwiseKernels.where(signature, workers);
      case Blend _ -> UpdateKernels.blend(workers);
      case MomentumStep step -> UpdateKernels.momentumStep(step, workers);
      case AdamStep _ -> AdamKernels.adamStep(workers);
      case Cast cast -> orReference(MovementKernels.cast(signature, workers), cast, signature);
      case Reduce reduce -> ReductionKernels.reduce(reduce, signature, workers);
      case ArgMax max -> reference.prepare(max, signature);
      case Softmax _ -> ReductionKernels.softmax(workers);
      case Reshape _ -> MovementKernels.reshape(workers);
      case Permute permute -> MovementKernels.permute(permute, signature, workers);
      case Broadcast _ -> MovementKernels.broadcast(workers);
      case Slice slice -> MovementKernels.slice(slice, signature, workers);
      case Pad pad -> MovementKernels.pad(pad, signature, workers);
      case Flip flip -> MovementKernels.flip(flip, signature, workers);
      case Concat concat -> MovementKernels.concat(concat, workers);
      case Gather gather ->
          orReference(MovementKernels.gather(signature, workers), gather, signature);
      case ScatterAdd scatter ->
          orReference(MovementKernels.scatterAdd(signature, workers), scatter, signature);
      case MatMul multiply -> MatMulKernels.multiply(multiply, signature, workers);
      case Conv2d conv ->
          orReference(ConvolutionKernels.forward(conv, signature, workers), conv, signature);
      case Conv2dInputGrad grad ->
          orReference(ConvolutionKernels.inputGrad(grad, signature, workers), grad, signature);
      case Conv2dWeightGrad grad ->
          orReference(ConvolutionKernels.weightGrad(grad, signature, workers), grad, signature);
      case MaxPool pool -> PoolingKernels.max(pool.window(), signature, workers);
      case MaxPoolGrad grad -> PoolingKernels.maxGrad(grad.window(), signature, workers);
      case AvgPool pool -> PoolingKernels.average(pool.window(), signature, workers);
      case AvgPoolGrad grad -> PoolingKernels.averageGrad(grad.window(), signature, workers);
      case Upsample upsample -> MovementKernels.upsample(upsample, signature, workers);
      case UpsampleGrad grad -> PoolingKernels.upsampleGrad(grad, signature, workers);
      case BatchNorm norm -> NormalizationKernels.given(norm, signature, workers);
      case BatchNormTrain norm -> NormalizationKernels.train(norm, signature, workers);
      case BatchNormGrad grad -> NormalizationKernels.gradient(grad, signature, workers);
      case Fill fill -> MovementKernels.fill(fill, workers);
      case Iota iota -> MovementKernels.iota(iota, workers);
      case Random random -> reference.prepare(random, signature);
    };
  }

  private Kernel orReference(@Nullable Kernel kernel, Op op, Signature signature) {
    return kernel == null ? reference.prepare(op, signature) : kernel;
  }

  /** Tells whether something has no elements, such as a batch of no pictures: no time to win. */
  private static boolean isEmpty(Signature signature) {
    return Stream.concat(signature.inputs().stream(), signature.outputs().stream())
        .anyMatch(spec -> spec.shape().size() == 0);
  }

  private static boolean isF32(Signature signature) {
    return signature.inputs().stream().allMatch(spec -> spec.dtype() == DType.F32)
        && signature.outputs().stream().allMatch(spec -> spec.dtype() == DType.F32);
  }
}
