package dev.peregrine.tensor.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.tensor.Activations;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Convolutions;
import dev.peregrine.tensor.Pooling;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.List;
import org.junit.jupiter.api.Test;

class HalfStorageTest {
  private static final Spec INPUT = Spec.f32(1, 8, 8, 8);
  private static final Tensor W = Tensor.symbolic(Spec.f32(3, 3, 8, 8));
  private static final Tensor B = Tensor.symbolic(Spec.f32(8));

  private static Tensor conv(Tensor x) {
    return Activations.mish(Convolutions.conv2d(x, W, Window.same(3, 1)).plus(B));
  }

  /** A trunk with a shortcut, a pooled copy and a concatenation; a head that is decoded. */
  private static List<Tensor> network(Tensor image) {
    Tensor trunk = conv(image);
    Tensor deep = trunk.plus(conv(trunk));
    Tensor both = Arrays.concat(3, deep, Pooling.maxPool(deep, Window.same(3, 1)));
    Tensor w = Tensor.symbolic(Spec.f32(1, 1, 16, 4));
    Tensor head = Convolutions.conv2d(both, w, Window.of(1));
    return List.of(Activations.logistic(Arrays.slice(head, 3, 0, 2)).times(2), trunk);
  }

  @Test
  void whatConvolutionsReadIsStoredInHalvesAndTheRestIsNot() {
    Graph graph = Tracer.trace(List.of(INPUT), inputs -> network(inputs.getFirst()));
    assertThat(Passes.inference(DType.F16).apply(graph))
        .hasToString(
            """
            %0 = input f32[1, 8, 8, 8]
            %1 = cast(%0) -> f16[1, 8, 8, 8]
            %2 = conv2d(%1, const f16[3, 3, 8, 8], const f32[8]) 3x3 p1 +bias+mish\
             -> f16[1, 8, 8, 8]
            %3 = conv2d(%2, const f16[3, 3, 8, 8], const f32[8], %2) 3x3 p1 +bias+mish+add\
             -> f16[1, 8, 8, 8] in %5 from 0
            %4 = max_pool(%3) 3x3 p1 -> f16[1, 8, 8, 8] in %5 from 8
            %5 = concat(%3, %4) axis 3 -> f16[1, 8, 8, 16]
            %6 = conv2d(%5, const f16[1, 1, 16, 4]) 1x1 +f32 -> f32[1, 8, 8, 4]
            %7 = slice(%6) from [0, 0, 0, 0] -> f32[1, 8, 8, 2] in %6 from 0
            %8 = logistic(%7) -> f32[1, 8, 8, 2]
            %9 = fill() 2.0 -> f32[]
            %10 = multiply(%8, %9) -> f32[1, 8, 8, 2]
            %11 = cast(%2) -> f32[1, 8, 8, 8]
            return %10, %11
            """);
    assertThat(Passes.inference(DType.F32).apply(graph))
        .hasToString(Passes.inference().apply(graph).toString());
  }

  @Test
  void filtersWithNumbersAreRoundedOnce() {
    Tensor w = Tensor.of(Shape.of(1, 1, 1, 1), 1 + 0x1p-11f + 0x1p-20f).to(Devices.cpu());
    Graph graph =
        Tracer.trace(
            List.of(Spec.f32(1, 2, 2, 1)),
            inputs -> List.of(Convolutions.conv2d(inputs.getFirst(), w, Window.of(1))));
    Value.Constant filters = new HalfStorage().apply(graph).constants().getFirst();
    assertThat(filters.spec().dtype()).isEqualTo(DType.F16);
    assertThat(filters.tensor().to(DType.F32).floats()).containsExactly(1 + 0x1p-10f);
  }
}
