package dev.peregrine.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.autograd.Adjoints;
import dev.peregrine.autograd.GradCheck;
import dev.peregrine.autograd.Tape;
import dev.peregrine.nn.LayerStyle.Kind;
import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each normalisation against its formula in plain loops, and its derivative against differences.
 */
class NormalizationStylesTest {
  private static final double CLOSE = 1e-9;
  private static final double EPSILON = 1e-5;
  private static final int N = 3;
  private static final int SIDE = 4;
  private static final int C = 6;
  private static final int ROWS = N * SIDE * SIDE;

  private static <T> T inDoubles(Supplier<T> code) {
    return Ops.on(Devices.reference(), code);
  }

  private static Tensor random(long seed, int... extents) {
    return Arrays.normal(new Spec(DType.F64, Shape.of(extents)), seed);
  }

  private static Params params(Kind kind) {
    return Params.create(2, DType.F64).training(true).with(LayerStyle.PLAIN.normalizing(kind));
  }

  private static void close(double[] actual, double[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).as("element " + i).isCloseTo(expected[i], within(CLOSE));
    }
  }

  private static void give(Params p, String name, long seed) {
    Tensor value = p.entry(name).value();
    p.set(name, value.plus(Arrays.normal(value.spec(), seed).times(0.3)));
  }

  /** Differences against the tape, by the input and the chosen parameters. */
  private static double error(
      Params params, Predicate<String> moves, BiFunction<Params, Tensor, Tensor> block, Tensor x) {
    List<String> paths =
        params.entries().stream()
            .filter(entry -> entry.isTrained() && moves.test(entry.path()))
            .map(Params.Entry::path)
            .toList();
    List<Tensor> point = new ArrayList<>(List.of(x));
    paths.forEach(path -> point.add(params.entry(path).value()));
    GradCheck.Result result =
        GradCheck.directional(
            moved -> {
              Params p = params.to(DType.F64, Devices.reference());
              for (int i = 0; i < paths.size(); i++) {
                p.set(paths.get(i), moved.get(i + 1));
              }
              return block.apply(p, moved.get(0));
            },
            point,
            7);
    assertThat(Math.abs(result.analytic())).isGreaterThan(1e-3);
    return result.error();
  }

  @Test
  void filterResponse() {
    inDoubles(() -> {
      Params p = params(Kind.FILTER_RESPONSE);
      Tensor x = random(1, N, SIDE, SIDE, C);
      Layers.batchNorm(p, x, EPSILON, Unary.Kind.MISH);
      give(p, "gamma", 3);
      give(p, "beta", 4);
      give(p, "tau", 5);
      double[] expected = new double[ROWS * C];
      for (int n = 0; n < N; n++) {
        for (int c = 0; c < C; c++) {
          double square = 0;
          for (int i = 0; i < SIDE * SIDE; i++) {
            double value = x.doubles()[(n * SIDE * SIDE + i) * C + c];
            square += value * value / (SIDE * SIDE);
          }
          for (int i = 0; i < SIDE * SIDE; i++) {
            int at = (n * SIDE * SIDE + i) * C + c;
            double y =
                p.entry("gamma").value().doubles()[c] * x.doubles()[at] / Math.sqrt(square + 1e-6)
                    + p.entry("beta").value().doubles()[c];
            expected[at] = Math.max(y, p.entry("tau").value().doubles()[c]);
          }
        }
      }
      close(Layers.batchNorm(p, x, EPSILON, Unary.Kind.MISH).doubles(), expected);
      assertThat(p.entries()).extracting(Params.Entry::path).doesNotContain("mean", "variance");
      p.training(false);
      close(Layers.batchNorm(p, x, EPSILON, Unary.Kind.MISH).doubles(), expected);
      return x;
    });
  }

  @Test
  void group() {
    inDoubles(() -> {
      Params p =
          Params.create(2, DType.F64)
              .training(true)
              .with(new LayerStyle(Kind.GROUP, 4, 1, 0, 1, 0, 0, false));
      Tensor x = random(1, N, SIDE, SIDE, C);
      Layers.batchNorm(p, x, EPSILON, null);
      give(p, "gamma", 3);
      give(p, "beta", 4);
      int groups = 3; // the most up to 4 that divide 6 channels
      int each = C / groups;
      double[] numbers = x.doubles();
      double[] expected = new double[ROWS * C];
      for (int n = 0; n < N; n++) {
        for (int g = 0; g < groups; g++) {
          List<Integer> places = new ArrayList<>();
          for (int i = 0; i < SIDE * SIDE; i++) {
            for (int k = 0; k < each; k++) {
              places.add((n * SIDE * SIDE + i) * C + g * each + k);
            }
          }
          double mean = places.stream().mapToDouble(i -> numbers[i]).average().orElseThrow();
          double variance =
              places.stream()
                  .mapToDouble(i -> (numbers[i] - mean) * (numbers[i] - mean))
                  .average()
                  .orElseThrow();
          for (int at : places) {
            expected[at] =
                p.entry("gamma").value().doubles()[at % C]
                        * (numbers[at] - mean)
                        / Math.sqrt(variance + 1e-5)
                    + p.entry("beta").value().doubles()[at % C];
          }
        }
      }
      close(Layers.batchNorm(p, x, EPSILON, null).doubles(), expected);
      return x;
    });
  }

  @ParameterizedTest
  @EnumSource(
      value = Kind.class,
      names = {"FILTER_RESPONSE", "GROUP", "SYNCHRONIZED", "CROSS_ITERATION"})
  void derivatives(Kind kind) {
    inDoubles(() -> {
      BiFunction<Params, Tensor, Tensor> block =
          (p, x) -> {
            Tensor y = Layers.convBn(p.at("a"), x, 6, 3, 1, Unary.Kind.MISH);
            return Layers.convBn(p.at("b"), y, 4, 3, 2, Unary.Kind.LOGISTIC);
          };
      Params p = params(kind);
      Tensor x = random(1, 2, 6, 6, 3);
      Tensor _ = block.apply(p, x);
      p.discard();
      for (Params.Entry entry : p.entries()) {
        if (entry.isTrained()) {
          give(p, entry.path(), entry.path().hashCode());
        }
      }
      assertThat(error(p, path -> true, block, x)).isLessThan(1e-6);
      return x;
    });
  }

  private static double[] moments(double[] x, int channels, int c) {
    double mean = 0;
    double square = 0;
    int rows = x.length / channels;
    for (int i = 0; i < rows; i++) {
      mean += x[i * channels + c] / rows;
      square += x[i * channels + c] * x[i * channels + c];
    }
    return new double[] {mean, square};
  }

  /** Three mini-batches of a step against darknet's running means, then a new step. */
  @Test
  void crossMiniBatch() {
    inDoubles(() -> {
      Params p = params(Kind.CROSS_MINI_BATCH).statisticsMomentum(0.01);
      double[] mean = new double[C];
      double[] square = new double[C];
      double[] rolling = new double[C];
      for (int i = 0; i < 5; i++) {
        int part = i % 3;
        p.moment(new Moment(0, i, part == 0, 0));
        Tensor x = random(10 + i, N, SIDE, SIDE, C).plus(0.1 * i);
        Tensor y = Layers.batchNorm(p, x, EPSILON, null);
        assertThat(Layers.batchNorm(p, x, EPSILON, null).doubles())
            .as("the same when computed again")
            .isEqualTo(y.doubles());
        p.commit();
        double[] expected = new double[ROWS * C];
        for (int c = 0; c < C; c++) {
          double[] own = moments(x.doubles(), C, c);
          double share = 1.0 / (part + 1);
          double second = Math.max(own[1] / (ROWS - 1), own[0] * own[0]);
          mean[c] = share * own[0] + (1 - share) * mean[c];
          square[c] = share * second + (1 - share) * square[c];
          double variance = Math.max(0, square[c] - mean[c] * mean[c]);
          rolling[c] = 0.99 * rolling[c] + 0.01 * mean[c];
          for (int r = 0; r < ROWS; r++) {
            expected[r * C + c] =
                (x.doubles()[r * C + c] - mean[c]) / Math.sqrt(variance + EPSILON);
          }
        }
        close(y.doubles(), expected);
        close(p.entry("mean").value().doubles(), rolling);
      }
      return p;
    });
  }

  /** Backward is that of batch normalisation with the joined statistics, as darknet has it. */
  @Test
  void crossMiniBatchGoesBackwardAsDarknetDoes() {
    inDoubles(() -> {
      Params p = params(Kind.CROSS_MINI_BATCH);
      Layers.batchNorm(p, random(1, N, SIDE, SIDE, C), EPSILON, null);
      p.commit();
      give(p, "gamma", 8);
      p.moment(new Moment(0, 1, false, 0));
      Tensor x = random(2, N, SIDE, SIDE, C);
      Tensor dy = random(3, N, SIDE, SIDE, C);
      double[] gamma = p.entry("gamma").value().doubles();
      try (Tape tape = Tape.watching(List.of(x, p.entry("gamma").value()))) {
        Tensor y = tape.record(() -> Layers.batchNorm(p, x, EPSILON, null));
        double[] n = y.doubles();
        Adjoints adjoints = tape.backward(List.of(y), List.of(dy));
        double[] dx = adjoints.of(x).doubles();
        for (int c = 0; c < C; c++) {
          double sum = 0;
          double along = 0;
          for (int r = 0; r < ROWS; r++) {
            n[r * C + c] /= gamma[c];
            sum += dy.doubles()[r * C + c];
            along += dy.doubles()[r * C + c] * n[r * C + c];
          }
          assertThat(adjoints.of(p.entry("gamma").value()).doubles()[c])
              .isCloseTo(along, within(CLOSE));
          // The factor is found from two values of n, which knows the variance.
          double root = (x.doubles()[c] - x.doubles()[C + c]) / (n[c] - n[C + c]);
          for (int r = 0; r < ROWS; r++) {
            double expected =
                gamma[c]
                    / root
                    * (dy.doubles()[r * C + c] - sum / ROWS - n[r * C + c] * along / ROWS);
            assertThat(dx[r * C + c]).isCloseTo(expected, within(1e-8));
          }
        }
      }
      return p;
    });
  }

  /** A 1x1 convolution is linear: carried along, an old mean is that of the new weights. */
  @Test
  void crossIteration() {
    inDoubles(() -> {
      int in = 3;
      Params p = params(Kind.CROSS_ITERATION);
      List<double[]> inputs = new ArrayList<>();
      List<double[]> weights = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        p.moment(new Moment(0, i, true, 0));
        Tensor x = random(20 + i, N, SIDE, SIDE, in).plus(0.2 * i);
        Tensor y = Layers.convNorm(p, p, x, C, Window.of(1), 1, EPSILON, null);
        inputs.add(x.doubles());
        weights.add(p.entry("weight").value().doubles());
        int window = Math.min(4, i + 1);
        double[] now = weights.getLast();
        double[] expected = new double[ROWS * C];
        for (int c = 0; c < C; c++) {
          double mean = 0;
          double square = 0;
          for (int back = 0; back < window; back++) {
            double[] old = weights.get(i - back);
            double[] data = inputs.get(i - back);
            double carriedMean = 0;
            double carriedSquare = 0;
            for (int r = 0; r < ROWS; r++) {
              double was = 0;
              double change = 0;
              for (int k = 0; k < in; k++) {
                was += old[k * C + c] * data[r * in + k];
                change += (now[k * C + c] - old[k * C + c]) * data[r * in + k];
              }
              carriedMean += (was + change) / ROWS;
              carriedSquare += (was * was + 2 * was * change) / ROWS;
            }
            mean += carriedMean / window;
            square += Math.max(carriedSquare, carriedMean * carriedMean) / window;
          }
          double variance = square - mean * mean;
          for (int r = 0; r < ROWS; r++) {
            double value = 0;
            for (int k = 0; k < in; k++) {
              value += now[k * C + c] * inputs.getLast()[r * in + k];
            }
            expected[r * C + c] = (value - mean) / Math.sqrt(variance + EPSILON);
          }
        }
        close(y.doubles(), expected);
        p.commit();
        give(p, "weight", 50 + i);
      }
      return p;
    });
  }

  /** With earlier mini-batches in memory the gradient is exact, those taken as constants. */
  @Test
  void crossIterationDerivativeWithAPast() {
    inDoubles(() -> {
      BiFunction<Params, Tensor, Tensor> block =
          (p, x) -> Layers.convBn(p.at("a"), x, 6, 3, 1, Unary.Kind.MISH);
      Params p = params(Kind.CROSS_ITERATION);
      for (int i = 0; i < 3; i++) {
        p.moment(new Moment(0, i, true, 0));
        Tensor _ = block.apply(p, random(i, 2, 6, 6, 3));
        p.commit();
        give(p, "a.weight", i);
      }
      give(p, "a.gamma", 8);
      p.moment(new Moment(0, 3, true, 0));
      Tensor x = random(9, 2, 6, 6, 3);
      assertThat(error(p, path -> !path.endsWith("weight"), block, x)).isLessThan(1e-6);
      return p;
    });
  }

  /** What trains alike runs alike: only the group and filter response forms are other networks. */
  @ParameterizedTest
  @EnumSource(Kind.class)
  void runsByRunningStatistics(Kind kind) {
    Params p = Params.create(1).with(LayerStyle.PLAIN.normalizing(kind));
    Tensor x = Arrays.normal(Spec.f32(2, 3, 3, 4), 1);
    float[] y = Layers.convBn(p, x, 4, 3, 1, Unary.Kind.MISH).floats();
    float[] plain = Layers.convBn(p.with(LayerStyle.PLAIN), x, 4, 3, 1, Unary.Kind.MISH).floats();
    assertThat(java.util.Arrays.equals(y, plain)).isEqualTo(kind.runsAsBatch());
  }

  @Test
  void frozenLayersKeepTheirStatistics() {
    Params p = Params.create(1).training(true);
    Tensor x = Arrays.normal(Spec.f32(2, 3, 3, 4), 1).plus(1);
    BiFunction<Params, Tensor, Tensor> net =
        (q, image) ->
            Layers.convBn(
                q.at("b"),
                Layers.convBn(q.at("a"), image, 4, 3, 1, Unary.Kind.MISH),
                4,
                3,
                1,
                Unary.Kind.MISH);
    Tensor _ = net.apply(p, x);
    p.discard();
    p.freeze("a.", true);
    assertThat(p.at("a").isFrozen("gamma")).isTrue();
    assertThat(p.at("b").isFrozen("gamma")).isFalse();
    assertThat(p.at("c").isFrozen("gamma")).isFalse();
    float[] frozen = Layers.convBn(p.at("a"), x, 4, 3, 1, Unary.Kind.MISH).floats();
    try (Tape tape = Tape.watching(p)) {
      Tensor y = tape.record(() -> net.apply(p, x));
      Adjoints adjoints = tape.backward(List.of(y), List.of(Tensor.full(y.spec(), 1)));
      assertThat(adjoints.reaches(p.entry("b.weight").value())).isTrue();
      assertThat(adjoints.reaches(p.entry("a.weight").value())).isFalse();
    }
    p.commit();
    assertThat(p.entry("a.mean").value().floats()).containsOnly(0f);
    assertThat(p.entry("b.mean").value().floats()).doesNotContain(0f);
    p.training(false);
    assertThat(Layers.convBn(p.at("a"), x, 4, 3, 1, Unary.Kind.MISH).floats()).isEqualTo(frozen);
  }
}
