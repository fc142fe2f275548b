package dev.peregrine.tensor.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.peregrine.tensor.Eager;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.device.Device;
import dev.peregrine.tensor.device.Devices;
import dev.peregrine.tensor.op.Unary;
import dev.peregrine.tensor.shape.Shape;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("simd")
class ActivationTest {
  private static final float[] ARGUMENTS = arguments();

  private static float[] arguments() {
    float[] special = {
      0,
      1e-30f,
      -1e-30f,
      1e-6f,
      -1e-6f,
      3,
      -3,
      6,
      20,
      20.5f,
      -20,
      88,
      -88,
      1e4f,
      -1e4f,
      1e30f,
      -1e30f,
      1e38f,
      -1e38f,
      Float.MAX_VALUE,
      -Float.MAX_VALUE,
      88.72283f,
      88.72284f,
      -87.5f
    };
    float[] all = new float[4099];
    for (int i = 0; i < all.length; i++) {
      all[i] = i < special.length ? special[i] : (i - 2048) * 0.0127f + 0.0003f;
    }
    return all;
  }

  @ParameterizedTest
  @EnumSource
  void agreesWithDoublePrecision(Unary.Kind kind) {
    float[] y = new float[ARGUMENTS.length];
    float[] slope = new float[ARGUMENTS.length];
    Arrays.fill(slope, 1);
    Activations.of(kind).apply(ARGUMENTS, 0, y, 0, y.length);
    Activations.of(kind).gradient(ARGUMENTS, 0, slope, 0, slope, 0, y.length);
    for (int i = 0; i < y.length; i++) {
      float x = ARGUMENTS[i];
      if ((kind == Unary.Kind.LOG || kind == Unary.Kind.SQRT) && x <= 0) {
        continue;
      }
      check(kind + "(" + x + ")", value(kind, x), y[i]);
      check(kind + "'(" + x + ")", slope(kind, x), slope[i]);
    }
  }

  /** A NaN may carry any bits below its highest ones, from a file for instance. */
  @ParameterizedTest
  @EnumSource
  void everyNaNStaysOne(Unary.Kind kind) {
    int[] bits = {0x7fc00000, 0xffc00000, 0x7fc00001, 0xffc0beef, 0x7fffffff};
    float[] x = new float[35];
    for (int i = 0; i < x.length; i++) {
      x[i] = Float.intBitsToFloat(bits[i % bits.length]);
    }
    float[] y = new float[x.length];
    float[] slope = new float[x.length];
    Arrays.fill(slope, 1);
    Activations.of(kind).apply(x, 0, y, 0, y.length);
    Activations.of(kind).gradient(x, 0, slope, 0, slope, 0, y.length);
    for (int i = 0; i < x.length; i++) {
      String bad = Integer.toHexString(bits[i % bits.length]);
      assertThat(y[i]).as("%s(%s)", kind, bad).isNaN();
      assertThat(Float.isNaN(slope[i]))
          .as("%s'(%s) is NaN", kind, bad)
          .isEqualTo(Double.isNaN(slope(kind, Double.NaN)));
    }
  }

  /** Where an infinity meets a factor of 0, functions and slopes take their limits. */
  @ParameterizedTest
  @EnumSource(names = {"LOGISTIC", "TANH", "SOFTPLUS", "MISH", "SWISH", "HARD_SWISH"})
  void takesItsLimitsAtTheInfinities(Unary.Kind kind) {
    for (String name : List.of("cpu", "reference")) {
      Device device = Devices.open(name);
      float[] ends = {Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY};
      Tensor x = Ops.on(device, () -> Tensor.of(Shape.of(2), ends));
      float[] y =
          Ops.on(device, () -> new Eager().apply(new Unary(kind), List.of(x)).get(0).floats());
      float low = kind == Unary.Kind.TANH ? -1 : 0;
      float high = kind == Unary.Kind.TANH || kind == Unary.Kind.LOGISTIC ? 1 : ends[1];
      assertThat(y[0]).as("%s on %s", kind, name).isCloseTo(low, within(2e-36f));
      assertThat(y[1]).as("%s on %s", kind, name).isEqualTo(high);
    }
    float[] x = {Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY};
    float[] slope = {1, 1};
    Activations.of(kind).gradient(x, 0, slope, 0, slope, 0, 2);
    boolean flat = kind == Unary.Kind.TANH || kind == Unary.Kind.LOGISTIC;
    assertThat(slope[0]).as("slope of %s", kind).isCloseTo(0, within(2e-36f));
    assertThat(slope[1]).as("slope of %s", kind).isCloseTo(flat ? 0 : 1, within(2e-36f));
  }

  @ParameterizedTest
  @EnumSource
  void givesTheSameBitsOnceItIsCompiled(Unary.Kind kind) {
    float[] cold = new float[ARGUMENTS.length];
    float[] warm = new float[ARGUMENTS.length];
    Activations loops = Activations.of(kind);
    loops.apply(ARGUMENTS, 0, cold, 0, cold.length);
    for (int i = 0; i < 300; i++) {
      loops.apply(ARGUMENTS, 0, warm, 0, warm.length);
    }
    assertThat(Arrays.mismatch(cold, warm)).isNegative();
  }

  private static void check(String what, double expected, float actual) {
    if (Math.abs(expected) > Float.MAX_VALUE) {
      assertThat(actual).as(what).isInfinite();
      return;
    }
    // Where terms of about 1 cancel, only the absolute error can be small.
    double tolerance = 1.2e-6 * Math.abs(expected) + (what.contains("'") ? 4e-7 : 1.5e-36);
    assertThat((double) actual).as(what).isCloseTo(expected, within(tolerance));
  }

  private static double logistic(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  private static double clip(double x) {
    return Math.min(Math.max(x, 0), 6);
  }

  private static double value(Unary.Kind kind, double x) {
    return switch (kind) {
      case NEGATE -> -x;
      case ABS -> Math.abs(x);
      case EXP -> Math.exp(x);
      case LOG -> Math.log(x);
      case SQRT -> Math.sqrt(x);
      case TANH -> Math.tanh(x);
      case ATAN -> Math.atan(x);
      case LOGISTIC -> logistic(x);
      case SOFTPLUS -> softplus(x);
      case RELU -> Math.max(x, 0);
      case RELU6 -> clip(x);
      case LEAKY_RELU -> x > 0 ? x : 0.1 * x;
      case MISH -> x * Math.tanh(softplus(x));
      case SWISH -> x * logistic(x);
      case HARD_SWISH -> x * clip(x + 3) / 6;
    };
  }

  private static double slope(Unary.Kind kind, double x) {
    return switch (kind) {
      case NEGATE -> -1;
      case ABS -> Math.signum(x);
      case EXP -> Math.exp(x);
      case LOG -> 1 / x;
      case SQRT -> 0.5 / Math.sqrt(x);
      case TANH -> 1 - Math.tanh(x) * Math.tanh(x);
      case ATAN -> 1 / (1 + x * x);
      case LOGISTIC -> logistic(x) * logistic(-x);
      case SOFTPLUS -> logistic(x);
      case RELU -> x > 0 ? 1 : 0;
      case RELU6 -> x > 0 && x < 6 ? 1 : 0;
      case LEAKY_RELU -> x > 0 ? 1 : 0.1;
      case MISH -> {
        double t = Math.tanh(softplus(x));
        yield t + x * (1 - t * t) * logistic(x);
      }
      case SWISH -> logistic(x) * (1 + x * logistic(-x));
      case HARD_SWISH -> x < -3 ? 0 : x > 3 ? 1 : (2 * x + 3) / 6;
    };
  }
}
