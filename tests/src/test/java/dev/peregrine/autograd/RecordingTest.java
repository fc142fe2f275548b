package dev.peregrine.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peregrine.nn.LayerStyle;
import dev.peregrine.nn.Layers;
import dev.peregrine.nn.Params;
import dev.peregrine.nn.Regularization;
import dev.peregrine.nn.block.Blocks;
import dev.peregrine.nn.block.CspBlocks;
import dev.peregrine.nn.block.ScaledBlocks;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Passages that are computed again give the same bits, and take less memory. */
class RecordingTest {
  private static final Unary.Kind MISH = Unary.Kind.MISH;

  /** All numbers that a step leaves: the result, each gradient, each statistic. */
  private static Map<String, float[]> step(
      String device, LayerStyle style, BiFunction<Params, Tensor, Tensor> net) {
    return Ops.on(
        Devices.open(device),
        () -> {
          Tensor x = Arrays.normal(Spec.f32(2, 16, 16, 6), 1);
          Params params = Params.create(3).with(style);
          Tensor _ = net.apply(params, x);
          params.training(true).step(5, 7);
          Map<String, float[]> numbers = new LinkedHashMap<>();
          try (Tape tape = Tape.watching(params)) {
            Tensor y = tape.record(() -> net.apply(params, x));
            numbers.put("y", y.floats());
            Tensor seed = Arrays.normal(y.spec(), 9);
            Adjoints adjoints = tape.backward(List.of(y), List.of(seed));
            for (Params.Entry entry : params.entries()) {
              if (entry.isTrained()) {
                numbers.put("d " + entry.path(), adjoints.of(entry.value()).floats());
              }
            }
          }
          params.commit();
          params.entries().forEach(e -> numbers.put(e.path(), e.value().floats()));
          return numbers;
        });
  }

  private static void same(Map<String, float[]> actual, Map<String, float[]> expected) {
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    expected.forEach((name, numbers) -> assertThat(actual.get(name)).as(name).isEqualTo(numbers));
  }

  /** What all of the blocks are made of, with masks at every place. */
  private static Tensor net(Params p, Tensor x) {
    Tensor y = CspBlocks.csp(p.at("csp"), x, 16, 2, MISH);
    y = Regularization.dropout(p.at("drop"), y, 0.2);
    y = ScaledBlocks.bottleneckCsp(p.at("scaled"), y, 16, 2, true);
    y = CspBlocks.rCsp(p.at("neck"), y, 8, 1, MISH);
    return CspBlocks.osaPart(p.at("osa"), y, 8, Unary.Kind.LEAKY_RELU).joined();
  }

  @ParameterizedTest
  @ValueSource(strings = {"cpu:1", "cpu:3", "reference"})
  void stagesComputedAgainGiveTheSameBits(String device) {
    LayerStyle style =
        LayerStyle.PLAIN.droppingBlocks(0.2, 3).droppingPaths(0.3).droppingConnections(0.1);
    Map<String, float[]> kept = step(device, style, RecordingTest::net);
    same(step(device, style.recomputing(true), RecordingTest::net), kept);
    assertThat(step(device, LayerStyle.PLAIN, RecordingTest::net).get("y"))
        .isNotEqualTo(kept.get("y"));
  }

  @ParameterizedTest
  @EnumSource(LayerStyle.Kind.class)
  void everyNormalisationMayBeComputedAgain(LayerStyle.Kind kind) {
    LayerStyle style = LayerStyle.PLAIN.normalizing(kind);
    same(
        step("cpu:2", style.recomputing(true), RecordingTest::net),
        step("cpu:2", style, RecordingTest::net));
  }

  /** Passages within passages, uses of an input before, inside and after. */
  @Test
  void passagesMayHoldPassages() {
    BiFunction<Params, Tensor, Tensor> plain = (p, x) -> nested(p, x, false);
    BiFunction<Params, Tensor, Tensor> again = (p, x) -> nested(p, x, true);
    same(step("cpu:2", LayerStyle.PLAIN, again), step("cpu:2", LayerStyle.PLAIN, plain));
  }

  private static Tensor nested(Params p, Tensor image, boolean again) {
    LayerStyle style = LayerStyle.PLAIN.recomputing(again);
    Params q = p.with(style);
    Tensor x = Layers.convBn(q.at("first"), image, 8, 3, 1, MISH);
    Tensor y =
        Blocks.passage(
            q,
            () -> {
              Tensor a = Blocks.residual(q.at("a"), x.times(x), 4, MISH).plus(x);
              Tensor b = Blocks.passage(q, () -> Layers.convBn(q.at("b"), a, 8, 3, 1, MISH));
              return Arrays.concat(-1, a, b, x);
            });
    return y.plus(Arrays.concat(-1, x, x, x));
  }

