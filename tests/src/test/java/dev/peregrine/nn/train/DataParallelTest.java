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
import dev.peregrine.nn.Regularization;
import dev.peregrine.nn.Replica;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Reductions;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataParallelTest {
  private static final int EXAMPLES = 7;

  private static Tensor net(Params p, Tensor x) {
    Tensor y = Layers.convBn(p.at("a"), x, 5, 3, 1, Unary.Kind.MISH);
    return Layers.convBn(p.at("b"), y, 4, 3, 2, Unary.Kind.LEAKY_RELU);
  }

  /** Gradients, statistics and loss of one step over seven pictures. */
  private static Map<String, double[]> step(
      String device, DType type, Kind kind, boolean again, int replicas) {
    return Ops.on(
        Devices.open(device),
        () -> {
          Tensor x = Arrays.normal(new Spec(type, Shape.of(EXAMPLES, 6, 6, 3)), 1);
          Tensor dy = Arrays.normal(new Spec(type, Shape.of(EXAMPLES, 3, 3, 4)), 2);
          LayerStyle style = LayerStyle.PLAIN.normalizing(kind).recomputing(again);
          Params params = Params.create(4, type).with(style);
          net(params, x);
          params.training(true);
          Objective<Integer> part =
              (p, tape, pictures) -> {
                int from = pictures.getFirst();
                Tensor own = Arrays.slice(x, 0, from, pictures.size());
                Tensor seed = Arrays.slice(dy, 0, from, pictures.size());
                Tensor y = tape.record(() -> net(p, own));
                Adjoints gradients = tape.backward(List.of(y), List.of(seed));
                double loss = Reductions.sum(y.times(seed)).item();
                return new Objective.Outcome(Map.of("loss", loss), gradients, pictures.size());
              };
          List<Integer> all = IntStream.range(0, EXAMPLES).boxed().toList();
          Map<String, double[]> numbers = new LinkedHashMap<>();
          try (Tape tape = Tape.watching(params)) {
            Objective.Outcome outcome =
                new DataParallel<>(part, replicas).compute(params, tape, all);
            assertThat(outcome.examples()).isEqualTo(EXAMPLES);
            numbers.put("loss", new double[] {outcome.parts().get("loss")});
            for (Params.Entry entry : params.entries()) {
              if (entry.isTrained()) {
                numbers.put("d " + entry.path(), outcome.gradients().of(entry.value()).doubles());
              }
            }
          }
          params.commit();
          params.entries().forEach(e -> numbers.put(e.path(), e.value().doubles()));
          return numbers;
        });
  }

  private static void close(
      Map<String, double[]> actual, Map<String, double[]> expected, double tolerance) {
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    expected.forEach((name, numbers) -> {
      for (int i = 0; i < numbers.length; i++) {
        assertThat(actual.get(name)[i]).as(name).isCloseTo(numbers[i], within(tolerance));
      }
    });
  }

  /** Synchronised, replicas with unequal parts compute what one network does on all pictures. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 7})
  void synchronisedReplicasAreOneNetwork(int replicas) {
    Map<String, double[]> one = step("reference", DType.F64, Kind.BATCH, false, 1);
    close(step("reference", DType.F64, Kind.SYNCHRONIZED, false, replicas), one, 1e-10);
    assertThat(step("reference", DType.F64, Kind.BATCH, false, replicas).get("loss")[0])
        .as("each by itself")
        .isNotCloseTo(one.get("loss")[0], within(1e-3));
  }

  /** The same bits on any number of threads, however the replicas' threads interleave. */
  @Test
  void theSameBitsOnAnyNumberOfThreads() {
    Map<String, double[]> expected = step("cpu:1", DType.F32, Kind.SYNCHRONIZED, false, 3);
    for (String device : List.of("cpu:1", "cpu:2", "cpu:3")) {
      for (int repeat = 0; repeat < 5; repeat++) {
        Map<String, double[]> actual =
            step(device, DType.F32, Kind.SYNCHRONIZED, repeat % 2 == 1, 3);
        expected.forEach(
            (name, numbers) -> assertThat(actual.get(name)).as(name).isEqualTo(numbers));
      }
    }
  }

  @Test
  void replicasDrawMasksOfTheirOwn() {
    Params p = Params.create(0).training(true);
    List<float[]> masks =
        Replica.run(
            2, replica -> Regularization.dropout(p, Tensor.full(Spec.f32(50), 1), 0.5).floats());
    assertThat(masks.get(0)).isNotEqualTo(masks.get(1));
    assertThat(masks.get(0))
        .isEqualTo(Regularization.dropout(p, Tensor.full(Spec.f32(50), 1), 0.5).floats());
  }

  @Test
  void aFailingReplicaStopsTheOthers() {
    assertThatThrownBy(() ->
            Replica.run(
                3,
                replica -> {
                  if (replica.index() == 1) {
                    throw new ArithmeticException("broken");
                  }
                  return replica.exchange(new double[] {1});
                }))
        .isInstanceOf(ArithmeticException.class)
        .hasMessage("broken");
    assertThatThrownBy(() -> Replica.run(0, replica -> 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new DataParallel<Integer>((p, t, b) -> null, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void exchangesArriveInTheOrderOfReplicas() {
    List<double[]> sums =
        Replica.run(
            4,
            replica -> {
              double[] own = {replica.index() + 1};
              for (int round = 0; round < 50; round++) {
                double digits = 0;
                for (double[] part : replica.exchange(own)) {
                  digits = (digits * 31 + part[0]) % 1_000_003;
                }
                own = new double[] {digits + replica.index()};
              }
              return own;
            });
    for (int i = 1; i < 4; i++) {
      assertThat(sums.get(i)[0] - i).isEqualTo(sums.get(0)[0]);
    }
  }
}
