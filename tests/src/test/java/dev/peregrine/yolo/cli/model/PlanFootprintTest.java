package dev.peregrine.yolo.cli.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.nn.Model;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.plan.Plan;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.yolo.Models;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is told of a plan's memory against what a plan takes. */
class PlanFootprintTest {
  private static final int SIDE = 128;

  private static Graph trace(Model model, Params params) {
    return Tracer.trace(
        List.of(Spec.f32(1, SIDE, SIDE, 3)), in -> model.forward(params, in.getFirst()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"yolov4-tiny", "yolov4-csp@0.25", "yolov4-p5-yaml@0.25x0.33", "yolov3-tiny"})
  void shapesTellWhatAPlanTakes(String name) {
    Device device = Devices.cpu();
    Model model = Models.named(name, 80);
    PlanFootprint told = PlanFootprint.of(trace(model, Params.symbolic()), device);
    Params params = Models.initialize(Models.named(name, 80), 1);
    Plan plan = Plan.prepare(trace(model, params), device);
    assertThat(told.arena()).isEqualTo(plan.memory().arenaBytes());
    assertThat(told.constants())
        .isEqualTo(plan.graph().constants().stream().mapToLong(c -> c.spec().bytes()).sum());
    assertThat(plan.toString())
        .contains(String.format("workspace %.1f MiB", told.workspace() / 1048576.0));
    assertThat(told.total()).isEqualTo(told.packed() + told.arena() + told.workspace());
    assertThat(told.toString()).contains("as kernels keep them", "together");
  }

  /** Nothing of the size of the weights is taken to tell it. */
  @Test
  void tellingTakesNoMemory() {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    Model model = Models.named("yolov4-p6", 80);
    long before = threads.getCurrentThreadAllocatedBytes();
    Graph graph =
        Tracer.trace(
            List.of(Spec.f32(1, 1280, 1280, 3)),
            in -> model.forward(Params.symbolic(), in.getFirst()));
    PlanFootprint told = PlanFootprint.of(graph, Devices.cpu());
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(told.constants()).isGreaterThan(500_000_000);
    assertThat(allocated).isLessThan(200_000_000);
  }
}
