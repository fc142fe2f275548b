package dev.peregrine.tensor.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peregrine.tensor.device.Buffer;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.DeviceException;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.device.Kernel;
import dev.peregrine.tensor.device.Signature;
import dev.peregrine.tensor.op.AvgPool;
import dev.peregrine.tensor.op.AvgPoolGrad;
import dev.peregrine.tensor.op.BatchNorm;
import dev.peregrine.tensor.op.BatchNormGrad;
import dev.peregrine.tensor.op.BatchNormTrain;
import dev.peregrine.tensor.op.Binary;
import dev.peregrine.tensor.op.Concat;
import dev.peregrine.tensor.op.MatMul;
import dev.peregrine.tensor.op.MaxPool;
import dev.peregrine.tensor.op.MaxPoolGrad;
import dev.peregrine.tensor.op.Op;
import dev.peregrine.tensor.op.Permute;
import dev.peregrine.tensor.op.Reduce;
import dev.peregrine.tensor.op.Softmax;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.op.UnaryGrad;
import dev.peregrine.tensor.op.Upsample;
import dev.peregrine.tensor.op.UpsampleGrad;
import dev.peregrine.tensor.shape.Shape;
import dev.peregrine.tensor.shape.Spec;
import dev.peregrine.tensor.shape.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sizes large enough for several tasks and several blocks of rows, on one and more threads. */
@Tag("simd")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SimdDeviceTest {
  private final Device one = Devices.open("cpu:1");
  private final Device three = Devices.open("cpu:3");

  /** An operation and its inputs. */
  record Large(Op op, Spec... inputs) {
    @Override
    public String toString() {
      return op + " " + Arrays.toString(inputs);
    }
  }

  static Stream<Large> large() {
    Spec x = Spec.f32(2, 33, 27, 37);
    Spec channels = Spec.f32(37);
    Spec deep = Spec.f32(1, 9, 11, 150);
    List<Large> all = new ArrayList<>();
    for (Unary.Kind kind : new Unary.Kind[] {null, Unary.Kind.LEAKY_RELU, Unary.Kind.MISH}) {
      all.add(new Large(new BatchNormTrain(1e-5, kind), x, channels, channels));
      all.add(
          new Large(new BatchNormGrad(1e-5, kind), x, channels, channels, channels, channels, x));
    }
    all.add(new Large(new BatchNorm(1e-5, null), x, channels, channels, channels, channels));
    for (Reduce.Kind kind : Reduce.Kind.values()) {
      for (List<Integer> axes :
          List.of(
              List.of(0, 1, 2, 3),
              List.of(0, 1, 2),
              List.of(1, 2),
              List.of(3),
              List.of(0, 2),
              List.of(1, 3),
              List.<Integer>of())) {
        all.add(new Large(new Reduce(kind, axes, axes.size() == 2), x));
      }
    }
    for (Window window :
        List.of(
            Window.of(2).stride(2),
            Window.same(5, 1),
            Window.same(3, 2),
            Window.of(2).pad(0, 0, 1, 1),
            Window.of(2).dilation(2))) {
      for (Spec input : List.of(x, deep)) {
        Spec y = new MaxPool(window).infer(List.of(input)).get(0);
        all.add(new Large(new MaxPool(window), input));
        all.add(new Large(new MaxPoolGrad(window), input, y));
        all.add(new Large(new AvgPool(window), input));
        all.add(new Large(new AvgPoolGrad(window, input.shape()), y));
      }
    }
    all.add(new Large(new Upsample(2), deep));
    all.add(new Large(new UpsampleGrad(3), x));
    all.add(new Large(new Permute(List.of(0, 3, 1, 2)), x));
    all.add(new Large(new Permute(List.of(3, 2, 1, 0)), x));
    all.add(new Large(new Concat(3), x, x, x));
    all.add(new Large(new Binary(Binary.Kind.ADD), x, channels));
    all.add(new Large(new Binary(Binary.Kind.SUBTRACT), Spec.f32(1), x));
    all.add(new Large(new Binary(Binary.Kind.MULTIPLY), Spec.f32(2, 33, 27, 1), x));
    all.add(new Large(new Binary(Binary.Kind.MAXIMUM), Spec.f32(2, 1, 27, 1), x));
    all.add(new Large(new Binary(Binary.Kind.ADD), Spec.f32(3000, 2), Spec.f32(2)));
    all.add(new Large(new UnaryGrad(Unary.Kind.SWISH), x, x));
    all.add(new Large(new Softmax(), x));
    all.add(new Large(new MatMul(true, true), Spec.f32(70, 101), Spec.f32(67, 70)));
    return all.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("large")
  void agreesWithTheReferenceOnAnyNumberOfThreads(Large large) {
    float[][] expected = run(Devices.reference(), large);
    float[][] alone = run(one, large);
    float[][] shared = run(three, large);
    for (int i = 0; i < expected.length; i++) {
      assertThat(Arrays.mismatch(alone[i], shared[i])).as("bits of output %d", i).isNegative();
      double square = 0;
      for (float value : expected[i]) {
        square += (double) value * value / expected[i].length;
      }
      double tolerance = 1e-5 * Math.sqrt(square);
      for (int j = 0; j < expected[i].length; j++) {
        double difference = Math.abs((double) alone[i][j] - expected[i][j]);
        if (alone[i][j] != expected[i][j]) {
          assertThat(difference)
              .as("output %d, element %d", i, j)
              .isLessThanOrEqualTo(tolerance + 1e-5 * Math.abs(expected[i][j]));
        }
      }
    }
  }

  private static float[][] run(Device device, Large large) {
    Signature signature = Signature.of(large.op(), List.of(large.inputs()));
    Kernel kernel = device.prepare(large.op(), signature);
    Buffer[] in = new Buffer[large.inputs().length];
    for (int i = 0; i < in.length; i++) {
      in[i] = device.allocate(large.inputs()[i]);
      SplittableRandom random = new SplittableRandom(i);
      float[] values = new float[large.inputs()[i].shape().size()];
      for (int j = 0; j < values.length; j++) {
        // Coarse steps make equal values, which poolings must tell apart by their place.
        double drawn = Math.round(random.nextDouble(-3, 3) * 64) / 64.0;
        values[j] = (float) (i > 0 && large.inputs()[i].shape().rank() == 1 ? drawn + 3.5 : drawn);
      }
      device.write(values, in[i]);
    }
    Buffer[] out = signature.outputs().stream().map(device::allocate).toArray(Buffer[]::new);
    kernel.run(in, out, device.allocate(Spec.f32(kernel.workspace())));
    float[][] results = new float[out.length][];
    for (int i = 0; i < out.length; i++) {
      results[i] = new float[signature.outputs().get(i).shape().size()];
      device.read(out[i], results[i]);
    }
    return results;
  }

  @Test
  void batchStatisticsSurviveALargeMean() {
    Large large =
        new Large(new BatchNormTrain(1e-5, null), Spec.f32(5000, 3), Spec.f32(3), Spec.f32(3));
    Signature signature = Signature.of(large.op(), List.of(large.inputs()));
    Kernel kernel = one.prepare(large.op(), signature);
    float[] x = new float[15000];
    for (int i = 0; i < x.length; i++) {
      x[i] = 1000 + (i / 3 % 2 == 0 ? 0.5f : -0.5f);
    }
    Buffer[] in = new Buffer[3];
    for (int i = 0; i < 3; i++) {
      in[i] = one.allocate(large.inputs()[i]);
    }
    one.write(x, in[0]);
    one.write(new float[] {1, 1, 1}, in[1]);
    one.write(new float[] {0, 0, 0}, in[2]);
    Buffer[] out = signature.outputs().stream().map(one::allocate).toArray(Buffer[]::new);
    kernel.run(in, out, one.allocate(Spec.f32(kernel.workspace())));
    float[] mean = new float[3];
    float[] variance = new float[3];
    one.read(out[1], mean);
    one.read(out[2], variance);
    assertThat(mean).containsOnly(1000f);
    for (float v : variance) {
      assertThat(v).isCloseTo(0.25f, org.assertj.core.data.Offset.offset(1e-6f));
    }
  }

  @Test
  void largestElementsFollowTheRuleForNaN() {
    float nan = Float.NaN;
    Op op = new MaxPoolGrad(Window.of(2).stride(2));
    for (int channels : new int[] {1, 40}) {
      Spec x = Spec.f32(1, 2, 4, channels);
      Spec dy = Spec.f32(1, 1, 2, channels);
      // Two windows: the first NaN wins in one, the first of equals in the other.
      float[] map = {1, nan, 2, 2, nan, 5, 2, 1};
      float[] values = new float[8 * channels];
      for (int i = 0; i < values.length; i++) {
        values[i] = map[i / channels];
      }
      float[] ones = new float[2 * channels];
      Arrays.fill(ones, 1);
      Buffer[] in = {one.allocate(x), one.allocate(dy)};
      Buffer[] out = {one.allocate(x)};
      one.write(values, in[0]);
      one.write(ones, in[1]);
      one.prepare(op, Signature.of(op, List.of(x, dy))).run(in, out, null);
      float[] dx = new float[values.length];
      one.read(out[0], dx);
      for (int i = 0; i < dx.length; i++) {
        int pixel = i / channels;
        assertThat(dx[i]).as("pixel %d", pixel).isEqualTo(pixel == 1 || pixel == 2 ? 1 : 0);
      }
    }
  }

  @Test
  void saysWhatItIs() {
    assertThat(one.name()).isEqualTo("cpu:1");
    assertThat(one.description())
        .isEqualTo("cpu: %d-bit lanes (%d floats), 1 thread", Lanes.LENGTH * 32, Lanes.LENGTH);
    assertThat(Devices.cpu().description()).matches("cpu: .* lanes .*, [0-9]+ threads?");
    assertThat(one.diagnose()).singleElement().asString().contains("times as fast");
  }

  @Test
  void aBadNumberOfThreadsIsAnError() {
    for (String selector : new String[] {"0", "-1", "x", "9999999999"}) {
      assertThatThrownBy(() -> Devices.open("cpu:" + selector))
          .isInstanceOf(DeviceException.class)
          .hasMessage(
              "device: 'cpu:"
                  + selector
                  + "' does not exist; after the colon stands the number of threads, 1 to 1024");
    }
  }

  @Test
  void theWorkspaceOfAFoldFitsItsShape() {
    Op op = new Reduce(Reduce.Kind.SUM, List.of(0, 1, 2), false);
    Signature signature = Signature.of(op, List.of(Spec.f32(8, 64, 64, 32)));
    assertThat(one.prepare(op, signature).workspace()).isLessThan(Shape.of(8, 64, 64).size());
  }
}
