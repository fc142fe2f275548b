package dev.peregrine.autograd;

import static dev.peregrine.nn.Layers.convBn;
import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.nn.Layers;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.Regularization;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Pooling;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import dev.peregrine.yolo.model.YoloV4Tiny;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whole blocks in training mode, by their input and all their parameters at once, against
 * differences in f64.
 */
class BlockGradientTest {
  private static final double TOLERANCE = 1e-6;
  private static final Unary.Kind LEAKY = Unary.Kind.LEAKY_RELU;
  private static final Unary.Kind MISH = Unary.Kind.MISH;

  /** The functions that follow a normalisation in the networks. */
  static Set<Unary.Kind> activations() {
    return EnumSet.of(
        Unary.Kind.LEAKY_RELU,
        Unary.Kind.MISH,
        Unary.Kind.SWISH,
        Unary.Kind.RELU,
        Unary.Kind.LOGISTIC);
  }

  private static double error(BiFunction<Params, Tensor, Tensor> block, int... extents) {
    return Ops.on(
        Devices.reference(),
        () -> {
          Tensor x = Arrays.normal(new Spec(DType.F64, Shape.of(extents)), 5);
          Params params = Params.create(3, DType.F64).training(true);
          // The parameters come to be at their first use.
          assertThat(block.apply(params, x)).isNotNull();
          List<String> paths = new ArrayList<>();
          List<Tensor> point = new ArrayList<>(List.of(x));
          for (Params.Entry entry : params.entries()) {
            if (entry.isTrained()) {
              paths.add(entry.path());
              // Away from the initial ones and zeros, where some mistakes would not show.
              Tensor noise = Arrays.normal(entry.value().spec(), paths.size());
              point.add(entry.value().plus(noise.times(0.2)));
            }
          }
          GradCheck.Result result =
              GradCheck.directional(
                  moved -> {
                    Params p = params.to(DType.F64, Devices.reference());
                    for (int i = 0; i < paths.size(); i++) {
                      p.set(paths.get(i), moved.get(i + 1));
                    }
                    return block.apply(p, moved.get(0));
                  },
                  point,
                  7);
          assertThat(result.analytic()).isNotZero();
          return result.error();
        });
  }

  @ParameterizedTest
  @MethodSource("activations")
  void convolutionNormalisationActivation(Unary.Kind activation) {
    assertThat(error((p, x) -> convBn(p, x, 5, 3, 2, activation), 2, 5, 6, 3))
        .isLessThan(TOLERANCE);
  }

  @Test
  void normalisationWithoutActivation() {
    assertThat(error((p, x) -> Layers.batchNorm(p, x, 1e-5, null), 3, 4, 2, 5))
        .isLessThan(TOLERANCE);
  }

  /** Half of the channels goes through two convolutions and joins all of them again. */
  @Test
  void partialBlock() {
    assertThat(error(BlockGradientTest::partial, 2, 6, 6, 4)).isLessThan(TOLERANCE);
  }

  private static Tensor partial(Params p, Tensor x) {
    Tensor whole = convBn(p.at("in"), x, 8, 3, 1, LEAKY);
    Tensor half = Arrays.slice(whole, -1, 4, 4);
    Tensor first = convBn(p.at("part", 0), half, 4, 3, 1, LEAKY);
    Tensor second = convBn(p.at("part", 1), first, 4, 3, 1, LEAKY);
    Tensor out = convBn(p.at("out"), Arrays.concat(-1, second, first), 8, 1, 1, LEAKY);
    return Pooling.maxPool(Arrays.concat(-1, whole, out), Window.of(2).stride(2));
  }

  /** Poolings of growing windows beside their input, three times over. */
  @Test
  void pyramidPooling() {
    assertThat(
            error(
                (p, x) -> {
                  Tensor y = convBn(p.at("in"), x, 4, 1, 1, MISH);
                  Tensor five = Pooling.maxPool(y, Window.same(5, 1));
                  Tensor nine = Pooling.maxPool(five, Window.same(5, 1));
                  Tensor thirteen = Pooling.maxPool(nine, Window.same(5, 1));
                  Tensor joined = Arrays.concat(-1, thirteen, nine, five, y);
                  return convBn(p.at("out"), joined, 4, 1, 1, MISH);
                },
                2,
                7,
                7,
                3))
        .isLessThan(TOLERANCE);
  }

  @Test
  void upsampledNeck() {
    assertThat(
            error(
                (p, x) -> {
                  Tensor fine = convBn(p.at("fine"), x, 4, 3, 1, LEAKY);
                  Tensor coarse = convBn(p.at("coarse"), fine, 6, 3, 2, LEAKY);
                  Tensor lateral = convBn(p.at("lateral"), coarse, 2, 1, 1, LEAKY);
                  Tensor joined = Arrays.concat(-1, Pooling.upsample(lateral, 2), fine);
                  return Layers.bias(
                      p.at("head"), Layers.conv2d(p.at("head"), joined, 7, Window.of(1), 1));
                },
                2,
                6,
                4,
                3))
        .isLessThan(TOLERANCE);
  }

  @Test
  void shortcut() {
    assertThat(
            error(
                (p, x) -> {
                  Tensor y = convBn(p.at("down"), x, 4, 3, 2, MISH);
                  for (int i = 0; i < 2; i++) {
                    Tensor z = convBn(p.at("one", i), y, 2, 1, 1, MISH);
                    y = y.plus(convBn(p.at("three", i), z, 4, 3, 1, MISH));
                  }
                  return y;
                },
                2,
                6,
                6,
                3))
        .isLessThan(TOLERANCE);
  }

  @Test
  void dropout() {
    assertThat(
            error(
                (p, x) -> {
                  Tensor y = convBn(p.at("a"), x, 6, 3, 1, LEAKY);
                  return convBn(
                      p.at("b"), Regularization.dropout(p.at("drop"), y, 0.3), 4, 1, 1, LEAKY);
                },
                2,
                4,
                4,
                3))
        .isLessThan(TOLERANCE);
  }

  /** All of YOLOv4-tiny at an eighth of its width, both heads. */
  @Test
  void wholeNetwork() {
    YoloV4Tiny model = new YoloV4Tiny(1, 0.125, YoloV4Tiny.anchors());
    assertThat(
            error(
                (p, x) -> {
                  List<Tensor> heads = model.forward(p, x);
                  return Arrays.concat(0, flat(heads.get(0)), flat(heads.get(1)));
                },
                2,
                32,
                64,
                3))
        .isLessThan(1e-5);
  }

  private static Tensor flat(Tensor x) {
    return x.reshape(x.shape().size());
  }
}
