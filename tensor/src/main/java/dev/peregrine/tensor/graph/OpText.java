package dev.peregrine.tensor.graph;

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
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The words for operations in graph texts.
 *
 * <p>Whatever the spec of the output already says, such as the shape of a reshape, is not repeated.
 */
final class OpText {
  private OpText() {}

  static String name(Op op) {
    return switch (op) {
      case Unary unary -> unary.kind().toString();
      case UnaryGrad grad -> grad.kind() + "_grad";
      case Binary binary -> binary.kind().toString();
      case Compare compare -> compare.kind().toString();
      case Where _ -> "where";
      case Blend _ -> "blend";
      case MomentumStep _ -> "momentum_step";
      case AdamStep _ -> "adam_step";
      case Cast _ -> "cast";
      case Reduce reduce -> "reduce_" + reduce.kind();
      case ArgMax _ -> "argmax";
      case Reshape _ -> "reshape";
      case Permute _ -> "permute";
      case Broadcast _ -> "broadcast";
      case Slice _ -> "slice";
      case Pad _ -> "pad";
      case Flip _ -> "flip";
      case Concat _ -> "concat";
      case Gather _ -> "gather";
      case ScatterAdd _ -> "scatter_add";
      case MatMul _ -> "matmul";
      case Conv2d _ -> "conv2d";
      case Conv2dInputGrad _ -> "conv2d_input_grad";
      case Conv2dWeightGrad _ -> "conv2d_weight_grad";
      case MaxPool _ -> "max_pool";
      case MaxPoolGrad _ -> "max_pool_grad";
      case AvgPool _ -> "avg_pool";
      case AvgPoolGrad _ -> "avg_pool_grad";
      case Upsample _ -> "upsample";
      case UpsampleGrad _ -> "upsample_grad";
      case BatchNorm _ -> "batch_norm";
      case BatchNormTrain _ -> "batch_norm_train";
      case BatchNormGrad _ -> "batch_norm_grad";
      case Softmax _ -> "softmax";
      case Fill _ -> "fill";
      case Iota _ -> "iota";
      case Random _ -> "random";
    };
  }

  static String attributes(Op op) {
    return switch (op) {
      case Unary _, UnaryGrad _, Binary _, Compare _, Where _, Cast _, Blend _, AdamStep _ -> "";
      case Reshape _, Broadcast _, Gather _, ScatterAdd _, Softmax _ -> "";
      case MomentumStep step -> step.nesterov() ? "nesterov" : "";
      case Reduce reduce -> reduce.axes().toString();
      case ArgMax argMax -> "axis " + argMax.axis();
      case Permute permute -> permute.axes().toString();
      case Slice slice -> "from " + slice.starts() + steps(slice.steps());
      case Pad pad -> pad.before() + " " + pad.after() + steps(pad.steps()) + " " + pad.value();
      case Flip flip -> flip.axes().toString();
      case Concat concat -> "axis " + concat.axis();
      case MatMul matMul ->
          words(matMul.transposeA() ? "a^T" : "", matMul.transposeB() ? "b^T" : "");
      case Conv2d conv -> words(conv.window() + groups(conv.groups()), conv.epilogue().toString());
      case Conv2dInputGrad grad -> grad.window() + groups(grad.groups());
      case Conv2dWeightGrad grad -> grad.window() + groups(grad.groups());
      case MaxPool pool -> pool.window().toString();
      case MaxPoolGrad grad -> grad.window().toString();
      case AvgPool pool -> pool.window().toString();
      case AvgPoolGrad grad -> grad.window().toString();
      case Upsample upsample -> "x" + upsample.factor();
      case UpsampleGrad grad -> "x" + grad.factor();
      case BatchNorm norm -> "eps " + norm.epsilon() + activation(norm.activation());
      case BatchNormTrain norm -> "eps " + norm.epsilon() + activation(norm.activation());
      case BatchNormGrad grad -> "eps " + grad.epsilon() + activation(grad.activation());
      case Fill fill -> String.valueOf(fill.value());
      case Iota iota -> "axis " + iota.axis();
      case Random random -> random.kind() + " seed " + random.seed();
    };
  }

  private static String steps(List<Integer> steps) {
    return steps.stream().allMatch(step -> step == 1) ? "" : " steps " + steps;
  }

  private static String groups(int groups) {
    return groups == 1 ? "" : " g" + groups;
  }

  private static String activation(Unary.@Nullable Kind kind) {
    return kind == null ? "" : " +" + kind;
  }

  private static String words(String first, String second) {
    return (first + " " + second).strip();
  }
}
