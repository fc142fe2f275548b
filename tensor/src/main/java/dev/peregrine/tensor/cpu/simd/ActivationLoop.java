package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.op.Unary;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import java.util.Optional;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** The loops of {@link Activations} for one function; a template of {@link Specialization}. */
final class ActivationLoop extends Activations {
  private static final VectorSpecies<Float> S = Lanes.SPECIES;
  private static final int L = S.length();
  private static final Optional<?> KIND =
      Specialization.constant(MethodHandles.lookup(), Optional.class);
  private static final Activation.VectorFunction F =
      KIND.map(kind -> Activation.of((Unary.Kind) kind)).orElse(x -> x);
  private static final Activation.VectorFunction SLOPE =
      KIND.map(kind -> Activation.derivativeOf((Unary.Kind) kind))
          .orElse(x -> FloatVector.broadcast(S, 1f));

  @Override
  void apply(float[] x, int xAt, float[] y, int yAt, int size) {
    int i = 0;
    for (; i <= size - L; i += L) {
      F.apply(FloatVector.fromArray(S, x, xAt + i)).intoArray(y, yAt + i);
    }
    if (i < size) {
      applyRest(x, xAt + i, y, yAt + i, size - i);
    }
  }

  private static void applyRest(float[] x, int xAt, float[] y, int yAt, int size) {
    VectorMask<Float> mask = S.indexInRange(0, size);
    F.apply(FloatVector.fromArray(S, x, xAt, mask)).intoArray(y, yAt, mask);
  }

  @Override
  void store(
      float[] tile,
      int from,
      int step,
      float[] bias,
      int biasAt,
      float[] y,
      int[] offsets,
      int at,
      int pixels,
      int channel) {
    FloatVector b = FloatVector.fromArray(S, bias, biasAt);
    for (int i = 0; i < pixels; i++) {
      F.apply(FloatVector.fromArray(S, tile, from + i * step).add(b))
          .intoArray(y, offsets[at + i] + channel);
    }
  }

  @Override
  void storeSum(
      float[] tile,
      int from,
      int step,
      float[] bias,
      int biasAt,
      float[] y,
      int[] offsets,
      int at,
      int pixels,
      int channel,
      float[] s,
      int sAt,
      int stride,
      int[] rows) {
    FloatVector b = FloatVector.fromArray(S, bias, biasAt);
    for (int i = 0; i < pixels; i++) {
      F.apply(FloatVector.fromArray(S, tile, from + i * step).add(b))
          .add(FloatVector.fromArray(S, s, sAt + rows[at + i] * stride))
          .intoArray(y, offsets[at + i] + channel);
    }
  }

  @Override
  void gradient(float[] x, int xAt, float[] dy, int dyAt, float[] dx, int dxAt, int size) {
    int i = 0;
    for (; i <= size - L; i += L) {
      SLOPE
          .apply(FloatVector.fromArray(S, x, xAt + i))
          .mul(FloatVector.fromArray(S, dy, dyAt + i))
          .intoArray(dx, dxAt + i);
    }
    if (i < size) {
      gradientRest(x, xAt + i, dy, dyAt + i, dx, dxAt + i, size - i);
    }
  }

  private static void gradientRest(
      float[] x, int xAt, float[] dy, int dyAt, float[] dx, int dxAt, int size) {
    VectorMask<Float> mask = S.indexInRange(0, size);
    SLOPE
        .apply(FloatVector.fromArray(S, x, xAt, mask))
        .mul(FloatVector.fromArray(S, dy, dyAt, mask))
        .intoArray(dx, dxAt, mask);
  }

  @Override
  void normalize(Rows x, Rows y, int rows, float[] numbers, int at, int channels) {
    float[] from = x.values();
    float[] to = y.values();
    int scaleAt = at + channels;
    int betaAt = scaleAt + channels;
    int whole = S.loopBound(channels);
    for (int row = 0; row < rows; row++) {
      int source = x.at() + row * x.stride();
      int target = y.at() + row * y.stride();
      for (int c = 0; c < whole; c += L) {
        FloatVector d =
            FloatVector.fromArray(S, from, source + c)
                .sub(FloatVector.fromArray(S, numbers, at + c));
        FloatVector z =
            d.fma(
                FloatVector.fromArray(S, numbers, scaleAt + c),
                FloatVector.fromArray(S, numbers, betaAt + c));
        F.apply(z).intoArray(to, target + c);
      }
    }
    if (whole < channels) {
      normalizeRest(x, y, rows, numbers, at, channels, whole);
    }
  }

  private static void normalizeRest(
      Rows x, Rows y, int rows, float[] numbers, int at, int channels, int c) {
    VectorMask<Float> mask = S.indexInRange(c, channels);
    FloatVector mean = FloatVector.fromArray(S, numbers, at + c, mask);
    FloatVector scale = FloatVector.fromArray(S, numbers, at + channels + c, mask);
    FloatVector beta = FloatVector.fromArray(S, numbers, at + 2 * channels + c, mask);
    for (int row = 0; row < rows; row++) {
      FloatVector d =
          FloatVector.fromArray(S, x.values(), x.at() + row * x.stride() + c, mask).sub(mean);
      F.apply(d.fma(scale, beta)).intoArray(y.values(), y.at() + row * y.stride() + c, mask);
    }
  }

