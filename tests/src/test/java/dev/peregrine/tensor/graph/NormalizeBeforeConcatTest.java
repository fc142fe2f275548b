package dev.peregrine.tensor.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.tensor.Activations;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Convolutions;
import dev.peregrine.tensor.Normalization;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Pooling;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.plan.Plan;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class NormalizeBeforeConcatTest {
  private static final Spec INPUT = Spec.f32(1, 4, 4, 4);

  private static Tensor symbolic(int... extents) {
    return Tensor.symbolic(Spec.f32(extents));
  }

  /** The end of a stage: two convolutions, joined, normalised and activated as one. */
  private static Tensor stage(Tensor x, Tensor a, Tensor b, List<Tensor> c) {
    Tensor joined =
        Arrays.concat(
            3,
            Convolutions.conv2d(x, a, Window.of(1)),
            Convolutions.conv2d(x, b, Window.same(3, 1)));
    return Activations.mish(
        Normalization.batchNorm(joined, c.get(0), c.get(1), c.get(2), c.get(3), 1e-5));
  }

  @Test
  void theEndOfAStageIsTakenInByItsConvolutions() {
    Tensor c = symbolic(10);
    Graph graph =
        Tracer.trace(
            List.of(INPUT),
            x ->
                List.of(
                    stage(
                        x.get(0),
                        symbolic(1, 1, 4, 2),
                        symbolic(3, 3, 4, 8),
                        List.of(c, c, c, c))));
    assertThat(Passes.inference().apply(graph))
        .hasToString(
            """
            %0 = input f32[1, 4, 4, 4]
            %1 = conv2d(%0, const f32[1, 1, 4, 2], const f32[2]) 1x1 +bias+mish\
             -> f32[1, 4, 4, 2] in %3 from 0
            %2 = conv2d(%0, const f32[3, 3, 4, 8], const f32[8]) 3x3 p1 +bias+mish\
             -> f32[1, 4, 4, 8] in %3 from 2
            %3 = concat(%1, %2) axis 3 -> f32[1, 4, 4, 10]
            return %3
            """);
  }

  @Test
  void whatSomebodyElseTakesStaysWhole() {
    Tensor c = symbolic(10);
    Graph graph =
        Tracer.trace(
            List.of(INPUT),
            x -> {
              Tensor d8 = symbolic(8);
              Tensor joined = Arrays.concat(3, x.get(0), Pooling.maxPool(x.get(0), Window.of(1)));
              Tensor b = Convolutions.conv2d(x.get(0), symbolic(1, 1, 4, 5), Window.of(1));
              Tensor twice = Arrays.concat(3, b, b);
              Tensor d = Convolutions.conv2d(x.get(0), symbolic(1, 1, 4, 10), Window.of(1));
              Tensor shown = Arrays.concat(3, d);
              return List.of(
                  Normalization.batchNorm(joined, d8, d8, d8, d8, 1e-5),
                  Normalization.batchNorm(twice, c, c, c, c, 1e-5),
                  Normalization.batchNorm(shown, c, c, c, c, 1e-5),
                  shown);
            });
    assertThat(new NormalizeBeforeConcat().apply(graph)).hasToString(graph.toString());
  }

  private static float[] numbers(Random random, int count, double from, double to) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) random.nextDouble(from, to);
    }
    return numbers;
  }

  @Test
  void theNumbersStay() {
    Random random = new Random(4);
    Tensor x = Tensor.of(INPUT.shape(), numbers(random, 64, -1, 1));
    Tensor a = Tensor.of(Shape.of(1, 1, 4, 2), numbers(random, 8, -1, 1));
    Tensor b = Tensor.of(Shape.of(3, 3, 4, 8), numbers(random, 288, -1, 1));
    List<Tensor> c = new ArrayList<>();
    for (double low : new double[] {0.5, -1, -1, 0.5}) {
      c.add(Tensor.of(Shape.of(10), numbers(random, 10, low, 1.5)));
    }
    float[] expected = Ops.on(Devices.reference(), () -> whole(x, a, b, c));
    Plan plan =
        Plan.prepare(
            Tracer.trace(List.of(INPUT), in -> List.of(stage(in.get(0), a, b, c))), Devices.cpu());
    plan.write(0, x.floats());
    plan.run();
    float[] actual = new float[expected.length];
    plan.read(0, actual);
    for (int i = 0; i < actual.length; i++) {
      assertThat(actual[i]).isCloseTo(expected[i], within(2e-5f));
    }
  }

  private static float[] whole(Tensor x, Tensor a, Tensor b, List<Tensor> c) {
    List<Tensor> here =
        Stream.concat(Stream.of(x, a, b), c.stream())
            .map(tensor -> tensor.to(Devices.reference()))
            .toList();
    return stage(here.get(0), here.get(1), here.get(2), here.subList(3, 7)).floats();
  }
}