  @Test
  void resultsMayBeViewsOrComeFromOutside() {
    Tensor x = Arrays.normal(Spec.f32(2, 3, 3, 4), 1);
    Tensor w = Arrays.normal(Spec.f32(4), 2);
    AtomicInteger runs = new AtomicInteger();
    try (Tape tape = Tape.watching(List.of(x, w))) {
      Tensor y =
          tape.record(() -> {
            Tensor before = x.times(2);
            List<Tensor> parts =
                Recording.allRecomputed(() -> {
                  runs.incrementAndGet();
                  Tensor z = before.times(w);
                  return List.of(z, before, Arrays.slice(z, -1, 1, 2), z.reshape(72));
                });
            Tensor sum = parts.get(0).plus(parts.get(1)).plus(parts.get(3).reshape(2, 3, 3, 4));
            return Arrays.concat(-1, sum, parts.get(2));
          });
      Adjoints adjoints = tape.backward(List.of(y), List.of(Tensor.full(y.spec(), 1)));
      // y = 2 x w + 2 x + 2 x w, and once more 2 x w of the middle channels
      float[] weights = w.floats();
      float[] dx = adjoints.of(x).floats();
      for (int i = 0; i < dx.length; i++) {
        int times = i % 4 == 1 || i % 4 == 2 ? 6 : 4;
        assertThat(dx[i])
            .isCloseTo(times * weights[i % 4] + 2, org.assertj.core.api.Assertions.within(1e-5f));
      }
      assertThat(runs).hasValue(2);
    }
  }

  @Test
  void whatNothingDependsOnIsNotComputedAgain() {
    Tensor x = Tensor.of(Shape.of(2), 1, 2);
    AtomicInteger runs = new AtomicInteger();
    try (Tape tape = Tape.watching(List.of(x))) {
      Tensor y =
          tape.record(() -> {
            Tensor constant =
                Recording.recomputed(() -> {
                  runs.incrementAndGet();
                  return Tensor.of(Shape.of(2), 3, 4).times(2);
                });
            return x.times(constant);
          });
      float[] dx = tape.backward(List.of(y), List.of(Tensor.full(y.spec(), 1))).of(x).floats();
      assertThat(dx).containsExactly(6, 8);
      assertThat(runs).hasValue(1);
    }
  }

  @Test
  void aDerivativeMayBeTold() {
    Tensor x = Tensor.of(Shape.of(2), 3, -1);
    try (Tape tape = Tape.watching(List.of(x))) {
      Tensor y =
          tape.record(() ->
              Recording.differentiated(
                      List.of(x),
                      () -> List.of(x.times(x)),
                      (inputs, outputs, dy) -> List.of(dy.times(100)))
                  .getFirst()
                  .times(2));
      assertThat(y.floats()).containsExactly(18, 2);
      Adjoints adjoints = tape.backward(List.of(y), List.of(Tensor.full(y.spec(), 1)));
      assertThat(adjoints.of(x).floats()).containsExactly(200, 200);
    }
  }

  @Test
  void noGradientReachesWhatADetachedTensorWasMadeOf() {
    Tensor x = Tensor.of(Shape.of(2), 3, -1);
    try (Tape tape = Tape.watching(List.of(x))) {
      Tensor y = tape.record(() -> Recording.detached(x.times(x)).times(x));
      assertThat(y.floats()).containsExactly(27, -1);
      Adjoints adjoints = tape.backward(List.of(y), List.of(Tensor.full(y.spec(), 1)));
      assertThat(adjoints.of(x).floats()).containsExactly(9, 1);
    }
    assertThat(Recording.detached(x)).isSameAs(x);
  }

  @Test
  void lessMemoryIsTaken() {
    assertThat(pooled(true)).isLessThan(pooled(false) / 2);
  }

  private static long pooled(boolean again) {
    Device device = Devices.open("cpu:1");
    device.pool().clear();
    return Ops.on(
        device,
        () -> {
          Params params = Params.create(1).training(true).with(LayerStyle.PLAIN.recomputing(again));
          Tensor x = Arrays.normal(Spec.f32(1, 32, 32, 16), 1);
          try (Tape tape = Tape.watching(List.of(x))) {
            Tensor y =
                tape.record(() -> {
                  Tensor z = x;
                  for (int i = 0; i < 12; i++) {
                    z = Blocks.residual(params.at("unit", i), z, 16, MISH);
                  }
                  return Layers.conv2d(params.at("end"), z, 1, Window.of(1), 1);
                });
            tape.backward(List.of(y), List.of(Tensor.full(y.spec(), 1)));
          }
          return device.pool().pooledBytes();
        });
  }
}
