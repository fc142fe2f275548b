package dev.peregrine.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.autograd.Tape;
import dev.peregrine.tensor.Reductions;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.graph.Graph;
import dev.peregrine.tensor.graph.Tracer;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.ShapeException;
import dev.peregrine.tensor.shape.Spec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ParamsTest {
  private final Params params = Params.create(7);

  private static Tensor weight(Params p, int... extents) {
    return p.get("weight", Params.Kind.WEIGHT, Shape.of(extents), Initializer.DARKNET);
  }

  private List<String> paths() {
    return params.entries().stream().map(Params.Entry::path).toList();
  }

  @Test
  void roomsGiveThePaths() {
    weight(params.at("csp", 2).at("down"), 1, 1, 2, 3);
    weight(params.at("a"), 2);
    weight(params, 2);
    assertThat(paths()).containsExactly("csp.2.down.weight", "a.weight", "weight");
    assertThat(params.count()).isEqualTo(10);
    assertThat(params.at("a").entries()).as("rooms share one set").hasSize(3);
  }

  @Test
  void theSecondUseFindsTheFirst() {
    Tensor first = weight(params.at("a"), 3, 3, 4, 8);
    assertThat(weight(params.at("a"), 3, 3, 4, 8)).isSameAs(first);
  }

  @Test
  void refusesAnotherShape() {
    weight(params.at("a"), 3, 3, 4, 8);
    assertThatThrownBy(() -> weight(params.at("a"), 3, 3, 4, 16))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "params: a.weight has shape [3, 3, 4, 8] but the model asks for [3, 3, 4, 16]; these"
                + " numbers belong to another model, class count or width");
    assertThatThrownBy(() -> params.set("a.weight", Tensor.of(Shape.of(2), 1, 2)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("a.weight is f32[3, 3, 4, 8] but was to be set to f32[2]");
    assertThatThrownBy(() -> params.entry("b"))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("there is no b among the 1 arrays");
  }

  @Test
  void initialNumbersDependOnSeedAndPathAlone() {
    float[] first = weight(params.at("a"), 100).floats();
    Params again = Params.create(7);
    weight(again.at("z"), 5);
    assertThat(weight(again.at("a"), 100).floats()).containsExactly(first);
    assertThat(weight(Params.create(8).at("a"), 100).floats()).isNotEqualTo(first);
  }

  /** With close paths and seed 0 too, no array may be another one a few elements further on. */
  @Test
  void arraysShareNoNumbers() {
    Params zero = Params.create(0);
    Set<Float> seen = new HashSet<>();
    int count = 0;
    for (int i = 0; i < 10; i++) {
      for (float value :
          zero.get("w" + i, Params.Kind.WEIGHT, Shape.of(50), Initializer.PYTORCH).floats()) {
        seen.add(value);
        count++;
      }
    }
    assertThat(seen).hasSizeGreaterThan(count - 3);
  }

  @Test
  void initialisersHaveTheirBounds() {
    // 3 * 3 * 4 inputs to each of 50 outputs
    double darknet = Math.sqrt(2.0 / 36);
    Shape shape = Shape.of(3, 3, 4, 50);
    float[] filters = weight(params, 3, 3, 4, 50).floats();
    float[] torch = params.get("t", Params.Kind.WEIGHT, shape, Initializer.PYTORCH).floats();
    check(filters, darknet);
    check(torch, 1.0 / 6);
  }

  private static void check(float[] values, double bound) {
    double squares = 0;
    double largest = 0;
    for (float value : values) {
      squares += value * value;
      largest = Math.max(largest, Math.abs(value));
    }
    assertThat(largest).isBetween(0.99 * bound, bound);
    double deviation = Math.sqrt(squares / values.length);
    assertThat(deviation).isBetween(0.95 * bound / Math.sqrt(3), 1.05 * bound / Math.sqrt(3));
  }

  @Test
  void symbolicOnesHaveShapesOnly() {
    Params symbolic = Params.symbolic().training(true);
    Graph graph =
        Tracer.trace(
            List.of(Spec.f32(1, 8, 8, 3)),
            in -> List.of(Layers.convBn(symbolic.at("a"), in.get(0), 16, 3, 1, Unary.Kind.MISH)));
    assertThat(graph.outputs().get(0).spec()).isEqualTo(Spec.f32(1, 8, 8, 16));
    assertThat(symbolic.count()).isEqualTo(3 * 3 * 3 * 16 + 2 * 16);
    assertThatThrownBy(() -> symbolic.entry("a.weight").value().floats())
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("symbolic");
  }

  @Test
  void freezesByTheBeginningOfThePath() {
    weight(params.at("backbone", 0), 2);
    weight(params.at("backbone", 1), 2);
    weight(params.at("head"), 2);
    params.get("mean", Params.Kind.STATISTIC, Shape.of(2), Initializer.ZEROS);
    params.freeze("backbone.1", true);
    assertThat(trained()).containsExactly("backbone.0.weight", "head.weight");
    params.freeze("", true);
    assertThat(trained()).isEmpty();
    params.freeze("head", false);
    assertThat(trained()).containsExactly("head.weight");
    assertThat(params.iterator().next()).isSameAs(params.entry("head.weight").value());
    params.set("backbone.0.weight", Tensor.of(Shape.of(2), 1, 2));
    assertThat(params.entry("backbone.0.weight").frozen()).isTrue();
    assertThat(params.count()).as("frozen ones count").isEqualTo(6);
  }

  private List<String> trained() {
    return params.entries().stream()
        .filter(Params.Entry::isTrained)
        .map(Params.Entry::path)
        .toList();
  }

  @Test
  void copiesToAnotherTypeAndDevice() {
    float[] values = weight(params.at("a"), 20).floats();
    params.freeze("a", true);
    params.training(true).statisticsMomentum(0.25).step(5, 6);
    Params copy = params.to(DType.F64, Devices.reference());
    Params.Entry entry = copy.entry("a.weight");
    double[] expected = new double[values.length];
    java.util.Arrays.setAll(expected, i -> values[i]);
    assertThat(entry.value().doubles()).containsExactly(expected);
    assertThat(entry.value().dtype()).isEqualTo(DType.F64);
    assertThat(entry.value().device()).isSameAs(Devices.reference());
    assertThat(entry.frozen()).isTrue();
    assertThat(copy.isTraining()).isTrue();
    assertThat(copy.statisticsMomentum()).isEqualTo(0.25);
    assertThat(copy.noiseSeed("n")).isEqualTo(params.noiseSeed("n"));
    copy.training(false);
    assertThat(params.isTraining()).as("modes are apart").isTrue();
    Params back = copy.to(DType.F32, Devices.cpu());
    assertThat(back.entry("a.weight").value().floats()).containsExactly(values);
  }

  @Test
  void firstUseOnATapeGivesLastingNumbers() {
    Tensor other = Tensor.of(Shape.of(4), 1, 2, 3, 4);
    Tensor result;
    try (Tape tape = Tape.watching(List.of(other))) {
      result = tape.record(() -> Reductions.sum(weight(params, 4).times(other)));
    }
    assertThatThrownBy(result::item).isInstanceOf(DeviceException.class);
    assertThat(params.entry("weight").value().floats())
        .containsExactly(weight(Params.create(7), 4).floats());
  }

  @Test
  void firstUseInATracerGivesLastingNumbers() {
    Tracer.trace(List.of(Spec.f32(4)), in -> List.of(weight(params, 4).times(in.get(0))));
    assertThat(params.entry("weight").value().isSymbolic()).isFalse();
    assertThat(params.entry("weight").value().floats())
        .containsExactly(weight(Params.create(7), 4).floats());
  }

  @Test
  void statisticsWaitUntilTheyAreCommitted() {
    Params room = params.at("a");
    room.get("mean", Params.Kind.STATISTIC, Shape.of(2), Initializer.ZEROS);
    try (Tape tape = Tape.watching(List.of())) {
      tape.record(() -> {
        room.pend("mean", Tensor.full(Spec.f32(2), 6), 1, 0.5);
        return room;
      });
      assertThat(params.entry("a.mean").value().floats()).containsExactly(0, 0);
      params.commit();
    }
    assertThat(params.entry("a.mean").value().floats()).as("and outlive it").containsExactly(3, 3);
    room.pend("mean", Tensor.full(Spec.f32(2), 9), 0, 1);
    params.discard();
    params.commit();
    assertThat(params.entry("a.mean").value().floats()).containsExactly(3, 3);
    Tracer.trace(
        List.of(Spec.f32(2)),
        in -> {
          room.pend("mean", in.get(0), 0, 1);
          return in;
        });
    params.commit();
    assertThat(params.entry("a.mean").value().floats())
        .as("a tracer computes none")
        .containsExactly(3, 3);
  }

  @Test
  void noiseDiffersByNameRoomStepAndSeed() {
    List<Long> seeds = new ArrayList<>();
    for (long seed = 0; seed < 3; seed++) {
      for (long step = 0; step < 3; step++) {
        params.step(seed, step);
        seeds.add(params.noiseSeed("x"));
        seeds.add(params.noiseSeed("y"));
        seeds.add(params.at("a").noiseSeed("x"));
        seeds.add(params.at("b").noiseSeed("x"));
      }
    }
    assertThat(seeds).doesNotHaveDuplicates();
    assertThat(params.seed()).isEqualTo(2);
    assertThat(params.step(0, 0).noiseSeed("x")).isEqualTo(seeds.get(0));
  }
}
