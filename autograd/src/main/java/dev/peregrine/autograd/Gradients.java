package dev.peregrine.autograd;

import static dev.peregrine.tensor.Arrays.broadcast;

import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Pointwise;
import dev.peregrine.tensor.Reductions;
import dev.peregrine.tensor.Tensor;
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
import dev.peregrine.tensor.op.Epilogue;
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
import dev.peregrine.tensor.shape.ShapeException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The table of derivatives, each written in operations: a device that runs forward can therefore
 * train.
 *
 * <p>Where an input was repeated by the broadcasting law a rule gives the gradient in the repeated
 * shape; the tape sums it back in one place, with {@link #sumTo}.
 */
final class Gradients {
  private Gradients() {}

  /**
   * Where a derivative is taken.
   *
   * @param inputs inputs of the operation
   * @param outputs its outputs
   * @param adjoints the gradient of the loss by each output, null where the loss does not depend on
   *     it
   * @param needed which inputs want a gradient
   */
  record Site(
      List<Tensor> inputs,
      List<Tensor> outputs,
      List<@Nullable Tensor> adjoints,
      boolean[] needed) {
    Tensor x() {
      return inputs.get(0);
    }

    Tensor in(int index) {
      return inputs.get(index);
    }

    Tensor y() {
      return outputs.get(0);
    }

    Tensor dy() {
      Tensor dy = adjoints.get(0);
      if (dy == null) {
        throw new ShapeException("gradients: the loss does not depend on the first output");
      }
      return dy;
    }
  }

  static List<@Nullable Tensor> of(Op op, Site at) {
    return switch (op) {
      case Unary(var kind) -> one(Ops.apply(new UnaryGrad(kind), at.x(), at.dy()));
      case Binary binary -> binary(binary.kind(), at);
      case Compare _ -> none(2);
      case Where _ -> where(at);
      case Blend _ -> blend(at);
      case Cast _ -> one(at.x().dtype().isFloating() ? at.dy().to(at.x().dtype()) : null);
      case Reduce reduce -> one(reduce(reduce, at));
      case ArgMax _ -> none(1);
      case Reshape _ -> one(Ops.apply(new Reshape(at.x().shape()), at.dy()));
      case Permute(var axes) -> one(Ops.apply(new Permute(inverse(axes)), at.dy()));
      case Broadcast _ -> one(at.dy());
      case Slice slice -> one(unslice(slice, at));
      case Pad(var before, _, var steps, _) ->
          one(Ops.apply(new Slice(before, extents(at.x().shape()), steps), at.dy()));
      case Flip flip -> one(Ops.apply(flip, at.dy()));
      case Concat(var axis) -> split(axis, at);
      case Gather _ ->
          two(Ops.apply(new ScatterAdd(at.x().shape().dim(0)), at.dy(), at.in(1)), null);
      case ScatterAdd _ -> two(Ops.apply(new Gather(), at.dy(), at.in(1)), null);
      case MatMul matmul -> matmul(matmul, at);
      case Conv2d conv -> conv2d(conv, at);
      case Conv2dInputGrad(var window, var groups, _) ->
          two(
              Ops.apply(new Conv2d(window, groups, Epilogue.NONE), at.dy(), at.in(1)),
              Ops.apply(new Conv2dWeightGrad(window, groups, at.in(1).shape()), at.dy(), at.x()));
      case Conv2dWeightGrad(var window, var groups, _) ->
          two(
              Ops.apply(new Conv2dInputGrad(window, groups, at.x().shape()), at.in(1), at.dy()),
              Ops.apply(new Conv2d(window, groups, Epilogue.NONE), at.x(), at.dy()));
      case MaxPool(var window) -> one(Ops.apply(new MaxPoolGrad(window), at.x(), at.dy()));
      case AvgPool(var window) -> one(Ops.apply(new AvgPoolGrad(window, at.x().shape()), at.dy()));
      case AvgPoolGrad(var window, _) -> one(Ops.apply(new AvgPool(window), at.dy()));
      case Upsample(var factor) -> one(Ops.apply(new UpsampleGrad(factor), at.dy()));
      case UpsampleGrad(var factor) -> one(Ops.apply(new Upsample(factor), at.dy()));
      case BatchNorm norm -> batchNorm(norm, at);
      case BatchNormTrain train -> batchNormTrain(train, at);
      case Softmax _ -> one(softmax(at));
      case Fill _, Iota _, Random _ -> none(0);
      case UnaryGrad _, MaxPoolGrad _, BatchNormGrad _, MomentumStep _, AdamStep _ ->
          throw new UnsupportedOperationException(
              op
                  + ": second derivatives of this operation are not defined; compose the function"
                  + " of others");
    };
  }

  /**
   * Tells whether the gradient by the first input may be written over the adjoint of the first
   * output: it is computed element by element in the end, by one kernel.
   */
  static boolean mayReplaceAdjoint(Op op) {
    return op instanceof Unary || op instanceof BatchNormTrain;
  }

  /**
   * Sums a gradient back to the shape its input had before it was repeated by the broadcasting law.
   *
   * @param gradient the gradient in the repeated shape
   * @param shape the shape of the input
   * @return the gradient in that shape
   */
  static Tensor sumTo(Tensor gradient, Shape shape) {
    Shape from = gradient.shape();
    if (from.equals(shape)) {
      return gradient;
    }
    List<Integer> axes = new ArrayList<>();
    int extra = from.rank() - shape.rank();
    for (int axis = 0; axis < from.rank(); axis++) {
      if (axis < extra || (shape.dim(axis - extra) == 1 && from.dim(axis) != 1)) {
        axes.add(axis);
      }
    }
    Tensor sum = Ops.apply(new Reduce(Reduce.Kind.SUM, axes, true), gradient);
    return Ops.apply(new Reshape(shape), sum);
  }

  private static List<@Nullable Tensor> binary(Binary.Kind kind, Site at) {
    Tensor a = at.in(0);
    Tensor b = at.in(1);
    Tensor dy = at.dy();
    boolean left = at.needed()[0];
    boolean right = at.needed()[1];
    return switch (kind) {
      case ADD -> two(dy, dy);
      case SUBTRACT -> two(dy, right ? dy.negate() : null);
      case MULTIPLY -> two(left ? dy.times(b) : null, right ? dy.times(a) : null);
      case DIVIDE -> two(dy.dividedBy(b), right ? dy.times(at.y()).dividedBy(b).negate() : null);
      case MAXIMUM -> chosen(Pointwise.greaterOrEqual(a, b), dy);
      case MINIMUM -> chosen(Pointwise.lessOrEqual(a, b), dy);
      case POWER ->
          two(
              left ? dy.times(b).times(Pointwise.power(a, b.plus(-1))) : null,
              right ? power(at, dy) : null);
    };
  }

  /** Where the power is 0 so is its derivative by the exponent, though the logarithm has no end. */
  private static Tensor power(Site at, Tensor dy) {
    Tensor zero = Tensor.full(at.y().spec().withShape(Shape.of()), 0);
    Tensor product = dy.times(at.y()).times(Pointwise.log(at.in(0)));
    return Pointwise.where(Pointwise.equal(at.y(), zero), zero, product);
  }

  private static List<@Nullable Tensor> chosen(Tensor first, Tensor dy) {
    Tensor left = dy.times(first);
    return two(left, dy.minus(left));
  }

  private static List<@Nullable Tensor> where(Site at) {
    Tensor zero = Tensor.full(at.dy().spec().withShape(Shape.of()), 0);
    List<@Nullable Tensor> gradients = new ArrayList<>();
    gradients.add(null);
    gradients.add(Pointwise.where(at.in(0), at.dy(), zero));
    gradients.add(Pointwise.where(at.in(0), zero, at.dy()));
    return gradients;
  }

  private static List<@Nullable Tensor> blend(Site at) {
    Tensor dy = at.dy();
    List<@Nullable Tensor> gradients = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Tensor share = Ops.apply(Slice.along(at.in(2).shape(), 0, i, 1), at.in(2));
      gradients.add(at.needed()[i] ? dy.times(share.reshape()) : null);
    }
    gradients.add(
        at.needed()[2]
            ? Arrays.concat(
                0,
                Reductions.sum(dy.times(at.in(0))).reshape(1),
                Reductions.sum(dy.times(at.in(1))).reshape(1))
            : null);
    return gradients;
  }

  private static Tensor reduce(Reduce reduce, Site at) {
    Shape shape = at.x().shape();
    Shape kept = shape;
    for (int axis : reduce.axes()) {
      kept = kept.with(axis, 1);
    }
    Tensor dy = Ops.apply(new Reshape(kept), at.dy());
    return switch (reduce.kind()) {
      case SUM -> broadcast(dy, shape);
      case MAX -> {
        // Equal largest elements share the gradient evenly, which keeps the sum of the gradient.
        Tensor largest = Pointwise.equal(at.x(), Ops.apply(new Reshape(kept), at.y()));
        Tensor count = Ops.apply(new Reduce(Reduce.Kind.SUM, reduce.axes(), true), largest);
        yield largest.times(dy.dividedBy(count));
      }
    };
  }

  private static Tensor unslice(Slice slice, Site at) {
    Shape shape = at.x().shape();
    List<Integer> after = new ArrayList<>();
    for (int axis = 0; axis < shape.rank(); axis++) {
      int last = slice.starts().get(axis) + (slice.sizes().get(axis) - 1) * slice.steps().get(axis);
      after.add(shape.dim(axis) - 1 - last);
    }
    return Ops.apply(new Pad(slice.starts(), after, slice.steps(), 0), at.dy());
  }

  private static List<@Nullable Tensor> split(int axis, Site at) {
    List<@Nullable Tensor> parts = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < at.inputs().size(); i++) {
      int size = at.in(i).shape().dim(axis);
      parts.add(
          at.needed()[i]
              ? Ops.apply(Slice.along(at.y().shape(), axis, start, size), at.dy())
              : null);
      start += size;
    }
    return parts;
  }

  private static List<@Nullable Tensor> matmul(MatMul matmul, Site at) {
    Tensor a = at.in(0);
    Tensor b = at.in(1);
    Tensor dy = at.dy();
    boolean ta = matmul.transposeA();
    boolean tb = matmul.transposeB();
    Tensor da =
        ta ? Ops.apply(new MatMul(tb, true), b, dy) : Ops.apply(new MatMul(false, !tb), dy, b);
    Tensor db =
        tb ? Ops.apply(new MatMul(true, ta), dy, a) : Ops.apply(new MatMul(!ta, false), a, dy);
    return two(da, db);
  }

  private static List<@Nullable Tensor> conv2d(Conv2d conv, Site at) {
    if (!conv.epilogue().equals(Epilogue.NONE)) {
      throw new UnsupportedOperationException(
          "conv2d: a fused epilogue "
              + conv.epilogue()
              + " is for running only; differentiate before graph passes");
    }
    Shape x = at.x().shape();
    Shape w = at.in(1).shape();
    return two(
        at.needed()[0]
            ? Ops.apply(new Conv2dInputGrad(conv.window(), conv.groups(), x), at.dy(), at.in(1))
            : null,
        at.needed()[1]
            ? Ops.apply(new Conv2dWeightGrad(conv.window(), conv.groups(), w), at.x(), at.dy())
            : null);
  }

  private static List<@Nullable Tensor> batchNorm(BatchNorm norm, Site at) {
    Tensor gamma = at.in(1);
    Tensor dy = at.dy();
    if (norm.activation() != null) {
      Op plain = new BatchNorm(norm.epsilon(), null);
      Tensor normal = Ops.applyAll(plain, at.inputs()).getFirst();
      dy = Ops.apply(new UnaryGrad(norm.activation()), normal, dy);
    }
    Tensor variance = at.in(4).plus(norm.epsilon());
    Tensor scale = gamma.dividedBy(Pointwise.sqrt(variance));
    Tensor dx = dy.times(scale);
    Tensor centred = at.x().minus(at.in(3));
    List<@Nullable Tensor> gradients = new ArrayList<>();
    gradients.add(dx);
    gradients.add(at.needed()[1] ? dy.times(centred).dividedBy(Pointwise.sqrt(variance)) : null);
    gradients.add(dy);
    gradients.add(at.needed()[3] ? dx.negate() : null);
    gradients.add(at.needed()[4] ? dx.times(centred).dividedBy(variance).times(-0.5) : null);
    return gradients;
  }

  private static List<@Nullable Tensor> batchNormTrain(BatchNormTrain train, Site at) {
    if (at.adjoints().get(1) != null || at.adjoints().get(2) != null) {
      throw new UnsupportedOperationException(
          "batch_norm_train: gradients flow through the normalised output only, not through the"
              + " batch statistics");
    }
    return List.copyOf(
        Ops.applyAll(
            new BatchNormGrad(train.epsilon(), train.activation()),
            List.of(
                at.x(), at.in(1), at.in(2), at.outputs().get(1), at.outputs().get(2), at.dy())));
  }

  private static Tensor softmax(Site at) {
    Tensor weighted = at.dy().times(at.y());
    return weighted.minus(at.y().times(Reductions.sum(weighted, true, -1)));
  }

  private static List<Integer> inverse(List<Integer> axes) {
    List<Integer> inverse = new ArrayList<>(axes);
    for (int i = 0; i < axes.size(); i++) {
      inverse.set(axes.get(i), i);
    }
    return inverse;
  }

  private static List<Integer> extents(Shape shape) {
    List<Integer> extents = new ArrayList<>();
    for (int extent : shape.toArray()) {
      extents.add(extent);
    }
    return extents;
  }

  private static List<@Nullable Tensor> one(@Nullable Tensor gradient) {
    return Collections.singletonList(gradient);
  }

  private static List<@Nullable Tensor> two(@Nullable Tensor first, @Nullable Tensor second) {
    List<@Nullable Tensor> gradients = new ArrayList<>(2);
    gradients.add(first);
    gradients.add(second);
    return gradients;
  }

  private static List<@Nullable Tensor> none(int inputs) {
    return Collections.nCopies(inputs, null);
  }
}
