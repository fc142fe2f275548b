package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.op.Unary;
import java.lang.invoke.MethodHandles;
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
      VectorMask<Float> mask = S.indexInRange(i, size);
      F.apply(FloatVector.fromArray(S, x, xAt + i, mask)).intoArray(y, yAt + i, mask);
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
      VectorMask<Float> mask = S.indexInRange(i, size);
      SLOPE
          .apply(FloatVector.fromArray(S, x, xAt + i, mask))
          .mul(FloatVector.fromArray(S, dy, dyAt + i, mask))
          .intoArray(dx, dxAt + i, mask);
    }
  }

  @Override
  void normalize(Rows x, Rows y, int rows, float[] numbers, int at, int channels) {
    float[] from = x.values();
    float[] to = y.values();
    int scaleAt = at + channels;
    int betaAt = scaleAt + channels;
    int whole = S.loopBound(channels);
    VectorMask<Float> mask = S.indexInRange(whole, channels);
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
      if (whole < channels) {
        FloatVector d =
            FloatVector.fromArray(S, from, source + whole, mask)
                .sub(FloatVector.fromArray(S, numbers, at + whole, mask));
        FloatVector z =
            d.fma(
                FloatVector.fromArray(S, numbers, scaleAt + whole, mask),
                FloatVector.fromArray(S, numbers, betaAt + whole, mask));
        F.apply(z).intoArray(to, target + whole, mask);
      }
    }
  }

  @Override
  void normalizeSums(
      Rows x, Rows dy, int rows, float[] numbers, int at, float[] sums, int sumsAt, int channels) {
    float[] xs = x.values();
    float[] dys = dy.values();
    int c = 0;
    for (; c <= channels - L; c += L) {
      FloatVector mean = FloatVector.fromArray(S, numbers, at + c);
      FloatVector scale = FloatVector.fromArray(S, numbers, at + channels + c);
      FloatVector beta = FloatVector.fromArray(S, numbers, at + 2 * channels + c);
      FloatVector a = FloatVector.zero(S);
      FloatVector b = a;
      int xAt = x.at() + c;
      int dyAt = dy.at() + c;
      for (int row = 0; row < rows; row++) {
        FloatVector d = FloatVector.fromArray(S, xs, xAt).sub(mean);
        FloatVector g = SLOPE.apply(d.fma(scale, beta)).mul(FloatVector.fromArray(S, dys, dyAt));
        a = a.add(g);
        b = g.fma(d, b);
        xAt += x.stride();
        dyAt += dy.stride();
      }
      a.intoArray(sums, sumsAt + c);
      b.intoArray(sums, sumsAt + channels + c);
    }
    if (c < channels) {
      VectorMask<Float> mask = S.indexInRange(c, channels);
      FloatVector mean = FloatVector.fromArray(S, numbers, at + c, mask);
      FloatVector scale = FloatVector.fromArray(S, numbers, at + channels + c, mask);
      FloatVector beta = FloatVector.fromArray(S, numbers, at + 2 * channels + c, mask);
      FloatVector a = FloatVector.zero(S);
      FloatVector b = a;
      for (int row = 0; row < rows; row++) {
        FloatVector d = FloatVector.fromArray(S, xs, x.at() + row * x.stride() + c, mask).sub(mean);
        FloatVector g =
            SLOPE
                .apply(d.fma(scale, beta))
                .mul(FloatVector.fromArray(S, dys, dy.at() + row * dy.stride() + c, mask));
        a = a.add(g);
        b = g.fma(d, b);
      }
      a.intoArray(sums, sumsAt + c, mask);
      b.intoArray(sums, sumsAt + channels + c, mask);
    }
  }

  @Override
  void normalizeGradient(
      Rows x, Rows dy, Rows dx, int rows, float[] numbers, int at, int channels) {
    float[] xs = x.values();
    float[] dys = dy.values();
    float[] to = dx.values();
    int whole = S.loopBound(channels);
    VectorMask<Float> mask = S.indexInRange(whole, channels);
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
      if (whole < channels) {
        int n = at + whole;
        FloatVector d =
            FloatVector.fromArray(S, xs, xAt + whole, mask)
                .sub(FloatVector.fromArray(S, numbers, n, mask));
        FloatVector scale = FloatVector.fromArray(S, numbers, n + channels, mask);
        FloatVector z = d.fma(scale, FloatVector.fromArray(S, numbers, n + 2 * channels, mask));
        FloatVector g = SLOPE.apply(z).mul(FloatVector.fromArray(S, dys, dyAt + whole, mask));
        FloatVector rest =
            d.fma(
                FloatVector.fromArray(S, numbers, n + 3 * channels, mask),
                FloatVector.fromArray(S, numbers, n + 4 * channels, mask));
        g.mul(scale).sub(rest).intoArray(to, target + whole, mask);
      }
    }
  }
}
