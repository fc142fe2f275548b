package dev.peregrine.tensor.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.DTypeException;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What each operation says when its shape law is broken: the whole sentence. */
class ShapeLawsTest {
  private static final Spec MAP = Spec.f32(1, 9, 9, 8);
  private static final Spec FILTERS = Spec.f32(3, 3, 8, 16);
  private static final Window WINDOW = Window.same(3, 1);
  private static final Conv2d CONV = new Conv2d(WINDOW, 1, Epilogue.NONE);

  @Test
  void conv2d() {
    assertThat(CONV.infer(List.of(MAP, FILTERS))).containsExactly(Spec.f32(1, 9, 9, 16));
    shapeError("conv2d: takes x, w and 0 inputs of its epilogue but was given 1", CONV, MAP);
    shapeError(
        "conv2d: x has rank 3 [9, 9, 8] but rank 4 is required", CONV, Spec.f32(9, 9, 8), FILTERS);
    shapeError("conv2d: w has rank 1 [16] but rank 4 is required", CONV, MAP, Spec.f32(16));
    shapeError(
        "conv2d: w [5, 5, 8, 16] is a 5x5 kernel but the window is 3x3 p1",
        CONV,
        MAP,
        Spec.f32(5, 5, 8, 16));
    shapeError(
        "conv2d: x has 8 channels in 1 groups but w expects 4 channels in each (x [1, 9, 9, 8], w"
            + " [3, 3, 4, 16])",
        CONV,
        MAP,
        Spec.f32(3, 3, 4, 16));
    shapeError(
        "conv2d: groups 3 must divide the 8 channels of x and the 16 channels of w (x [1, 9, 9,"
            + " 8], w [3, 3, 8, 16])",
        new Conv2d(WINDOW, 3, Epilogue.NONE),
        MAP,
        FILTERS);
    typeError(
        "conv2d: inputs are of types [f32, f64] but must all be of one type; cast them first",
        CONV,
        MAP,
        new Spec(DType.F64, FILTERS.shape()));
    typeError(
        "conv2d: x is u8 but must be f32 or f64; cast it first",
        CONV,
        new Spec(DType.U8, MAP.shape()),
        new Spec(DType.U8, FILTERS.shape()));
  }

  @Test
  void epilogue() {
    Conv2d fused =
        new Conv2d(WINDOW, 1, Epilogue.NONE.then(new Epilogue.Bias()).then(new Epilogue.Add()));
    shapeError(
        "conv2d: takes x, w and 2 inputs of its epilogue but was given 2", fused, MAP, FILTERS);
    shapeError(
        "conv2d: bias has shape [8] but [16] is required: one number for each of the 16 channels",
        fused,
        MAP,
        FILTERS,
        Spec.f32(8),
        Spec.f32(1, 9, 9, 16));
    shapeError(
        "conv2d: shortcut has shape [1, 9, 9, 8] but [1, 9, 9, 16] is required: it is added to the"
            + " output",
        fused,
        MAP,
        FILTERS,
        Spec.f32(16),
        MAP);
  }

  @Test
  void gradientsOfConv2d() {
    shapeError(
        "conv2d_input_grad: dy has shape [1, 8, 8, 16] but [1, 9, 9, 16] is required: the output"
            + " of the forward convolution",
        new Conv2dInputGrad(WINDOW, 1, MAP.shape()),
        Spec.f32(1, 8, 8, 16),
        FILTERS);
    shapeError(
        "conv2d_weight_grad: dy has shape [1, 9, 9, 8] but [1, 9, 9, 16] is required: the output"
            + " of the forward convolution",
        new Conv2dWeightGrad(WINDOW, 1, FILTERS.shape()),
        MAP,
        MAP);
    shapeError(
        "conv2d_weight_grad: takes 2 inputs (x, dy) but was given 1",
        new Conv2dWeightGrad(WINDOW, 1, FILTERS.shape()),
        MAP);
  }

  @Test
  void matmul() {
    shapeError(
        "matmul: a has 3 columns but b has 4 rows (a [2, 3], b [4, 5])",
        new MatMul(false, false),
        Spec.f32(2, 3),
        Spec.f32(4, 5));
    shapeError(
        "matmul: a has 2 columns but b has 5 rows (a [2, 3] transposed, b [4, 5] transposed)",
        new MatMul(true, true),
        Spec.f32(2, 3),
        Spec.f32(4, 5));
    shapeError(
        "matmul: a has rank 4 [1, 9, 9, 8] but rank 2 is required",
        new MatMul(false, false),
        MAP,
        Spec.f32(8, 5));
  }

  @Test
  void concat() {
    shapeError("concat: needs at least one input", new Concat(0));
    shapeError(
        "concat: input 1 [1, 9, 8, 4] and input 0 [1, 9, 9, 8] must agree in every axis but 3",
        new Concat(3),
        MAP,
        Spec.f32(1, 9, 8, 4));
    shapeError(
        "concat: input 1 [9, 9, 8] and input 0 [1, 9, 9, 8] must agree in every axis but 3",
        new Concat(3),
        MAP,
        Spec.f32(9, 9, 8));
    shapeError(
        "shape: axis 4 of [1, 9, 9, 8] does not exist; its axes are 0 to 3", new Concat(4), MAP);
  }

