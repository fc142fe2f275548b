package dev.peregrine.tensor.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.tensor.Activations;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Convolutions;
import dev.peregrine.tensor.Normalization;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Pooling;
import dev.peregrine.tensor.Reductions;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GraphTest {
  @Test
  void theTextNamesValuesByOrderAndConstantsBySpec() {
    Tensor w = Tensor.symbolic(Spec.f32(3, 3, 4, 8));
    Tensor b = Tensor.symbolic(Spec.f32(8));
    Graph graph =
        Tracer.trace(
            List.of(Spec.f32(1, 8, 8, 4), Spec.f32(1, 4, 4, 8)),
            x -> {
              Tensor y = Convolutions.conv2d(x.get(0), w, Window.same(3, 2));
              Tensor z = block(y, b);
              List<Tensor> normal =
                  Normalization.batchNormTrain(z.plus(x.get(1)), b, b, 1e-3, Unary.Kind.MISH);
              return List.of(normal.get(0), z, Arrays.slice(z, -1, 4, 2));
            });
    assertThat(graph)
        .hasToString(
            """
            %0 = input f32[1, 8, 8, 4]
            %1 = input f32[1, 4, 4, 8]
            %2 = conv2d(%0, const f32[3, 3, 4, 8]) 3x3/2 p1 -> f32[1, 4, 4, 8]
            %3 = batch_norm(%2, const f32[8], const f32[8], const f32[8], const f32[8]) eps 1.0E-5\
             -> f32[1, 4, 4, 8]
            %4 = mish(%3) -> f32[1, 4, 4, 8]
            %5 = add(%4, %1) -> f32[1, 4, 4, 8]
            %6, %7, %8 = batch_norm_train(%5, const f32[8], const f32[8]) eps 0.001 +mish\
             -> f32[1, 4, 4, 8], f32[8], f32[8]
            %9 = slice(%4) from [0, 0, 0, 4] -> f32[1, 4, 4, 2]
            return %6, %4, %9
            """);
    assertThat(graph.constants()).hasSize(2);
    assertThat(graph.parameters()).isEqualTo(3 * 3 * 4 * 8 + 8);
    assertThat(graph.nodes().get(0).flops()).isEqualTo(2L * 16 * 8 * 36);
    assertThat(graph.flops())
        .isEqualTo(graph.nodes().stream().mapToLong(Node::flops).sum())
        .isGreaterThan(2L * 16 * 8 * 36);
  }

  private static Tensor block(Tensor x, Tensor b) {
    return Activations.mish(Normalization.batchNorm(x, b, b, b, b, 1e-5));
  }

  @Test
  void runningStatisticsAreNoParameters() {
    Tensor[] c = new Tensor[4];
    java.util.Arrays.setAll(c, i -> Tensor.symbolic(Spec.f32(8)));
    Graph graph =
        Tracer.trace(
            List.of(Spec.f32(1, 8)),
            x -> List.of(Normalization.batchNorm(x.get(0), c[0], c[1], c[2], c[3], 1e-5)));
    assertThat(graph.parameters()).isEqualTo(16);
  }

  @Test
  void numbersInTheCodeAreNodes() {
    Graph graph =
        Tracer.trace(
            List.of(Spec.f32(2)),
            x -> List.of(x.get(0).times(2), Arrays.uniform(Spec.f32(3), 7), x.get(0)));
    assertThat(graph)
        .hasToString(
            """
            %0 = input f32[2]
            %1 = fill() 2.0 -> f32[]
            %2 = multiply(%0, %1) -> f32[2]
            %3 = random() uniform seed 7 -> f32[3]
            return %2, %3, %0
            """);
  }

  @Test
  void everyOperationHasWords() {
    Spec spec = Spec.f32(1, 4, 4, 4);
    Graph graph =
        Tracer.trace(
            List.of(spec),
            inputs -> {
              Tensor x = inputs.get(0);
              Tensor padded = Arrays.pad(x, List.of(0, 1, 1, 0), List.of(0, 2, 2, 0), 0.5);
              Tensor pooled =
                  Pooling.avgPool(
                      Pooling.maxPool(x, new Window(2, 2, 2, 2, 0, 0, 0, 0, 1, 1)), Window.of(1));
              Tensor turned = Arrays.permute(Arrays.flip(x, 1), 0, 2, 1, 3);
              return List.of(
                  padded,
                  Pooling.upsample(pooled, 2),
                  turned,
                  Reductions.argMax(x, 3),
                  x.to(DType.I32),
                  Arrays.broadcast(Tensor.symbolic(Spec.f32(4)), Shape.of(2, 4)));
            });
    assertThat(graph.toString())
        .contains("pad(%0) [0, 1, 1, 0] [0, 2, 2, 0] 0.5 -> f32[1, 7, 7, 4]")
        .contains("max_pool(%0) 2x2/2")
        .contains("avg_pool(%2) 1x1 -> f32[1, 2, 2, 4]")
        .contains("upsample(%3) x2 -> f32[1, 4, 4, 4]")
        .contains("flip(%0) [1]")
        .contains("permute(%4) [0, 2, 1, 3]")
        .contains("argmax(%0) axis 3 -> i32[1, 4, 4]")
        .contains("cast(%0) -> i32[1, 4, 4, 4]")
        .contains("broadcast(const f32[4]) -> f32[2, 4]");
  }

  @Test
  void theSameTensorIsTheSameLeafAndVariablesAreNamed() {
    Tensor constant = Ops.on(Devices.reference(), () -> Tensor.of(Shape.of(2), 1, 2));
    Tensor variable = Ops.on(Devices.reference(), () -> Tensor.of(Shape.of(2), 3, 4));
    Graph graph =
        Tracer.trace(
            List.of(Spec.f32(2)),
            Map.of(variable, () -> variable),
            x -> List.of(x.get(0).plus(constant).times(constant).minus(variable)));
    assertThat(graph.nodes().get(0).input(1)).isSameAs(graph.nodes().get(1).input(1));
    assertThat(graph.constants()).hasSize(1);
    assertThat(graph.constants().get(0).tensor()).isSameAs(constant);
    assertThat(graph.variables()).hasSize(1);
    assertThat(graph.variables().get(0).current()).isSameAs(variable);
    assertThat(graph.toString()).contains("subtract(%2, variable f32[2]) -> f32[2]");
  }

  @Test
  void tracesDoNotMix() {
    Graph outer =
        Tracer.trace(
            List.of(Spec.f32(2)),
            x -> {
              Graph inner =
                  Tracer.trace(
                      List.of(Spec.f32(2)), y -> List.of(y.get(0).plus(x.get(0).negate())));
              assertThat(inner.toString())
                  .isEqualTo(
                      """
                      %0 = input f32[2]
                      %1 = negate(const f32[2]) -> f32[2]
                      %2 = add(%0, %1) -> f32[2]
                      return %2
                      """);
              return List.of(x.get(0).negate());
            });
    assertThat(outer.nodes()).hasSize(1);
  }

  @Test
  void shapeErrorsComeWhileTracing() {
    assertThatThrownBy(() ->
            Tracer.trace(List.of(Spec.f32(2), Spec.f32(3)), x -> List.of(x.get(0).plus(x.get(1)))))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("[2] and [3]");
  }
}
