package dev.peregrine.tensor.cpu.simd;

import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Exponentials, logarithms and their kin on one vector, built of exactly rounded operations only.
 *
 * <p>The functions that the Vector API itself offers give other last bits before a loop is compiled
 * than after (measured: for {@code EXP}, 1 % of the arguments), and others again on another
 * machine. A training run that is resumed would then not repeat the uninterrupted one. These give
 * the same bits always, at every width.
 *
 * <p>The polynomials are minimax fits; each function is within 2 units in the last place or so.
 */
final class VectorMath {
  private static final float LOG2_E = 1.44269504f;
  // ln 2 in two parts: the product of the first with a small integer is exact.
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;

  /** Added to a float below 2^22, it rounds it and leaves the integer in the low bits. */
  private static final float ROUNDER = 0x1.8p23f;

  /** The largest float whose e^x is finite. */
  private static final float EXP_MAX = 88.72283f;

  /** Below it e^x is no normal number and taken as 0. */
  private static final float EXP_MIN = -87.33654f;

  private static final int SQRT_HALF_BITS = 0x3f3504f3;
  private static final float HALF_PI = (float) (Math.PI / 2);

  // Coefficients, the highest power first. They are fields because in a large method the compiler
  // may put what a call of broadcast returns on the heap, and did: in yolov4-csp each Mish made
  // five objects, and all convolutions together took a third longer.
  private static final FloatVector LOG2_ES = constant(LOG2_E);
  private static final FloatVector ROUNDERS = constant(ROUNDER);
  private static final FloatVector MINUS_LN2_LOW = constant(-LN2_LOW);
  private static final FloatVector MINUS_LN2_HIGH = constant(-LN2_HIGH);
  private static final FloatVector EXP_1 = constant(0.0013950602f);
  private static final FloatVector EXP_2 = constant(0.008368953f);
  private static final FloatVector EXP_3 = constant(0.041666206f);
  private static final FloatVector EXP_4 = constant(0.16666518f);
  private static final FloatVector HALF = constant(0.5f);
  private static final FloatVector ZERO = constant(0);
  private static final FloatVector LOG_1 = constant(-0.07860939f);
  private static final FloatVector LOG_2 = constant(0.12883495f);
  private static final FloatVector LOG_3 = constant(-0.13129102f);
  private static final FloatVector LOG_4 = constant(0.14180957f);
  private static final FloatVector LOG_5 = constant(-0.16624498f);
  private static final FloatVector LOG_6 = constant(0.20002295f);
  private static final FloatVector LOG_7 = constant(-0.2500081f);
  private static final FloatVector LOG_8 = constant(0.33333316f);
  private static final FloatVector LN2_HIGHS = constant(LN2_HIGH);
  private static final FloatVector LN2_LOWS = constant(LN2_LOW);
  private static final FloatVector ONE = constant(1);
  private static final FloatVector TANH_1 = constant(-0.005660789f);
  private static final FloatVector TANH_2 = constant(0.020602006f);
  private static final FloatVector TANH_3 = constant(-0.05372923f);
  private static final FloatVector TANH_4 = constant(0.13331328f);
  private static final FloatVector TANH_5 = constant(-0.33333278f);
  private static final FloatVector ATAN_1 = constant(-0.0018272112f);
  private static final FloatVector ATAN_2 = constant(0.011064435f);
  private static final FloatVector ATAN_3 = constant(-0.03145569f);
  private static final FloatVector ATAN_4 = constant(0.058234543f);
  private static final FloatVector ATAN_5 = constant(-0.084194586f);
  private static final FloatVector ATAN_6 = constant(0.109575763f);
  private static final FloatVector ATAN_7 = constant(-0.14265245f);
  private static final FloatVector ATAN_8 = constant(0.19998638f);
  private static final FloatVector ATAN_9 = constant(-0.333333015f);
  private static final FloatVector HALF_PIS = constant(HALF_PI);

  private VectorMath() {}

  /** Takes {@code e^x}; results below the smallest normal number are 0. */
  static FloatVector exp(FloatVector x) {
    return expInside(x)
        .blend(0f, x.compare(LT, EXP_MIN))
        .blend(Float.POSITIVE_INFINITY, x.compare(GT, EXP_MAX))
        .blend(x, x.test(VectorOperators.IS_NAN));
  }

