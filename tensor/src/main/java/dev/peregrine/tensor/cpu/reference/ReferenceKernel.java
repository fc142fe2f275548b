package dev.peregrine.tensor.cpu.reference;

import dev.peregrine.tensor.cpu.HostBuffer;
import dev.peregrine.tensor.device.Buffer;
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
import dev.peregrine.tensor.shape.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The table of meanings: which loop computes which operation.
 *
 * <p>The families: {@link ReferencePointwise}, {@link ReferenceReduction}, {@link
 * ReferenceMovement}, {@link ReferenceMatMul}, {@link ReferenceConvolution}, {@link
 * ReferencePooling}, {@link ReferenceNormalization}, {@link ReferenceGenerators}.
 */
final class ReferenceKernel implements Kernel {
  private final Op op;
  private final Signature signature;

  ReferenceKernel(Op op, Signature signature) {
    this.op = op;
    this.signature = signature;
  }

  @Override
  public void run(Buffer[] inputs, Buffer[] outputs, @Nullable Buffer workspace) {
    Numbers[] in = new Numbers[inputs.length];
    for (int i = 0; i < in.length; i++) {
      in[i] = Numbers.read((HostBuffer) inputs[i]);
    }
    List<Numbers> out = compute(in);
    for (int i = 0; i < outputs.length; i++) {
      out.get(i).write((HostBuffer) outputs[i]);
    }
  }

  private List<Numbers> compute(Numbers[] in) {
    Shape shape = signature.output().shape();
    return switch (op) {
      case Unary unary -> List.of(ReferencePointwise.unary(unary, in[0]));
      case UnaryGrad grad -> List.of(ReferencePointwise.unaryGrad(grad, in[0], in[1]));
      case Binary binary -> List.of(ReferencePointwise.binary(binary, in[0], in[1], shape));
      case Compare compare -> List.of(ReferencePointwise.compare(compare, in[0], in[1], shape));
      case Where _ -> List.of(ReferencePointwise.where(in[0], in[1], in[2], shape));
      case Blend _ -> List.of(ReferencePointwise.blend(in[0], in[1], in[2]));
      case MomentumStep step -> ReferencePointwise.momentumStep(step, in);
      case AdamStep _ -> ReferencePointwise.adamStep(in);
      // The conversion happens where numbers are stored: in Numbers.write.
      case Cast _ -> List.of(in[0]);

      case Reduce reduce -> List.of(ReferenceReduction.reduce(reduce, in[0], shape));
      case ArgMax argMax -> List.of(ReferenceReduction.argMax(argMax, in[0], shape));
      case Softmax _ -> List.of(ReferenceReduction.softmax(in[0]));

      case Reshape _ -> List.of(new Numbers(shape, in[0].values));
      case Permute permute -> List.of(ReferenceMovement.permute(permute, in[0], shape));
      case Broadcast _ -> List.of(ReferenceMovement.broadcast(in[0], shape));
      case Slice slice -> List.of(ReferenceMovement.slice(slice, in[0], shape));
      case Pad pad -> List.of(ReferenceMovement.pad(pad, in[0], shape));
      case Flip flip -> List.of(ReferenceMovement.flip(flip, in[0]));
      case Concat concat -> List.of(ReferenceMovement.concat(concat, in, shape));
      case Gather _ -> List.of(ReferenceMovement.gather(in[0], in[1], shape));
      case ScatterAdd _ -> List.of(ReferenceMovement.scatterAdd(in[0], in[1], shape));

      case MatMul matMul -> List.of(ReferenceMatMul.multiply(matMul, in[0], in[1], shape));
      case Conv2d conv -> List.of(ReferenceConvolution.forward(conv, in, shape));
      case Conv2dInputGrad grad -> List.of(ReferenceConvolution.inputGrad(grad, in[0], in[1]));
      case Conv2dWeightGrad grad -> List.of(ReferenceConvolution.weightGrad(grad, in[0], in[1]));

      case MaxPool pool -> List.of(ReferencePooling.max(pool, in[0], shape));
      case MaxPoolGrad grad -> List.of(ReferencePooling.maxGrad(grad, in[0], in[1]));
      case AvgPool pool -> List.of(ReferencePooling.average(pool, in[0], shape));
      case AvgPoolGrad grad -> List.of(ReferencePooling.averageGrad(grad, in[0]));
      case Upsample upsample -> List.of(ReferencePooling.upsample(upsample, in[0], shape));
      case UpsampleGrad grad -> List.of(ReferencePooling.upsampleGrad(grad, in[0], shape));

      case BatchNorm norm -> List.of(ReferenceNormalization.given(norm, in));
      case BatchNormTrain norm -> ReferenceNormalization.train(norm, in[0], in[1], in[2]);
      case BatchNormGrad grad -> ReferenceNormalization.grad(grad, in);

      case Fill fill -> List.of(ReferenceGenerators.fill(fill));
      case Iota iota -> List.of(ReferenceGenerators.iota(iota));
      case Random random -> List.of(ReferenceGenerators.random(random));
    };
  }

  @Override
  public String algorithm() {
    return "plain loops";
  }
}
