package dev.peregrine.tensor.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.tensor.Activations;
import dev.peregrine.tensor.Convolutions;
import dev.peregrine.tensor.Normalization;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.List;
import org.junit.jupiter.api.Test;

class FuseEpilogueTest {
  private static final Spec INPUT = Spec.f32(1, 8, 8, 8);
  private static final Tensor W = Tensor.symbolic(Spec.f32(3, 3, 8, 8));
  private static final Tensor B = Tensor.symbolic(Spec.f32(8));

  private static Tensor conv(Tensor x) {
    return Convolutions.conv2d(x, W, Window.same(3, 1));
  }

  @Test
  void pointwiseFollowersBecomeStepsInTheirOrder() {
    Graph graph =
        Tracer.trace(
            List.of(INPUT),
            inputs -> {
              Tensor x = inputs.get(0);
              Tensor y = Activations.mish(B.plus(conv(x)));
              Tensor shortcut = x.plus(Activations.relu(conv(y).plus(B)));
              return List.of(Activations.tanh(shortcut), y);
            });
    assertThat(graph)
        .hasToString(
            """
            %0 = input f32[1, 8, 8, 8]
            %1 = conv2d(%0, const f32[3, 3, 8, 8]) 3x3 p1 -> f32[1, 8, 8, 8]
            %2 = add(const f32[8], %1) -> f32[1, 8, 8, 8]
            %3 = mish(%2) -> f32[1, 8, 8, 8]
            %4 = conv2d(%3, const f32[3, 3, 8, 8]) 3x3 p1 -> f32[1, 8, 8, 8]
            %5 = add(%4, const f32[8]) -> f32[1, 8, 8, 8]
            %6 = relu(%5) -> f32[1, 8, 8, 8]
            %7 = add(%0, %6) -> f32[1, 8, 8, 8]
            %8 = tanh(%7) -> f32[1, 8, 8, 8]
            return %8, %3
            """);
    assertThat(new FuseEpilogue().apply(graph))
        .hasToString(
            """
            %0 = input f32[1, 8, 8, 8]
            %1 = conv2d(%0, const f32[3, 3, 8, 8], const f32[8]) 3x3 p1 +bias+mish\
             -> f32[1, 8, 8, 8]
            %2 = conv2d(%1, const f32[3, 3, 8, 8], const f32[8], %0) 3x3 p1 +bias+relu+add+tanh\
             -> f32[1, 8, 8, 8]
            return %2, %1
            """);
  }

  @Test
  void ofTwoConvolutionsTheLaterTakesTheOther() {
    Graph graph =
        Tracer.trace(
            List.of(INPUT), x -> List.of(conv(x.get(0)).plus(Activations.relu(conv(x.get(0))))));
    assertThat(new FuseEpilogue().apply(graph))
        .hasToString(
            """
            %0 = input f32[1, 8, 8, 8]
            %1 = conv2d(%0, const f32[3, 3, 8, 8]) 3x3 p1 -> f32[1, 8, 8, 8]
            %2 = conv2d(%0, const f32[3, 3, 8, 8], %1) 3x3 p1 +relu+add -> f32[1, 8, 8, 8]
            return %2
            """);
  }

  @Test
  void theConvolutionMovesDownToWhatItAdds() {
    Graph graph =
        Tracer.trace(
            List.of(INPUT),
            x -> {
              Tensor early = conv(x.get(0));
              Tensor late = Activations.tanh(x.get(0));
              return List.of(early.plus(late));
            });
    assertThat(new FuseEpilogue().apply(graph))
        .hasToString(
            """
            %0 = input f32[1, 8, 8, 8]
            %1 = tanh(%0) -> f32[1, 8, 8, 8]
            %2 = conv2d(%0, const f32[3, 3, 8, 8], %1) 3x3 p1 +add -> f32[1, 8, 8, 8]
            return %2
            """);
  }

  @Test
  void aBatchNormThatStaysTakesItsFunctionIn() {
    Graph graph =
        Tracer.trace(
            List.of(INPUT),
            x -> {
              Tensor y = Normalization.batchNorm(x.get(0), B, B, B, B, 1e-3);
              Tensor shown = Normalization.batchNorm(x.get(0), B, B, B, B, 1e-3);
              return List.of(Activations.mish(y), Activations.relu(shown), shown);
            });
    assertThat(new FuseEpilogue().apply(graph))
        .hasToString(
            """
            %0 = input f32[1, 8, 8, 8]
            %1 = batch_norm(%0, const f32[8], const f32[8], const f32[8], const f32[8]) eps 0.001\
             -> f32[1, 8, 8, 8]
            %2 = batch_norm(%0, const f32[8], const f32[8], const f32[8], const f32[8]) eps 0.001\
             +mish -> f32[1, 8, 8, 8]
            %3 = relu(%1) -> f32[1, 8, 8, 8]
            return %2, %3, %1
            """);
  }

  @Test
  void whatOthersTakeIsNotFused() {
    Graph graph =
        Tracer.trace(
            List.of(INPUT),
            x -> {
              Tensor twice = conv(x.get(0));
              Tensor output = conv(x.get(0));
              Tensor scaled = conv(x.get(0)).times(B);
              return List.of(twice.plus(twice), Activations.relu(output), output, scaled);
            });
    assertThat(new FuseEpilogue().apply(graph)).hasToString(graph.toString());
  }
}
