package dev.peregrine.tensor.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.tensor.Activations;
import dev.peregrine.tensor.Normalization;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Spec;
import java.util.List;
import org.junit.jupiter.api.Test;

class RemoveDeadTest {
  @Test
  void nodesThatNoOutputNeedsGo() {
    Graph graph =
        Tracer.trace(
            List.of(Spec.f32(2, 4), Spec.f32(3)),
            x -> {
              Tensor kept = Activations.relu(x.get(0));
              Activations.tanh(Activations.mish(kept));
              Tensor c = Tensor.symbolic(Spec.f32(4));
              return List.of(Normalization.batchNormTrain(kept, c, c, 1e-5, null).get(1));
            });
    assertThat(graph)
        .hasToString(
            """
            %0 = input f32[2, 4]
            %1 = input f32[3]
            %2 = relu(%0) -> f32[2, 4]
            %3 = mish(%2) -> f32[2, 4]
            %4 = tanh(%3) -> f32[2, 4]
            %5, %6, %7 = batch_norm_train(%2, const f32[4], const f32[4]) eps 1.0E-5\
             -> f32[2, 4], f32[4], f32[4]
            return %6
            """);
    assertThat(new RemoveDead().apply(graph))
        .hasToString(
            """
            %0 = input f32[2, 4]
            %1 = input f32[3]
            %2 = relu(%0) -> f32[2, 4]
            %3, %4, %5 = batch_norm_train(%2, const f32[4], const f32[4]) eps 1.0E-5\
             -> f32[2, 4], f32[4], f32[4]
            return %4
            """);
  }
}
