package dev.peregrine.tensor.op;

import dev.peregrine.tensor.shape.Spec;
import java.util.List;

/**
 * What to compute: an operation as a value, with its shape law, and nothing about devices or
 * derivatives.
 *
 * <p>The compiler is the registry: the devices and the table of derivatives switch over this sealed
 * type without {@code default}, so an operation added here is a compile error in each place that
 * must know it. An operation enters only if it cannot be composed of others, or if a measured
 * kernel beats the composition.
 */
public sealed interface Op
    permits Unary,
        UnaryGrad,
        Binary,
        Compare,
        Where,
        Blend,
        MomentumStep,
        AdamStep,
        Cast,
        Reduce,
        ArgMax,
        Reshape,
        Permute,
        Broadcast,
        Slice,
        Pad,
        Flip,
        Concat,
        Gather,
        ScatterAdd,
        MatMul,
        Conv2d,
        Conv2dInputGrad,
        Conv2dWeightGrad,
        MaxPool,
        MaxPoolGrad,
        AvgPool,
        AvgPoolGrad,
        Upsample,
        UpsampleGrad,
        BatchNorm,
        BatchNormTrain,
        BatchNormGrad,
        Softmax,
        Fill,
        Iota,
        Random {

  /**
   * Applies the shape law.
   *
   * <p><b>Errors</b> {@link dev.peregrine.tensor.shape.ShapeException} or {@link
   * dev.peregrine.tensor.shape.DTypeException} with the names of the inputs and the law that they
   * break.
   *
   * @param inputs specs of the inputs, in order
   * @return specs of the outputs, in order
   */
  List<Spec> infer(List<Spec> inputs);

  /**
   * Counts the floating-point operations, a multiplication and an addition as two.
   *
   * @param inputs specs of the inputs
   * @param outputs specs of the outputs
   * @return the count; one for each output element unless the operation says otherwise
   */
  default long flops(List<Spec> inputs, List<Spec> outputs) {
    return outputs.get(0).shape().size();
  }
}