  @Override
  void normalizeSums(
      Rows x, Rows dy, int rows, float[] numbers, int at, float[] sums, int sumsAt, int channels) {
    float[] xs = x.values();
    float[] dys = dy.values();
    int whole = S.loopBound(channels);
    Arrays.fill(sums, sumsAt, sumsAt + 2 * channels, 0);
    // Row by row, as the memory lies, with the sums in the first-level cache.
    for (int row = 0; row < rows; row++) {
      int xAt = x.at() + row * x.stride();
      int dyAt = dy.at() + row * dy.stride();
      for (int c = 0; c < whole; c += L) {
        int n = at + c;
        int a = sumsAt + c;
        int b = a + channels;
        FloatVector d =
            FloatVector.fromArray(S, xs, xAt + c).sub(FloatVector.fromArray(S, numbers, n));
        FloatVector z =
            d.fma(
                FloatVector.fromArray(S, numbers, n + channels),
                FloatVector.fromArray(S, numbers, n + 2 * channels));
        FloatVector g = SLOPE.apply(z).mul(FloatVector.fromArray(S, dys, dyAt + c));
        FloatVector.fromArray(S, sums, a).add(g).intoArray(sums, a);
        g.fma(d, FloatVector.fromArray(S, sums, b)).intoArray(sums, b);
      }
    }
    if (whole < channels) {
      sumsOfRest(x, dy, rows, numbers, at, sums, sumsAt, channels, whole);
    }
  }

  private static void sumsOfRest(
      Rows x,
      Rows dy,
      int rows,
      float[] numbers,
      int at,
      float[] sums,
      int sumsAt,
      int channels,
      int c) {
    VectorMask<Float> mask = S.indexInRange(c, channels);
    FloatVector mean = FloatVector.fromArray(S, numbers, at + c, mask);
    FloatVector scale = FloatVector.fromArray(S, numbers, at + channels + c, mask);
    FloatVector beta = FloatVector.fromArray(S, numbers, at + 2 * channels + c, mask);
    FloatVector a = FloatVector.zero(S);
    FloatVector b = a;
    for (int row = 0; row < rows; row++) {
      FloatVector d =
          FloatVector.fromArray(S, x.values(), x.at() + row * x.stride() + c, mask).sub(mean);
      FloatVector g =
          SLOPE
              .apply(d.fma(scale, beta))
              .mul(FloatVector.fromArray(S, dy.values(), dy.at() + row * dy.stride() + c, mask));
      a = a.add(g);
      b = g.fma(d, b);
    }
    a.intoArray(sums, sumsAt + c, mask);
    b.intoArray(sums, sumsAt + channels + c, mask);
  }

  @Override
  void normalizeGradient(
      Rows x, Rows dy, Rows dx, int rows, float[] numbers, int at, int channels) {
    float[] xs = x.values();
    float[] dys = dy.values();
    float[] to = dx.values();
    int whole = S.loopBound(channels);
    for (int row = 0; row < rows; row++) {
      int xAt = x.at() + row * x.stride();
      int dyAt = dy.at() + row * dy.stride();
      int target = dx.at() + row * dx.stride();
      for (int c = 0; c < whole; c += L) {
        int n = at + c;
        FloatVector d =
            FloatVector.fromArray(S, xs, xAt + c).sub(FloatVector.fromArray(S, numbers, n));
        FloatVector scale = FloatVector.fromArray(S, numbers, n + channels);
        FloatVector z = d.fma(scale, FloatVector.fromArray(S, numbers, n + 2 * channels));
        FloatVector g = SLOPE.apply(z).mul(FloatVector.fromArray(S, dys, dyAt + c));
        FloatVector rest =
            d.fma(
                FloatVector.fromArray(S, numbers, n + 3 * channels),
                FloatVector.fromArray(S, numbers, n + 4 * channels));
        g.mul(scale).sub(rest).intoArray(to, target + c);
      }
    }
    if (whole < channels) {
      gradientOfRest(x, dy, dx, rows, numbers, at, channels, whole);
    }
  }

  private static void gradientOfRest(
      Rows x, Rows dy, Rows dx, int rows, float[] numbers, int at, int channels, int c) {
    VectorMask<Float> mask = S.indexInRange(c, channels);
    FloatVector mean = FloatVector.fromArray(S, numbers, at + c, mask);
    FloatVector scale = FloatVector.fromArray(S, numbers, at + channels + c, mask);
    FloatVector beta = FloatVector.fromArray(S, numbers, at + 2 * channels + c, mask);
    FloatVector slope = FloatVector.fromArray(S, numbers, at + 3 * channels + c, mask);
    FloatVector shift = FloatVector.fromArray(S, numbers, at + 4 * channels + c, mask);
    for (int row = 0; row < rows; row++) {
      FloatVector d =
          FloatVector.fromArray(S, x.values(), x.at() + row * x.stride() + c, mask).sub(mean);
      FloatVector g =
          SLOPE
              .apply(d.fma(scale, beta))
              .mul(FloatVector.fromArray(S, dy.values(), dy.at() + row * dy.stride() + c, mask));
      g.mul(scale)
          .sub(d.fma(slope, shift))
          .intoArray(dx.values(), dx.at() + row * dx.stride() + c, mask);
    }
  }
}
