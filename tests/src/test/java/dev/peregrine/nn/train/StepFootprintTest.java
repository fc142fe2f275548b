package dev.peregrine.nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.autograd.Tape;
import dev.peregrine.nn.LayerStyle;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.optim.Adam;
import dev.peregrine.nn.optim.Sgd;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.yolo.Models;
import dev.peregrine.yolo.model.DetectionModel;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is told of a training step's memory against what the pool holds after one. */
class StepFootprintTest {
  @ParameterizedTest
  @CsvSource({
    "yolov4-tiny, 4, 160, false",
    "yolov4-csp@0.25x0.5, 2, 128, false",
    "yolov4-csp@0.25x0.5, 2, 96, true",
    "yolov4-p5-yaml@0.25x0.33, 2, 128, false"
  })
  void whatIsToldIsTaken(String name, int batch, int side, boolean again) {
    DetectionModel model = Models.named(name, 3);
    LayerStyle style = LayerStyle.PLAIN.recomputing(again);
    Spec pictures = Spec.f32(batch, side, side, 3);
    Device device = Devices.open("cpu:1");
    StepFootprint told = StepFootprint.of(model, style, pictures, device);

    Params params = Models.initialize(model, 1, style).training(true);
    long pooled =
        Ops.on(
            device,
            () -> {
              Params here = params.to(params.entries().getFirst().value().dtype(), device);
              Tensor images = Arrays.uniform(pictures, 3);
              device.pool().clear();
              try (Tape tape = Tape.watching(here)) {
                List<Tensor> heads = tape.record(() -> model.forward(here, images));
                List<Tensor> seeds =
                    heads.stream().map(head -> Tensor.full(head.spec(), 1e-3)).toList();
                tape.backward(heads, seeds);
              }
              return device.pool().pooledBytes();
            });
    assertThat((double) pooled)
        .as("pooled, told %s", told)
        .isCloseTo(told.step() - pictures.bytes(), within(0.001 * told.step()));
    assertThat(told.total()).isEqualTo(told.state() + told.gradients() + told.step());
    assertThat(told.state())
        .isEqualTo(
            3 * told.gradients()
                + 2
                    * params.entries().stream()
                        .filter(entry -> entry.kind() == Params.Kind.STATISTIC)
                        .mapToLong(entry -> entry.value().spec().bytes())
                        .sum());
  }

  /** Adam keeps an array more than momentum does. */
  @Test
  void whatTheOptimiserKeepsCounts() {
    DetectionModel model = Models.named("yolov4-tiny", 3);
    Spec picture = Spec.f32(1, 64, 64, 3);
    StepFootprint descent =
        StepFootprint.of(model, LayerStyle.PLAIN, picture, Devices.cpu(), Sgd.plain(0).memories());
    StepFootprint adam =
        StepFootprint.of(
            model, LayerStyle.PLAIN, picture, Devices.cpu(), Adam.decoupled(0).memories());
    assertThat(adam.state() - descent.state()).isEqualTo(descent.gradients());
    assertThat(adam.step()).isEqualTo(descent.step());
  }

  @Test
  void computingAgainTakesAFractionOfTheMemory() {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    DetectionModel model = Models.named("yolov4-p5", 80);
    Spec picture = Spec.f32(1, 896, 896, 3);
    StepFootprint kept = StepFootprint.of(model, LayerStyle.PLAIN, picture, Devices.cpu());
    StepFootprint again =
        StepFootprint.of(model, LayerStyle.PLAIN.recomputing(true), picture, Devices.cpu());
    assertThat(again.step()).isLessThan(kept.step() * 6 / 10);
    assertThat(again.total()).as("%s", again).isLessThan(24L << 30);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before)
        .as("bytes taken to tell it")
        .isLessThan(200_000_000);
  }
}