  /** Takes {@code e^x} for x between -87 and 88; what it makes of NaN depends on its low bits. */
  static FloatVector expInside(FloatVector x) {
    FloatVector shifted = x.fma(LOG2_ES, ROUNDERS);
    FloatVector n = shifted.sub(ROUNDER);
    FloatVector r = n.fma(MINUS_LN2_LOW, n.fma(MINUS_LN2_HIGH, x));
    FloatVector q = r.fma(EXP_1, EXP_2);
    q = q.fma(r, EXP_3);
    q = q.fma(r, EXP_4);
    q = q.fma(r, HALF);
    FloatVector p = q.fma(r.mul(r), r).add(1f);
    IntVector scale = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
    return p.reinterpretAsInts().add(scale).reinterpretAsFloats();
  }

  /** Takes the natural logarithm. */
  static FloatVector log(FloatVector x) {
    // Subnormal numbers are made normal first.
    var small = x.compare(LT, Float.MIN_NORMAL);
    IntVector bits = x.mul(0x1p24f).blend(x, small.not()).reinterpretAsInts();
    IntVector exponent = bits.sub(SQRT_HALF_BITS).lanewise(VectorOperators.ASHR, 23);
    FloatVector f =
        bits.sub(exponent.lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats().sub(1f);
    FloatVector n =
        exponent.add(Float.floatToRawIntBits(ROUNDER)).reinterpretAsFloats().sub(ROUNDER);
    n = n.blend(n.sub(24f), small);
    FloatVector y = logarithm(f, n);
    return y.blend(Float.NEGATIVE_INFINITY, x.compare(VectorOperators.EQ, 0f))
        .blend(Float.NaN, x.compare(LT, 0f))
        .blend(x, x.compare(GT, Float.MAX_VALUE).or(x.test(VectorOperators.IS_NAN)));
  }

  /** Takes {@code ln(1 + x)} for x between 0 and 1. */
  static FloatVector log1p(FloatVector x) {
    // (1 + x) / 2 - 1 = (x - 1) / 2 loses nothing, so neither small nor large x do.
    var large = x.compare(GT, 0.41421354f);
    FloatVector f = x.blend(x.sub(1f).mul(0.5f), large);
    return logarithm(f, ZERO.blend(1f, large));
  }

  /** Takes {@code ln(1 + f) + n ln 2} for 1 + f between the roots of 1/2 and 2. */
  private static FloatVector logarithm(FloatVector f, FloatVector n) {
    FloatVector q = f.fma(LOG_1, LOG_2);
    q = q.fma(f, LOG_3);
    q = q.fma(f, LOG_4);
    q = q.fma(f, LOG_5);
    q = q.fma(f, LOG_6);
    q = q.fma(f, LOG_7);
    q = q.fma(f, LOG_8);
    FloatVector rest = q.mul(f).sub(0.5f).mul(f.mul(f));
    return n.fma(LN2_HIGHS, n.fma(LN2_LOWS, rest).add(f));
  }

  /** Takes the hyperbolic tangent. */
  static FloatVector tanh(FloatVector x) {
    FloatVector size = x.abs();
    FloatVector e = exp(size.mul(-2f));
    FloatVector far = ONE.sub(e).div(e.add(1f));
    FloatVector z = x.mul(x);
    FloatVector q = z.fma(TANH_1, TANH_2);
    q = q.fma(z, TANH_3);
    q = q.fma(z, TANH_4);
    q = q.fma(z, TANH_5);
    FloatVector near = x.fma(q.mul(z), x);
    return far.blend(far.neg(), x.compare(LT, 0f)).blend(near, size.compare(LT, 0.63f));
  }

  /** Takes the arc tangent. */
  static FloatVector atan(FloatVector x) {
    FloatVector size = x.abs();
    var steep = size.compare(GT, 1f);
    FloatVector t = size.blend(ONE.div(size), steep);
    FloatVector z = t.mul(t);
    FloatVector q = z.fma(ATAN_1, ATAN_2);
    q = q.fma(z, ATAN_3);
    q = q.fma(z, ATAN_4);
    q = q.fma(z, ATAN_5);
    q = q.fma(z, ATAN_6);
    q = q.fma(z, ATAN_7);
    q = q.fma(z, ATAN_8);
    q = q.fma(z, ATAN_9);
    FloatVector y = t.fma(q.mul(z), t);
    y = y.blend(HALF_PIS.sub(y), steep);
    return y.blend(y.neg(), x.compare(LT, 0f));
  }

  private static FloatVector constant(float value) {
    return FloatVector.broadcast(Lanes.SPECIES, value);
  }
}
