// The functions of one element and their derivatives, each as Unary.Kind defines it. A comparison
// with NaN does not hold, so every choice is written such that NaN goes through.

// Minus infinity times 0 would be NaN; the products below have the limit 0.
inline real above_minus_infinity(real x) { return x < -LARGEST ? -LARGEST : x; }

inline real finite_part(real x) {
  x = above_minus_infinity(x);
  return x > LARGEST ? LARGEST : x;
}

inline real f_negate(real x) { return -x; }
inline real f_abs(real x) { return fabs(x); }
inline real f_exp(real x) { return exp(x); }
inline real f_log(real x) { return log(x); }
inline real f_sqrt(real x) { return sqrt(x); }
inline real f_tanh(real x) { return tanh(x); }
inline real f_atan(real x) { return atan(x); }
inline real f_logistic(real x) { return 1 / (1 + exp(-x)); }

inline real f_relu(real x) { return x < 0 ? 0 : x; }
inline real f_relu6(real x) { return x < 0 ? 0 : x > 6 ? 6 : x; }
inline real f_leaky_relu(real x) { return x > 0 ? x : (real)0.1 * x; }

// ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|): the exponential cannot overflow.
inline real f_softplus(real x) { return f_relu(x) + log1p(exp(-fabs(x))); }

// tanh(ln(1 + e^x)) is a fraction of polynomials of e = e^-|x|; so is what it lacks to 1.
inline real tanh_of_softplus(real x, real *lack) {
  const real e = exp(-fabs(x));
  const real e2 = e * e;
  const real below = x < 0 ? e2 + 2 * e + 2 : 1 + 2 * e + 2 * e2;
  *lack = (x < 0 ? 2 : 2 * e2) / below;
  return (x < 0 ? e2 + 2 * e : 1 + 2 * e) / below;
}

inline real f_mish(real x) {
  real lack;
  return above_minus_infinity(x) * tanh_of_softplus(x, &lack);
}

inline real f_swish(real x) { return above_minus_infinity(x) * f_logistic(x); }
inline real f_hard_swish(real x) { return above_minus_infinity(x) * f_relu6(x + 3) / 6; }

inline real d_negate(real x) { return -1; }
inline real d_abs(real x) { return x > 0 ? 1 : x < 0 ? -1 : x; }
inline real d_exp(real x) { return exp(x); }
inline real d_log(real x) { return 1 / x; }
inline real d_sqrt(real x) { return (real)0.5 / sqrt(x); }
inline real d_atan(real x) { return 1 / (1 + x * x); }
inline real d_logistic(real x) { return f_logistic(x) * f_logistic(-x); }
inline real d_softplus(real x) { return f_logistic(x); }
inline real d_relu(real x) { return x > 0 ? 1 : 0; }
inline real d_relu6(real x) { return x > 0 && x < 6 ? 1 : 0; }
inline real d_leaky_relu(real x) { return x > 0 ? 1 : (real)0.1; }

// 1 - tanh^2 = 4 e / (1 + e)^2 with e = e^-2|x|: no difference of nearly equal numbers.
inline real d_tanh(real x) {
  const real e = exp(-2 * fabs(x));
  return 4 * e / ((1 + e) * (1 + e));
}

inline real d_mish(real x) {
  real lack;
  const real t = tanh_of_softplus(x, &lack);
  return t + finite_part(x) * f_logistic(x) * (lack * (1 + t));
}

inline real d_swish(real x) {
  return f_logistic(x) + finite_part(x) * f_logistic(x) * f_logistic(-x);
}

inline real d_hard_swish(real x) { return x < -3 ? 0 : x > 3 ? 1 : (2 * x + 3) / 6; }
