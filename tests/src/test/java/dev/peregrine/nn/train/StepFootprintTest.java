package dev.peregrine.nn.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.autograd.Tape;
import dev.peregrine.nn.Params;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.model.DetectionModel;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is told of a training step's memory against what the pool holds after one. */
class StepFootprintTest {
  @ParameterizedTest
  @CsvSource({
    "yolov4-tiny, 4, 160",
    "yolov4-csp@0.25x0.5, 2, 128",
    "yolov4-p5-yaml@0.25x0.33, 2, 128"
  })
  void shapesTellWhatAStepTakes(String name, int batch, int side) {
    DetectionModel model = Models.named(name, 3);
    Spec pictures = Spec.f32(batch, side, side, 3);
    Params shapes = Params.symbolic().training(true);
    Graph graph = Tracer.trace(List.of(pictures), in -> model.forward(shapes, in.getFirst()));
    StepFootprint told = StepFootprint.of(shapes, graph);

    Device device = Devices.open("cpu:1");
    long pooled =
        Ops.on(
            device,
            () -> {
              Params params = Models.initialize(model, 1).training(true);
              Tensor images = Arrays.uniform(pictures, 3);
              device.pool().clear();
              try (Tape tape = Tape.watching(params)) {
                List<Tensor> heads = tape.record(() -> model.forward(params, images));
                List<Tensor> seeds =
                    heads.stream().map(head -> Tensor.full(head.spec(), 1e-3)).toList();
                tape.backward(heads, seeds);
              }
              return device.pool().pooledBytes();
            });
    long scratch =
        4
            * graph.nodes().stream()
                .map(node ->
                    device.prepare(node.op(), new Signature(node.inputSpecs(), node.outputSpecs())))
                .mapToLong(Kernel::workspace)
                .max()
                .orElseThrow();
    double share = (double) pooled / (told.values() + told.gradients() + scratch);
    assertThat(share)
        .as("%d bytes pooled, told %s, scratch %d", pooled, told, scratch)
        .isBetween(0.8, 1.2);
    assertThat(told.state())
        .isEqualTo(
            3 * told.gradients()
                + 2
                    * shapes.entries().stream()
                        .filter(entry -> entry.kind() == Params.Kind.STATISTIC)
                        .mapToLong(entry -> entry.value().spec().bytes())
                        .sum());
    assertThat(told.values()).isGreaterThan(told.forward());
  }
}
