package dev.peregrine.tensor.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.tensor.Convolutions;
import dev.peregrine.tensor.Normalization;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FoldBatchNormTest {
  @Test
  void aBatchNormBehindAConvolutionBecomesABias() {
    Tensor w = symbolic(3, 3, 4, 8);
    Tensor w2 = symbolic(1, 1, 8, 8);
    Tensor c = symbolic(8);
    Graph graph =
        Tracer.trace(
            List.of(Spec.f32(1, 8, 8, 4)),
            x -> {
              Tensor y = norm(Convolutions.conv2d(x.get(0), w, Window.same(3, 1)), c);
              Tensor shared = Convolutions.conv2d(y, w2, Window.of(1));
              return List.of(norm(shared, c), shared, norm(y, c));
            });
    assertThat(graph)
        .hasToString(
            """
            %0 = input f32[1, 8, 8, 4]
            %1 = conv2d(%0, const f32[3, 3, 4, 8]) 3x3 p1 -> f32[1, 8, 8, 8]
            %2 = batch_norm(%1, const f32[8], const f32[8], const f32[8], const f32[8]) eps 1.0E-5\
             -> f32[1, 8, 8, 8]
            %3 = conv2d(%2, const f32[1, 1, 8, 8]) 1x1 -> f32[1, 8, 8, 8]
            %4 = batch_norm(%3, const f32[8], const f32[8], const f32[8], const f32[8]) eps 1.0E-5\
             -> f32[1, 8, 8, 8]
            %5 = batch_norm(%2, const f32[8], const f32[8], const f32[8], const f32[8]) eps 1.0E-5\
             -> f32[1, 8, 8, 8]
            return %4, %3, %5
            """);
    Graph folded = new FoldBatchNorm().apply(graph);
    assertThat(folded)
        .hasToString(
            """
            %0 = input f32[1, 8, 8, 4]
            %1 = conv2d(%0, const f32[3, 3, 4, 8], const f32[8]) 3x3 p1 +bias -> f32[1, 8, 8, 8]
            %2 = conv2d(%1, const f32[1, 1, 8, 8]) 1x1 -> f32[1, 8, 8, 8]
            %3 = batch_norm(%2, const f32[8], const f32[8], const f32[8], const f32[8]) eps 1.0E-5\
             -> f32[1, 8, 8, 8]
            %4 = batch_norm(%1, const f32[8], const f32[8], const f32[8], const f32[8]) eps 1.0E-5\
             -> f32[1, 8, 8, 8]
            return %3, %2, %4
            """);
    assertThat(((Value.Constant) folded.nodes().get(0).input(1)).tensor().isSymbolic()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F64"})
  void theNumbersAreExactInDoublePrecision(DType dtype) {
    Random random = new Random(1);
    Tensor w = numbers(dtype, Shape.of(1, 1, 3, 2), -1, random);
    Tensor gamma = numbers(dtype, Shape.of(2), -1, random);
    Tensor beta = numbers(dtype, Shape.of(2), -1, random);
    Tensor mean = numbers(dtype, Shape.of(2), -1, random);
    Tensor variance = numbers(dtype, Shape.of(2), 0, random);
    Tensor bias = numbers(dtype, Shape.of(2), -1, random);
    Graph graph =
        Tracer.trace(
            List.of(new Spec(dtype, Shape.of(1, 2, 2, 3))),
            x -> {
              Tensor y = Convolutions.conv2d(x.get(0), w, Window.of(1)).plus(bias);
              return List.of(Normalization.batchNorm(y, gamma, beta, mean, variance, 1e-3));
            });
    // The addition is a step of the convolution first: then there is a bias to fold too.
    Graph folded = new FoldBatchNorm().apply(new FuseEpilogue().apply(graph));
    assertThat(folded.nodes()).hasSize(1);
    double[] weights = ((Value.Constant) folded.nodes().get(0).input(1)).tensor().doubles();
    double[] biases = ((Value.Constant) folded.nodes().get(0).input(2)).tensor().doubles();
    for (int c = 0; c < 2; c++) {
      double scale = gamma.doubles()[c] / Math.sqrt(variance.doubles()[c] + 1e-3);
      double b = (bias.doubles()[c] - mean.doubles()[c]) * scale + beta.doubles()[c];
      assertThat(biases[c]).isEqualTo(round(dtype, b));
      for (int i = 0; i < 3; i++) {
        assertThat(weights[2 * i + c]).isEqualTo(round(dtype, w.doubles()[2 * i + c] * scale));
      }
    }
  }

  @Test
  void weightsThatMayChangeAreNotFolded() {
    Tensor w = symbolic(1, 1, 4, 8);
    Tensor c = symbolic(8);
    Graph graph =
        Tracer.trace(
            List.of(Spec.f32(1, 8, 8, 4)),
            Map.of(w, () -> w),
            x -> List.of(norm(Convolutions.conv2d(x.get(0), w, Window.of(1)), c)));
    assertThat(new FoldBatchNorm().apply(graph)).hasToString(graph.toString());
  }

  private static double round(DType dtype, double number) {
    return dtype == DType.F32 ? (float) number : number;
  }

  private static Tensor norm(Tensor x, Tensor c) {
    return Normalization.batchNorm(x, c, c, c, c, 1e-5);
  }

  private static Tensor symbolic(int... extents) {
    return Tensor.symbolic(Spec.f32(extents));
  }

  private static Tensor numbers(DType dtype, Shape shape, double low, Random random) {
    double[] numbers = random.doubles(shape.size(), low, 1).toArray();
    return Ops.on(Devices.reference(), () -> Tensor.of(shape, numbers).to(dtype));
  }
}
