package dev.peregrine.bench;

import dev.peregrine.tensor.op.BatchNormGrad;
import dev.peregrine.tensor.op.BatchNormTrain;
import dev.peregrine.tensor.op.Conv2d;
import dev.peregrine.tensor.op.Conv2dInputGrad;
import dev.peregrine.tensor.op.Conv2dWeightGrad;
import dev.peregrine.tensor.op.Epilogue;
import dev.peregrine.tensor.op.MatMul;
import dev.peregrine.tensor.op.MaxPool;
import dev.peregrine.tensor.op.MaxPoolGrad;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.op.UnaryGrad;
import dev.peregrine.tensor.op.Upsample;
import dev.peregrine.tensor.op.UpsampleGrad;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Which computation of a layer is measured; in benchmarks' parameters by its lower-case name. */
enum Kind {
  /** A convolution as a plan runs it: filters packed before, epilogue fused. */
  FORWARD,
  /** A convolution as training runs it: filters packed in each run, no epilogue. */
  TRAINING,
  /** The gradient of a convolution by its input. */
  BY_INPUT,
  /** The gradient of a convolution by its filters. */
  BY_FILTERS,
  /** A 1x1 convolution written as a product of matrices. */
  MATMUL,
  /** Pooling, upsampling, or batch norm with its activation in training. */
  MEMORY,
  /** The gradient of what {@link #MEMORY} measures. */
  MEMORY_GRAD,
  /** The activation of a batch norm alone. */
  ACTIVATION,
  /** The gradient of such an activation. */
  ACTIVATION_GRAD;

  /** An operation, the specs of its inputs, and whether its filters are constant. */
  record Task(Op op, List<Spec> inputs, boolean packed) {}

  /**
   * Finds a kind.
   *
   * @param name its name
   * @return the kind
   */
  static Kind named(String name) {
    return Arrays.stream(values())
        .filter(kind -> kind.toString().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new ShapeException(
                "bench: kind '" + name + "' is none of " + Arrays.toString(values())));
  }

  /** Tells whether arithmetic bounds it, so that it is held against the peak, not the copy. */
  boolean isArithmetic() {
    return compareTo(MATMUL) <= 0;
  }

  /**
   * Tells whether a layer has such a computation.
   *
   * @param layer the layer
   * @return true if {@link #task} makes one
   */
  boolean covers(Layer layer) {
    return switch (this) {
      case FORWARD, TRAINING, BY_FILTERS -> layer.op() instanceof Conv2d;
      // Nobody asks for the gradient of the picture.
      case BY_INPUT -> layer.op() instanceof Conv2d && layer.input().channels() > 3;
      case MATMUL ->
          layer.op() instanceof Conv2d(var window, int groups, _)
              && groups == 1
              && layer.filters().dim(0) == 1
              && window.strideHeight() == 1;
      case MEMORY, MEMORY_GRAD -> !(layer.op() instanceof Conv2d);
      case ACTIVATION, ACTIVATION_GRAD ->
          layer.op() instanceof BatchNormTrain(_, var activation) && activation != null;
    };
  }

  /**
   * Makes the computation.
   *
   * @param layer a layer that has it
   * @param batch how many pictures
   * @return the operation and its inputs
   */
  Task task(Layer layer, int batch) {
    Spec x = Layer.of(layer.input(), batch);
    Spec y = Layer.of(layer.output(), batch);
    return switch (layer.op()) {
      case Conv2d conv -> convolution(conv, layer, x, y, batch);
      case MaxPool(var window) when this == MEMORY_GRAD -> task(new MaxPoolGrad(window), x, y);
      case Upsample(int factor) when this == MEMORY_GRAD -> task(new UpsampleGrad(factor), y);
      case BatchNormTrain norm when this != MEMORY -> normalization(norm, x);
      default -> new Task(layer.op(), layer.inputs(batch), false);
    };
  }

  private Task convolution(Conv2d conv, Layer layer, Spec x, Spec y, int batch) {
    Spec w = new Spec(DType.F32, layer.filters());
    return switch (this) {
      case TRAINING -> task(new Conv2d(conv.window(), conv.groups(), Epilogue.NONE), x, w);
      case BY_INPUT -> task(new Conv2dInputGrad(conv.window(), conv.groups(), x.shape()), y, w);
      case BY_FILTERS -> task(new Conv2dWeightGrad(conv.window(), conv.groups(), w.shape()), x, y);
      case MATMUL ->
          task(
              new MatMul(false, false),
              x.withShape(Shape.of(x.shape().rows(), x.shape().channels())),
              w.withShape(Shape.of(w.shape().dim(2), w.shape().dim(3))));
      default -> new Task(conv, layer.inputs(batch), true);
    };
  }

  private Task normalization(BatchNormTrain norm, Spec x) {
    Unary.Kind activation = norm.activation();
    if (this == MEMORY_GRAD || activation == null) {
      Spec c = Spec.f32(x.shape().channels());
      return task(new BatchNormGrad(norm.epsilon(), activation), x, c, c, c, c, x);
    }
    return this == ACTIVATION
        ? task(new Unary(activation), x)
        : task(new UnaryGrad(activation), x, x);
  }

  private static Task task(Op op, Spec... inputs) {
    return new Task(op, List.of(inputs), false);
  }

  /** Returns the lower-case name. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
