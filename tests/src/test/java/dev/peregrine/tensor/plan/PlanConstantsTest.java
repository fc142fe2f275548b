package dev.peregrine.tensor.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Convolutions;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a plan's constants: packed or copied, and let go. */
class PlanConstantsTest {
  /** Whether kernels pack constants or read them where they lie, a plan keeps what it was given. */
  @ParameterizedTest
  @ValueSource(strings = {"reference", "cpu:1"})
  void aPlanKeepsTheNumbersThatItWasPreparedWith(String name) {
    Device device = Devices.open(name);
    Shape shape = Shape.of(1, 8, 8, 16);
    List<Tensor> weights =
        Ops.on(
            device,
            () ->
                List.of(
                    Tensor.full(Spec.f32(3, 3, 16, 16), 0.5),
                    Tensor.full(Spec.f32(16), 2),
                    Tensor.full(Spec.f32(1, 8, 8, 16), 3),
                    Tensor.full(Spec.f32(4), 4)));
    Function<List<Tensor>, List<Tensor>> net =
        x -> {
          Tensor y = Convolutions.conv2d(x.get(0), weights.get(0), Window.same(3, 1));
          Tensor z = y.plus(weights.get(1));
          return List.of(z, Arrays.concat(-1, z, weights.get(2)), weights.get(3));
        };
    Graph graph = Tracer.trace(List.of(Spec.f32().withShape(shape)), net);
    Tensor x = Ops.on(device, () -> Tensor.full(Spec.f32().withShape(shape), 1));
    List<Plan> plans = List.of(Plan.prepare(graph, device), Plan.prepareAsWritten(graph, device));
    List<Tensor> before = plans.get(0).run(x);
    for (Tensor each : weights) {
      device.write(new float[each.shape().size()], each.buffer());
    }
    for (Plan plan : plans) {
      List<Tensor> after = plan.run(x);
      for (int i = 0; i < before.size(); i++) {
        assertThat(after.get(i).floats()).as("output %d", i).isEqualTo(before.get(i).floats());
      }
    }
    assertThat(before.get(0).floats()[0]).isEqualTo(0.5f * 4 * 16 + 2);
  }

  /** Between the halves of preparing, nothing refers to what was folded any more. */
  @Test
  void preparingSaysWhenItIsHalfDone() {
    List<String> order = new ArrayList<>();
    Plan plan =
        Plan.prepare(
            () -> {
              order.add("traced");
              return Tracer.trace(List.of(Spec.f32(1)), x -> List.of(x.get(0).negate()));
            },
            Devices.reference(),
            () -> order.add("rewritten"));
    assertThat(order).containsExactly("traced", "rewritten");
    assertThat(plan.steps()).hasSize(1);
  }

  /** Three times 32 MiB of filters: once after two of them. */
  @Test
  void preparingSaysWhenMuchWasPacked() {
    Device cpu = Devices.open("cpu:1");
    int[] calls = {0};
    Plan.prepare(
        () ->
            Tracer.trace(
                List.of(Spec.f32(1, 4, 4, 2048)),
                x -> {
                  Tensor y = x.get(0);
                  for (int channels : new int[] {4096, 2048, 4096}) {
                    Spec filters = Spec.f32(1, 1, y.shape().channels(), channels);
                    Tensor w = Ops.on(cpu, () -> Tensor.full(filters, 0.1));
                    y = Convolutions.conv2d(y, w, Window.same(1, 1));
                  }
                  return List.of(y);
                }),
        cpu,
        () -> calls[0]++);
    assertThat(calls[0]).as("once rewritten, once packed").isEqualTo(2);
  }
}
