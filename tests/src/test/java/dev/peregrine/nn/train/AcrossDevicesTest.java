package dev.peregrine.nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.autograd.Adjoints;
import dev.peregrine.autograd.Tape;
import dev.peregrine.nn.LayerStyle;
import dev.peregrine.nn.LayerStyle.Kind;
import dev.peregrine.nn.Layers;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.optim.Sgd;
import dev.peregrine.nn.optim.StepSize;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Reductions;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.testkit.TestDevices;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Several devices that share mini-batches learn what one device learns from the whole ones. */
class AcrossDevicesTest {
  private static final int EXAMPLES = 7;
  private static final int STEPS = 3;

  private static Tensor net(Params p, Tensor x) {
    Tensor y = Layers.convBn(p.at("a"), x, 5, 3, 1, Unary.Kind.MISH);
    return Layers.convBn(p.at("b"), y, 4, 3, 2, Unary.Kind.LEAKY_RELU);
  }

  private static Tensor pictures(List<Integer> numbers) {
    int size = 6 * 6 * 3;
    float[] pixels = new float[numbers.size() * size];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) Math.sin(0.37 * (i % size) + numbers.get(i / size));
    }
    return Tensor.of(Shape.of(numbers.size(), 6, 6, 3), pixels);
  }

  private static Objective.Outcome sumOfSquares(Params p, Tape tape, List<Integer> batch) {
    Tensor x = pictures(batch);
    Tensor loss =
        tape.record(() -> {
          Tensor y = net(p, x);
          return Reductions.sum(y.times(y));
        });
    Adjoints gradients = tape.backward(loss);
    return new Objective.Outcome(Map.of("loss", (double) loss.item()), gradients, batch.size());
  }

  /** Losses, gradients of the last step, and weights after some steps. */
  private static Map<String, double[]> train(
      List<Device> devices, Kind kind, Objective<Integer> objective) {
    return Ops.on(
        devices.getFirst(),
        () -> {
          LayerStyle style = LayerStyle.PLAIN.normalizing(kind);
          Params params = Params.create(4, DType.F32).with(style);
          net(params, pictures(List.of(0)));
          params.training(true);
          Sgd optimizer = Sgd.nesterov(0.0005);
          AcrossDevices<Integer> shared = new AcrossDevices<>(objective, devices);
          Map<String, double[]> numbers = new LinkedHashMap<>();
          for (int step = 0; step < STEPS; step++) {
            // The last mini-batch of an epoch may have fewer examples than there are devices.
            int count = step == 1 ? 1 : EXAMPLES;
            List<Integer> batch = IntStream.range(step, step + count).boxed().toList();
            try (Tape tape = Tape.watching(params)) {
              Objective.Outcome outcome = shared.compute(params, tape, batch);
              assertThat(outcome.examples()).isEqualTo(count);
              numbers.put("loss " + step, new double[] {outcome.parts().get("loss")});
              for (Params.Entry entry : params.entries()) {
                if (entry.isTrained()) {
                  numbers.put("d " + entry.path(), outcome.gradients().of(entry.value()).doubles());
                }
              }
              optimizer.step(params, outcome.gradients(), 1.0 / count, StepSize.of(0.05, 0.9));
            }
          }
          params.entries().forEach(e -> numbers.put(e.path(), e.value().doubles()));
          return numbers;
        });
  }

  private static Map<String, double[]> train(List<Device> devices) {
    Kind kind = devices.size() == 1 ? Kind.BATCH : Kind.SYNCHRONIZED;
    return train(devices, kind, AcrossDevicesTest::sumOfSquares);
  }

  private static void requireTheSame(List<Device> devices, Map<String, double[]> one) {
    Map<String, double[]> shared = train(devices);
    assertThat(shared.keySet()).isEqualTo(one.keySet());
    one.forEach((name, numbers) -> {
      for (int i = 0; i < numbers.length; i++) {
        double tolerance = 2e-4 * (1 + Math.abs(numbers[i]));
        assertThat(shared.get(name)[i]).as(name).isCloseTo(numbers[i], within(tolerance));
      }
    });
    Map<String, double[]> again = train(devices);
    shared.forEach((name, numbers) -> assertThat(again.get(name)).as(name).isEqualTo(numbers));
  }

  @Test
  void threeDevicesLearnWhatOneDoes() {
    Map<String, double[]> one = train(List.of(Devices.open("cpu:1")));
    requireTheSame(
        List.of(Devices.open("cpu:1"), Devices.open("cpu:2"), Devices.open("reference")), one);
  }

  @Test
  void twoOpenClDevicesLearnWhatOneDoes() {
    List<Device> two = List.of(TestDevices.openCl(), TestDevices.openCl());
    requireTheSame(two, train(two.subList(0, 1)));
  }

  @Test
  void onlyTheFirstDevicesStatisticsCountUnlessSynchronised() {
    List<Device> devices = List.of(Devices.open("cpu:1"), Devices.open("cpu:1"));
    Map<String, double[]> shared = train(devices, Kind.BATCH, AcrossDevicesTest::sumOfSquares);
    Map<String, double[]> one = train(devices.subList(0, 1));
    assertThat(shared.get("loss 0")[0]).isNotCloseTo(one.get("loss 0")[0], within(1e-3));
  }

  @Test
  void aDeviceThatFailsIsTheErrorOfTheStep() {
    List<Device> devices = new ArrayList<>();
    devices.add(Devices.open("cpu:1"));
    devices.add(Devices.open("cpu:1"));
    Objective<Integer> failing =
        (params, tape, batch) -> {
          if (Ops.device() == devices.getLast()) {
            throw new DeviceException("the second device was lost");
          }
          return sumOfSquares(params, tape, batch);
        };
    assertThatThrownBy(() -> train(devices, Kind.SYNCHRONIZED, failing))
        .isInstanceOf(DeviceException.class)
        .hasMessage("the second device was lost");
  }

  @Test
  void noDeviceIsRefused() {
    assertThatThrownBy(() -> new AcrossDevices<>(AcrossDevicesTest::sumOfSquares, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least one");
  }
}
