package dev.peregrine.tensor.op;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.autograd.GradCheck;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.testkit.Cases;
import dev.peregrine.testkit.OpCase;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The derivative of every differentiable case against differences, in f64. */
class GradientOfEveryCaseTest {
  static Stream<OpCase> cases() {
    return Cases.all().stream()
        .filter(c -> !c.differentiable().isEmpty())
        .map(c -> c.in(DType.F64));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void derivativeEqualsDifferences(OpCase c) {
    List<Tensor> inputs = c.tensors(Devices.reference());
    List<Tensor> moving = c.differentiable().stream().map(inputs::get).toList();
    GradCheck.Result result =
        GradCheck.directional(
            moved -> {
              List<Tensor> all = new ArrayList<>(inputs);
              for (int i = 0; i < moved.size(); i++) {
                all.set(c.differentiable().get(i), moved.get(i));
              }
              return Ops.apply(c.op(), all.toArray(Tensor[]::new));
            },
            moving,
            c.name().hashCode());
    assertThat(result.error()).as("%s", result).isLessThan(1e-5);
  }
}
