package dev.peregrine.tensor.graph;

import static dev.peregrine.tensor.Arrays.concat;
import static dev.peregrine.tensor.Arrays.slice;
import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.tensor.Activations;
import dev.peregrine.tensor.Pooling;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class ElideConcatTest {
  private static Graph trace(UnaryOperator<Tensor> function) {
    return Tracer.trace(List.of(Spec.f32(1, 4, 4, 8)), x -> List.of(function.apply(x.get(0))));
  }

  @Test
  void partsAreWrittenWhereTheyBelong() {
    Graph graph =
        trace(x -> {
          Tensor y = Activations.relu(x);
          Tensor group = slice(y, -1, 4, 4);
          Tensor inner = concat(-1, Pooling.maxPool(group, Window.same(3, 1)), y);
          return concat(-1, inner, Activations.tanh(y));
        });
    assertThat(graph)
        .hasToString(
            """
            %0 = input f32[1, 4, 4, 8]
            %1 = relu(%0) -> f32[1, 4, 4, 8]
            %2 = slice(%1) from [0, 0, 0, 4] -> f32[1, 4, 4, 4]
            %3 = max_pool(%2) 3x3 p1 -> f32[1, 4, 4, 4]
            %4 = concat(%3, %1) axis 3 -> f32[1, 4, 4, 12]
            %5 = tanh(%1) -> f32[1, 4, 4, 8]
            %6 = concat(%4, %5) axis 3 -> f32[1, 4, 4, 20]
            return %6
            """);
    Graph elided = new ElideConcat().apply(graph);
    assertThat(elided)
        .hasToString(
            """
            %0 = input f32[1, 4, 4, 8]
            %1 = relu(%0) -> f32[1, 4, 4, 8] in %4 from 4
            %2 = slice(%1) from [0, 0, 0, 4] -> f32[1, 4, 4, 4] in %1 from 4
            %3 = max_pool(%2) 3x3 p1 -> f32[1, 4, 4, 4] in %4 from 0
            %4 = concat(%3, %1) axis 3 -> f32[1, 4, 4, 12] in %6 from 0
            %5 = tanh(%1) -> f32[1, 4, 4, 8] in %6 from 12
            %6 = concat(%4, %5) axis 3 -> f32[1, 4, 4, 20]
            return %6
            """);
    assertThat(elided.nodes().stream().filter(elided::isElided).map(Node::toString))
        .containsExactly("slice from [0, 0, 0, 4]", "concat axis 3", "concat axis 3");
  }

  @Test
  void partsThatCannotLieThereAreCopied() {
    Graph graph =
        trace(x -> {
          Tensor y = Activations.relu(x);
          Tensor first = concat(-1, y, x);
          Tensor second = concat(-1, y, first, y);
          return second;
        });
    assertThat(new ElideConcat().apply(graph))
        .hasToString(
            """
            %0 = input f32[1, 4, 4, 8]
            %1 = relu(%0) -> f32[1, 4, 4, 8] in %3 from 0
            %2 = reshape(%0) -> f32[1, 4, 4, 8] in %3 from 8
            %3 = concat(%1, %2) axis 3 -> f32[1, 4, 4, 16] in %6 from 8
            %4 = reshape(%1) -> f32[1, 4, 4, 8] in %6 from 0
            %5 = reshape(%1) -> f32[1, 4, 4, 8] in %6 from 24
            %6 = concat(%4, %3, %5) axis 3 -> f32[1, 4, 4, 32]
            return %6
            """);
  }

  @Test
  void concatenationsOfLeavesAloneAndAlongOtherAxesStay() {
    Graph graph = trace(x -> concat(1, concat(-1, x, x), concat(-1, x, Tensor.symbolic(x.spec()))));
    Graph elided = new ElideConcat().apply(graph);
    assertThat(elided).hasToString(graph.toString());
    assertThat(elided.placements()).isEmpty();
  }

  @Test
  void viewsOfViewsAreMadeWhereMemoryIsDense() {
    Graph graph =
        Tracer.trace(
            List.of(Spec.f32(1, 4, 4, 8)),
            inputs -> {
              Tensor x = inputs.get(0);
              Tensor flat = Activations.relu(x).reshape(16, 8);
              Tensor cut = slice(slice(flat, -1, 2, 4), -1, 1, 2);
              Tensor part = Activations.tanh(x);
              Tensor copied = part.reshape(16, 8);
              Tensor claimed = slice(flat, -1, 0, 2).reshape(1, 4, 4, 2);
              Tensor joined = concat(-1, part, claimed, cut.reshape(1, 4, 4, 2));
              return List.of(joined.reshape(192), copied.reshape(128));
            });
    assertThat(new ElideConcat().apply(graph))
        .hasToString(
            """
            %0 = input f32[1, 4, 4, 8]
            %1 = relu(%0) -> f32[1, 4, 4, 8]
            %2 = reshape(%1) -> f32[16, 8] in %1
            %3 = slice(%2) from [0, 2] -> f32[16, 4] in %2 from 2
            %4 = slice(%3) from [0, 1] -> f32[16, 2] in %3 from 1
            %5 = tanh(%0) -> f32[1, 4, 4, 8] in %10 from 0
            %6 = reshape(%5) -> f32[16, 8]
            %7 = slice(%2) from [0, 0] -> f32[16, 2] in %2 from 0
            %8 = reshape(%7) -> f32[1, 4, 4, 2] in %10 from 8
            %9 = reshape(%4) -> f32[1, 4, 4, 2] in %10 from 10
            %10 = concat(%5, %8, %9) axis 3 -> f32[1, 4, 4, 12]
            %11 = reshape(%10) -> f32[192] in %10
            %12 = reshape(%6) -> f32[128] in %6
            return %11, %12
            """);
  }
}
