package dev.peregrine.tensor.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.tensor.Activations;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Convolutions;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Reductions;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.graph.ElideConcat;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.op.Fill;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlanTest {
  private static final Device REFERENCE = Devices.reference();

  /** Where no arithmetic is changed, every bit is the same. */
  @Test
  void memoryAndElisionChangeNoBit() {
    for (long seed = 0; seed < 60; seed++) {
      RandomNet net = new RandomNet(seed, 14, DType.F32, REFERENCE);
      Graph graph = Tracer.trace(net.inputs(), net);
      List<Tensor> expected = Ops.on(REFERENCE, () -> net.apply(net.arguments()));
      Tensor[] arguments = net.arguments().toArray(Tensor[]::new);
      List<Tensor> plain = Plan.prepareAsWritten(graph, REFERENCE).run(arguments);
      List<Tensor> elided =
          Plan.prepareAsWritten(new ElideConcat().apply(graph), REFERENCE).run(arguments);
      assertThat(plain).hasSameSizeAs(expected);
      for (int i = 0; i < expected.size(); i++) {
        assertThat(plain.get(i).spec()).isEqualTo(expected.get(i).spec());
        assertThat(plain.get(i).floats()).as("seed %d", seed).isEqualTo(expected.get(i).floats());
        assertThat(elided.get(i).floats()).as("seed %d", seed).isEqualTo(expected.get(i).floats());
      }
    }
  }

  @Test
  void preparedNetsComputeTheSameInDoublePrecision() {
    for (long seed = 100; seed < 160; seed++) {
      RandomNet net = new RandomNet(seed, 14, DType.F64, REFERENCE);
      List<Tensor> expected = Ops.on(REFERENCE, () -> net.apply(net.arguments()));
      Plan plan = Plan.prepare(Tracer.trace(net.inputs(), net), REFERENCE);
      for (int run = 0; run < 2; run++) {
        assertClose(plan.run(net.arguments().toArray(Tensor[]::new)), expected, 1e-10, seed);
      }
    }
  }

  @Test
  void preparedNetsComputeTheSameInSinglePrecision() {
    for (long seed = 200; seed < 230; seed++) {
      RandomNet net = new RandomNet(seed, 12, DType.F32, REFERENCE);
      List<Tensor> expected = Ops.on(REFERENCE, () -> net.apply(net.arguments()));
      Plan plan = Plan.prepare(Tracer.trace(net.inputs(), net), REFERENCE);
      assertClose(plan.run(net.arguments().toArray(Tensor[]::new)), expected, 2e-5, seed);
    }
  }

  @Test
  void preparedNetsComputeTheSameOnTheCpu() {
    Device cpu = Devices.cpu();
    for (long seed = 300; seed < 330; seed++) {
      RandomNet net = new RandomNet(seed, 12, DType.F32, cpu);
      List<Tensor> expected = Ops.on(cpu, () -> net.apply(net.arguments()));
      Graph graph = Tracer.trace(net.inputs(), net);
      Tensor[] arguments = net.arguments().toArray(Tensor[]::new);
      assertClose(Plan.prepare(graph, cpu).run(arguments), expected, 2e-5, seed);
      List<Tensor> elided =
          Plan.prepareAsWritten(new ElideConcat().apply(graph), cpu).run(arguments);
      assertClose(elided, expected, 2e-5, seed);
    }
  }

  private static void assertClose(
      List<Tensor> actual, List<Tensor> expected, double tolerance, long seed) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      double[] want = expected.get(i).doubles();
      double[] got = actual.get(i).doubles();
      double scale = 1;
      for (double number : want) {
        scale = Math.max(scale, Math.abs(number));
      }
      for (int k = 0; k < want.length; k++) {
        if (!(Math.abs(got[k] - want[k]) <= tolerance * scale)) {
          fail("seed %d output %d element %d: %s, not %s", seed, i, k, got[k], want[k]);
        }
      }
    }
  }

  @Test
  void variablesAreReadAgainAtEachRun() {
    Tensor traced = tensor(1, 2);
    AtomicReference<Tensor> current = new AtomicReference<>(traced);
    Graph graph =
        Tracer.trace(
            List.of(Spec.f32(2)),
            Map.of(traced, current::get),
            x -> List.of(x.get(0).plus(traced), traced));
    Plan plan = Plan.prepare(graph, REFERENCE);
    assertThat(plan.run(tensor(10, 20)).get(0).floats()).containsExactly(11, 22);
    current.set(tensor(5, 6));
    List<Tensor> results = plan.run(tensor(10, 20));
    assertThat(results.get(0).floats()).containsExactly(15, 26);
    assertThat(results.get(1).floats()).containsExactly(5, 6);
    current.set(tensor(5));
    assertThatThrownBy(() -> plan.run(tensor(10, 20)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("a variable was traced as f32[2] but is now f32[1]");
  }

  @Test
  void inputsAndOutputsAreAccessibleBetweenRuns() {
    Graph graph =
        Tracer.trace(
            List.of(Spec.f32(1, 1, 2, 2)),
            x -> {
              Tensor doubled = x.get(0).times(2);
              Tensor negative = x.get(0).negate();
              return List.of(
                  Arrays.concat(-1, doubled, negative), negative, Arrays.slice(doubled, -1, 1, 1));
            });
    Plan plan = Plan.prepare(graph, REFERENCE);
    float[] joined = new float[8];
    float[] negative = new float[4];
    float[] cut = new float[2];
    plan.write(0, new float[] {1, 2, 3, 4});
    for (int run = 0; run < 2; run++) {
      plan.run();
      plan.read(0, joined);
      plan.read(1, negative);
      plan.read(2, cut);
      assertThat(joined).containsExactly(2, 4, -1, -2, 6, 8, -3, -4);
      assertThat(negative).containsExactly(-1, -2, -3, -4);
      assertThat(cut).containsExactly(4, 8);
    }
    assertThat(plan.output(1).isDense()).isFalse();
    assertThatThrownBy(() -> plan.write(0, new float[3]))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("takes an array of 4 elements")
        .hasMessageContaining("3 elements");
    assertThatThrownBy(() -> plan.read(0, new double[8]))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("an array of another type");
  }

  @Test
  void inputsAndConstantsMayBeOutputs() {
    Tensor constant = tensor(7, 8);
    Graph graph =
        Tracer.trace(
            List.of(Spec.f32(2)),
            x -> List.of(x.get(0), constant, x.get(0), Ops.apply(fill(3, 2))));
    List<Tensor> results = Plan.prepare(graph, REFERENCE).run(tensor(1, 2));
    assertThat(results.get(0).floats()).containsExactly(1, 2);
    assertThat(results.get(1).floats()).containsExactly(7, 8);
    assertThat(results.get(2).floats()).containsExactly(1, 2);
    assertThat(results.get(3).floats()).containsExactly(3, 3);
  }

  @Test
  void resultsOutliveTheNextRun() {
    Plan plan =
        Plan.prepare(
            Tracer.trace(List.of(Spec.f32(1)), x -> List.of(x.get(0).negate())), REFERENCE);
    Tensor first = plan.run(tensor(1)).get(0);
    plan.run(tensor(2));
    assertThat(first.item()).isEqualTo(-1);
  }

  @Test
  void whatDependsOnConstantsAloneIsComputedOnce() {
    Graph graph =
        Tracer.trace(
            List.of(Spec.f32(2, 2)),
            x -> {
              Tensor grid = Arrays.iota(Spec.f32(2, 2), 1).times(tensor(2, 3)).plus(1);
              return List.of(x.get(0).plus(grid));
            });
    Plan plan = Plan.prepare(graph, REFERENCE);
    assertThat(plan.steps()).hasSize(1);
    Tensor x = Ops.on(REFERENCE, () -> Tensor.of(Shape.of(2, 2), 10, 20, 30, 40));
    assertThat(plan.run(x).get(0).floats()).containsExactly(11, 24, 31, 44);
  }

  @Test
  void integerResultsHaveAnArenaOfTheirOwn() {
    Graph graph =
        Tracer.trace(
            List.of(Spec.f32(2, 3)), x -> List.of(Reductions.argMax(x.get(0), 1), x.get(0)));
    Plan plan = Plan.prepare(graph, REFERENCE);
    assertThat(plan.memory().arenaElements(DType.I32)).isEqualTo(2);
    Tensor x = Ops.on(REFERENCE, () -> Tensor.of(Shape.of(2, 3), 1, 5, 2, 9, 3, 4));
    assertThat(plan.run(x).get(0).ints()).containsExactly(1, 0);
  }

  @Test
  void aSecondRunAtTheSameTimeFails() {
    AtomicReference<Plan> itself = new AtomicReference<>();
    AtomicReference<Tensor> current = new AtomicReference<>(tensor(1));
    Tensor traced = current.get();
    boolean[] nested = {false};
    Graph graph =
        Tracer.trace(
            List.of(Spec.f32(1)),
            Map.of(
                traced,
                () -> {
                  if (nested[0]) {
                    itself.get().run();
                  }
                  return current.get();
                }),
            x -> List.of(x.get(0).plus(traced)));
    Plan plan = Plan.prepare(graph, REFERENCE);
    itself.set(plan);
    nested[0] = true;
    assertThatThrownBy(plan::run)
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("prepare one plan for each thread");
    nested[0] = false;
    assertThat(plan.run(tensor(1)).get(0).item()).isEqualTo(2);
  }

  @Test
  void wrongArgumentsAndSymbolicWeightsAreRefused() {
    Plan plan =
        Plan.prepare(
            Tracer.trace(List.of(Spec.f32(1)), x -> List.of(x.get(0).negate())), REFERENCE);
    assertThatThrownBy(() -> plan.run(tensor(1, 2)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("input 0 is f32[1] but was given f32[2]");
    assertThatThrownBy(() -> plan.run(tensor(1), tensor(1)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("takes 1 inputs but was given 2");
    assertThatThrownBy(() -> plan.input(1))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("has 1 inputs, and no input 1");
    assertThatThrownBy(() -> plan.read(-1, new float[1]))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("has 1 outputs, and no output -1");
    Tensor symbolic = Tensor.symbolic(Spec.f32(1));
    Graph graph = Tracer.trace(List.of(Spec.f32(1)), x -> List.of(x.get(0).plus(symbolic)));
    assertThatThrownBy(() -> Plan.prepare(graph, REFERENCE))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("a constant f32[1] has a shape but no numbers");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theTableNamesEachStep(boolean profiled) {
    Tensor w = Ops.on(REFERENCE, () -> Tensor.full(Spec.f32(3, 3, 2, 4), 0.1));
    Graph graph =
        Tracer.trace(
            List.of(Spec.f32(1, 8, 8, 2)),
            x -> List.of(Activations.mish(Convolutions.conv2d(x.get(0), w, Window.same(3, 2)))));
    Plan plan = Plan.prepare(graph, REFERENCE);
    Profile profile = plan.profile();
    String text = profiled ? profile.toString() : plan.toString();
    assertThat(text.lines().toList().get(1))
        .startsWith("%1 ")
        .contains("conv2d 3x3/2 p1 +mish")
        .contains("f32[1, 4, 4, 4]");
    assertThat(text.lines().toList().getLast()).startsWith("1 steps");
    assertThat(plan.steps().get(0).flops()).isEqualTo(2L * 64 * 18);
    assertThat(plan.steps().get(0).bytes()).isEqualTo(4L * (128 + 72 + 64));
    assertThat(profile.rows()).hasSize(1);
    assertThat(profile.milliseconds()).isPositive();
    assertThat(profile.peakGigaflops()).isNaN();
    assertThat(profile.families()).hasSize(1);
    assertThat(profile.families().getFirst().flops()).isEqualTo(2L * 64 * 18);
  }

  @Test
  void aProfileComparesWithThePeakOfItsDevice() {
    Device cpu = Devices.open("cpu:1");
    Tensor w = Ops.on(cpu, () -> Tensor.full(Spec.f32(1, 1, 16, 32), 0.1));
    Graph graph =
        Tracer.trace(
            List.of(Spec.f32(1, 8, 8, 16)),
            x -> {
              Tensor y = Convolutions.conv2d(x.get(0), w, Window.same(1, 1));
              return List.of(y.plus(y), Activations.mish(y));
            });
    Profile profile = Plan.prepareAsWritten(graph, cpu).profile(3);
    assertThat(profile.peakGigaflops()).isBetween(0.01, 1e6);
    assertThat(profile.percentOfPeak(profile.peakGigaflops() / 4)).isCloseTo(25, within(1e-9));
    assertThat(profile.rows()).hasSize(3);
    assertThat(profile.families().stream().map(Profile.Family::name))
        .contains("conv2d matrix")
        .hasSize(3);
    assertThat(profile.families().stream().mapToDouble(Profile.Family::milliseconds).sum())
        .isCloseTo(profile.milliseconds(), within(1e-9));
    assertThat(profile.slowestFirst().rows())
        .containsExactlyInAnyOrderElementsOf(profile.rows())
        .isSortedAccordingTo(Comparator.comparingDouble(Profile.Row::milliseconds).reversed());
    assertThat(profile.toString()).contains("% of peak").contains("of the peak of");
  }

  private static Op fill(double value, int size) {
    return new Fill(Spec.f32(size), value);
  }

  private static Tensor tensor(float... numbers) {
    return Ops.on(REFERENCE, () -> Tensor.of(Shape.of(numbers.length), numbers));
  }
}
