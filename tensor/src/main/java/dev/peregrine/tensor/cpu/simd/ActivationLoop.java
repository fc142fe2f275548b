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
  private static final boolean CHEAP =
      KIND.map(kind -> Activation.isCheap((Unary.Kind) kind)).orElse(true);

  @Override
  boolean storesSlopes() {
    return !CHEAP;
  }

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
  void addAndApplyLoop(float[] x, int at, int pixels, float[] bias, int biasAt) {
    // One half of all pixels after the other: a loop holds the function once and the bias in a
    // register.
    for (int half = 0; half < 2 * L; half += L) {
      FloatVector b = FloatVector.fromArray(S, bias, biasAt + half);
      int from = at + half;
      for (int i = 0; i < pixels * 2 * L; i += 2 * L) {
        F.apply(FloatVector.fromArray(S, x, from + i).add(b)).intoArray(x, from + i);
      }
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

  // Normalisation takes two vectors of channels at a time down the rows, their numbers and sums in
  // registers. Functions of many steps need the registers for themselves and go row by row. What is
  // left of the channels, less than a vector, goes by itself.

  @Override
  void normalize(Rows x, Rows y, int rows, float[] numbers, int at, int channels) {
    int c = 0;
    for (; CHEAP && c <= channels - 2 * L; c += 2 * L) {
      normalizePair(x, y, rows, numbers, at, channels, c);
    }
    int whole = S.loopBound(channels);
    for (int row = 0; c < whole && row < rows; row++) {
      normalizeOne(x.from(row), y.from(row), numbers, at, channels, c, whole);
    }
    if (whole < channels) {
      normalizeRest(x, y, rows, numbers, at, channels, whole);
    }
  }

  private static void normalizePair(
      Rows x, Rows y, int rows, float[] numbers, int at, int channels, int c) {
    float[] from = x.values();
    float[] to = y.values();
    int xStep = x.stride();
    int yStep = y.stride();
    FloatVector mean0 = FloatVector.fromArray(S, numbers, at + c);
    FloatVector mean1 = FloatVector.fromArray(S, numbers, at + c + L);
    FloatVector scale0 = FloatVector.fromArray(S, numbers, at + c + channels);
    FloatVector scale1 = FloatVector.fromArray(S, numbers, at + c + channels + L);
    FloatVector beta0 = FloatVector.fromArray(S, numbers, at + c + 2 * channels);
    FloatVector beta1 = FloatVector.fromArray(S, numbers, at + c + 2 * channels + L);
    int source = x.at() + c;
    int target = y.at() + c;
    for (int row = 0; row < rows; row++) {
      FloatVector d0 = FloatVector.fromArray(S, from, source).sub(mean0);
      FloatVector d1 = FloatVector.fromArray(S, from, source + L).sub(mean1);
      F.apply(d0.fma(scale0, beta0)).intoArray(to, target);
      F.apply(d1.fma(scale1, beta1)).intoArray(to, target + L);
      source += xStep;
      target += yStep;
    }
  }

  private static void normalizeOne(
      Rows x, Rows y, float[] numbers, int at, int channels, int first, int whole) {
    float[] from = x.values();
    float[] to = y.values();
    int source = x.at();
    int target = y.at();
    int scaleAt = at + channels;
    int betaAt = scaleAt + channels;
    for (int c = first; c < whole; c += L) {
      FloatVector d =
          FloatVector.fromArray(S, from, source + c).sub(FloatVector.fromArray(S, numbers, at + c));
      FloatVector z =
          d.fma(
              FloatVector.fromArray(S, numbers, scaleAt + c),
              FloatVector.fromArray(S, numbers, betaAt + c));
      F.apply(z).intoArray(to, target + c);
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
      Rows x,
      Rows dy,
      Rows g,
      int rows,
      float[] numbers,
      int at,
      float[] sums,
      int sumsAt,
      int channels) {
    int c = 0;
    int whole = S.loopBound(channels);
    Arrays.fill(sums, sumsAt, sumsAt + 2 * channels, 0);
    for (; CHEAP && c <= channels - 2 * L; c += 2 * L) {
      sumsOfPair(x, dy, rows, numbers, at, sums, sumsAt, channels, c);
    }
    for (int row = 0; c < whole && row < rows; row++) {
      sumsOfOne(
          x.from(row), dy.from(row), g.from(row), numbers, at, sums, sumsAt, channels, c, whole);
    }
    if (whole < channels) {
      sumsOfRest(x, dy, g, rows, numbers, at, sums, sumsAt, channels, whole);
    }
  }

  private static void sumsOfPair(
      Rows x,
      Rows dy,
      int rows,
      float[] numbers,
      int at,
      float[] sums,
      int sumsAt,
      int channels,
      int c) {
    float[] xs = x.values();
    float[] dys = dy.values();
    int xStep = x.stride();
    int dyStep = dy.stride();
    FloatVector mean0 = FloatVector.fromArray(S, numbers, at + c);
    FloatVector mean1 = FloatVector.fromArray(S, numbers, at + c + L);
    FloatVector scale0 = FloatVector.fromArray(S, numbers, at + c + channels);
    FloatVector scale1 = FloatVector.fromArray(S, numbers, at + c + channels + L);
    FloatVector beta0 = FloatVector.fromArray(S, numbers, at + c + 2 * channels);
    FloatVector beta1 = FloatVector.fromArray(S, numbers, at + c + 2 * channels + L);
    FloatVector sum0 = FloatVector.zero(S);
    FloatVector sum1 = sum0;
    FloatVector product0 = sum0;
    FloatVector product1 = sum0;
    int xAt = x.at() + c;
    int dyAt = dy.at() + c;
    for (int row = 0; row < rows; row++) {
      FloatVector d0 = FloatVector.fromArray(S, xs, xAt).sub(mean0);
      FloatVector d1 = FloatVector.fromArray(S, xs, xAt + L).sub(mean1);
      FloatVector g0 = SLOPE.apply(d0.fma(scale0, beta0)).mul(FloatVector.fromArray(S, dys, dyAt));
      FloatVector g1 =
          SLOPE.apply(d1.fma(scale1, beta1)).mul(FloatVector.fromArray(S, dys, dyAt + L));
      sum0 = sum0.add(g0);
      sum1 = sum1.add(g1);
      product0 = g0.fma(d0, product0);
      product1 = g1.fma(d1, product1);
      xAt += xStep;
      dyAt += dyStep;
    }
    sum0.intoArray(sums, sumsAt + c);
    sum1.intoArray(sums, sumsAt + c + L);
    product0.intoArray(sums, sumsAt + c + channels);
    product1.intoArray(sums, sumsAt + c + channels + L);
  }

  private static void sumsOfOne(
      Rows x,
      Rows dy,
      Rows g,
      float[] numbers,
      int at,
      float[] sums,
      int sumsAt,
      int channels,
      int first,
      int whole) {
    float[] xs = x.values();
    float[] dys = dy.values();
    float[] gs = g.values();
    int xAt = x.at();
    int dyAt = dy.at();
    int gAt = g.at();
    for (int c = first; c < whole; c += L) {
      int n = at + c;
      int a = sumsAt + c;
      int b = a + channels;
      FloatVector d =
          FloatVector.fromArray(S, xs, xAt + c).sub(FloatVector.fromArray(S, numbers, n));
      FloatVector z =
          d.fma(
              FloatVector.fromArray(S, numbers, n + channels),
              FloatVector.fromArray(S, numbers, n + 2 * channels));
      FloatVector slope = SLOPE.apply(z).mul(FloatVector.fromArray(S, dys, dyAt + c));
      if (!CHEAP) {
        slope.intoArray(gs, gAt + c);
      }
      FloatVector.fromArray(S, sums, a).add(slope).intoArray(sums, a);
      slope.fma(d, FloatVector.fromArray(S, sums, b)).intoArray(sums, b);
    }
  }

  private static void sumsOfRest(
      Rows x,
      Rows dy,
      Rows to,
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
      if (!CHEAP) {
        g.intoArray(to.values(), to.at() + row * to.stride() + c, mask);
      }
      a = a.add(g);
      b = g.fma(d, b);
    }
    a.intoArray(sums, sumsAt + c, mask);
    b.intoArray(sums, sumsAt + channels + c, mask);
  }

  @Override
  void normalizeGradient(
      Rows x, Rows dy, Rows dx, int rows, float[] numbers, int at, int channels) {
    int c = 0;
    for (; CHEAP && c <= channels - 2 * L; c += 2 * L) {
      gradientOfPair(x, dy, dx, rows, numbers, at, channels, c);
    }
    int whole = S.loopBound(channels);
    for (int row = 0; c < whole && row < rows; row++) {
      gradientOfOne(x.from(row), dy.from(row), dx.from(row), numbers, at, channels, c, whole);
    }
    if (whole < channels) {
      gradientOfRest(x, dy, dx, rows, numbers, at, channels, whole);
    }
  }

  private static void gradientOfPair(
      Rows x, Rows dy, Rows dx, int rows, float[] numbers, int at, int channels, int c) {
    float[] xs = x.values();
    float[] dys = dy.values();
    float[] to = dx.values();
    int xStep = x.stride();
    int dyStep = dy.stride();
    int dxStep = dx.stride();
    int n = at + c;
    FloatVector mean0 = FloatVector.fromArray(S, numbers, n);
    FloatVector mean1 = FloatVector.fromArray(S, numbers, n + L);
    FloatVector scale0 = FloatVector.fromArray(S, numbers, n + channels);
    FloatVector scale1 = FloatVector.fromArray(S, numbers, n + channels + L);
    FloatVector beta0 = FloatVector.fromArray(S, numbers, n + 2 * channels);
    FloatVector beta1 = FloatVector.fromArray(S, numbers, n + 2 * channels + L);
    FloatVector slope0 = FloatVector.fromArray(S, numbers, n + 3 * channels);
    FloatVector slope1 = FloatVector.fromArray(S, numbers, n + 3 * channels + L);
    FloatVector shift0 = FloatVector.fromArray(S, numbers, n + 4 * channels);
    FloatVector shift1 = FloatVector.fromArray(S, numbers, n + 4 * channels + L);
    int xAt = x.at() + c;
    int dyAt = dy.at() + c;
    int target = dx.at() + c;
    for (int row = 0; row < rows; row++) {
      FloatVector d0 = FloatVector.fromArray(S, xs, xAt).sub(mean0);
      FloatVector d1 = FloatVector.fromArray(S, xs, xAt + L).sub(mean1);
      FloatVector g0 = SLOPE.apply(d0.fma(scale0, beta0)).mul(FloatVector.fromArray(S, dys, dyAt));
      FloatVector g1 =
          SLOPE.apply(d1.fma(scale1, beta1)).mul(FloatVector.fromArray(S, dys, dyAt + L));
      g0.mul(scale0).sub(d0.fma(slope0, shift0)).intoArray(to, target);
      g1.mul(scale1).sub(d1.fma(slope1, shift1)).intoArray(to, target + L);
      xAt += xStep;
      dyAt += dyStep;
      target += dxStep;
    }
  }

  private static void gradientOfOne(
      Rows x, Rows dy, Rows dx, float[] numbers, int at, int channels, int first, int whole) {
    float[] xs = x.values();
    float[] dys = dy.values();
    float[] to = dx.values();
    int xAt = x.at();
    int dyAt = dy.at();
    int target = dx.at();
    for (int c = first; c < whole; c += L) {
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