  @Test
  void pooling() {
    shapeError(
        "max_pool: x has rank 1 [8] but rank 4 is required", new MaxPool(WINDOW), Spec.f32(8));
    shapeError(
        "max_pool_grad: dy has shape [1, 8, 9, 8] but [1, 9, 9, 8] is required: the output of the"
            + " forward pooling",
        new MaxPoolGrad(WINDOW),
        MAP,
        Spec.f32(1, 8, 9, 8));
    shapeError(
        "avg_pool_grad: dy has shape [1, 9, 9, 8] but [1, 7, 7, 8] is required: the output of the"
            + " forward pooling",
        new AvgPoolGrad(Window.of(3), MAP.shape()),
        MAP);
    shapeError("upsample: factor 0 must be at least 1", new Upsample(0), MAP);
    shapeError(
        "upsample_grad: factor 2 must divide height and width of dy [1, 9, 9, 8]",
        new UpsampleGrad(2),
        MAP);
  }

  @Test
  void normalization() {
    Spec channels = Spec.f32(8);
    shapeError(
        "batch_norm: gamma has shape [9] but [8] is required: one number for each of the 8"
            + " channels",
        new BatchNorm(1e-5, null),
        MAP,
        Spec.f32(9),
        channels,
        channels,
        channels);
    shapeError(
        "batch_norm_train: takes 3 inputs (x, gamma, beta) but was given 1",
        new BatchNormTrain(1e-5, null),
        MAP);
    shapeError(
        "batch_norm_grad: dy has shape [8] but [1, 9, 9, 8] is required: dy has the shape of x",
        new BatchNormGrad(1e-5, null),
        MAP,
        channels,
        channels,
        channels,
        channels,
        channels);
  }

  @Test
  void movement() {
    shapeError(
        "reshape: x [1, 9, 9, 8] has 648 elements but [9, 9] has 81; both must be equal",
        new Reshape(Shape.of(9, 9)),
        MAP);
    shapeError(
        "permute: [0, 1, 1, 3] is not a permutation of the 4 axes of x [1, 9, 9, 8]",
        new Permute(List.of(0, 1, 1, 3)),
        MAP);
    shapeError(
        "broadcast: x [1, 9, 9, 8] cannot be repeated to [8]; each extent must be equal or 1",
        new Broadcast(Shape.of(8)),
        MAP);
    shapeError(
        "slice: axis 3 from 6, 3 elements 1 apart, leaves x [1, 9, 9, 8]; the last index must be"
            + " below 8",
        Slice.along(MAP.shape(), 3, 6, 3),
        MAP);
    shapeError(
        "slice: starts [0], sizes [1] and steps [1] must each name all 4 axes of x [1, 9, 9, 8]",
        new Slice(List.of(0), List.of(1), List.of(1)),
        MAP);
    shapeError(
        "pad: axis 0 has before -1, after 0 and step 1; paddings are 0 or more and steps at least"
            + " 1",
        new Pad(List.of(-1), List.of(0), List.of(1), 0),
        Spec.f32(8));
    shapeError(
        "shape: axis 7 of [1, 9, 9, 8] does not exist; its axes are 0 to 3",
        new Flip(List.of(7)),
        MAP);
    typeError("gather: indices are f32 but must be i32", new Gather(), MAP, Spec.f32(3));
    shapeError(
        "scatter_add: rows [1, 9, 9, 8] and indices [3] must agree in axis 0",
        new ScatterAdd(5),
        MAP,
        new Spec(DType.I32, Shape.of(3)));
  }

  @Test
  void pointwiseAndReductions() {
    shapeError(
        "broadcast: [1, 9, 9, 8] and [9] differ at axis -1 (8 against 9); aligned at the last"
            + " axis, extents are equal or one of them is 1",
        new Binary(Binary.Kind.ADD),
        MAP,
        Spec.f32(9));
    shapeError("add: takes 2 inputs (a, b) but was given 1", new Binary(Binary.Kind.ADD), MAP);
    typeError(
        "less: inputs are of types [f32, i32] but must all be of one type; cast them first",
        new Compare(Compare.Kind.LESS),
        MAP,
        new Spec(DType.I32, Shape.of()));
    typeError(
        "unary mish: x is i32 but must be f32 or f64; cast it first",
        new Unary(Unary.Kind.MISH),
        new Spec(DType.I32, Shape.of(3)));
    shapeError(
        "unary_grad mish: dy has shape [8] but [1, 9, 9, 8] is required: dy has the shape of x",
        new UnaryGrad(Unary.Kind.MISH),
        MAP,
        Spec.f32(8));
    shapeError(
        "reduce sum: axes [2, 1] of x [1, 9, 9, 8] must be ascending and within 0 to 3",
        new Reduce(Reduce.Kind.SUM, List.of(2, 1), false),
        MAP);
    shapeError(
        "shape: axis 4 of [1, 9, 9, 8] does not exist; its axes are 0 to 3", new ArgMax(4), MAP);
    typeError(
        "random: output is i32 but must be f32 or f64; cast it first",
        new Random(new Spec(DType.I32, Shape.of(3)), Random.Kind.UNIFORM, 1));
    shapeError("fill: takes 0 inputs () but was given 1", new Fill(Spec.f32(3), 0), MAP);
  }

  private static void shapeError(String message, Op op, Spec... inputs) {
    assertThatThrownBy(() -> op.infer(List.of(inputs)))
        .isInstanceOf(ShapeException.class)
        .hasMessage(message);
  }

  private static void typeError(String message, Op op, Spec... inputs) {
    assertThatThrownBy(() -> op.infer(List.of(inputs)))
        .isInstanceOf(DTypeException.class)
        .hasMessage(message);
  }
}
