// Steps of optimisers and averages: one pass over memory.
#include "prelude.cl"

#define NTH(name, i) AT(name, (i) / channels, (i) % channels)

__kernel void blend(
    IN(real, x), IN(real, y), IN(real, shares), OUT(real, z), const int channels, const int count) {
  const int i = get_global_id(0);
  if (i < count) {
    NTH(z, i) = NTH(x, i) * AT(shares, 0, 0) + NTH(y, i) * AT(shares, 0, 1);
  }
}

__kernel void momentum_step(
    IN(real, w),
    IN(real, v),
    IN(real, g),
    IN(real, factors),
    OUT(real, next_w),
    OUT(real, next_v),
    const int nesterov,
    const int channels,
    const int count) {
  const int i = get_global_id(0);
  if (i >= count) {
    return;
  }
  const real scale = AT(factors, 0, 0);
  const real decay = AT(factors, 0, 1);
  const real momentum = AT(factors, 0, 2);
  const real rate = AT(factors, 0, 3);
  const real old = NTH(w, i);
  const real d = NTH(g, i) * scale + old * decay;
  const real velocity = NTH(v, i) * momentum + d;
  NTH(next_v, i) = velocity;
  NTH(next_w, i) = old - rate * (nesterov ? d + velocity * momentum : velocity);
}

__kernel void adam_step(
    IN(real, w),
    IN(real, m),
    IN(real, v),
    IN(real, g),
    IN(real, factors),
    OUT(real, next_w),
    OUT(real, next_m),
    OUT(real, next_v),
    const int channels,
    const int count) {
  const int i = get_global_id(0);
  if (i >= count) {
    return;
  }
#define FACTOR(k) AT(factors, 0, k)
  const real old = NTH(w, i);
  const real d = NTH(g, i) * FACTOR(0) + old * FACTOR(1);
  const real mean = NTH(m, i) * FACTOR(3) + d * FACTOR(4);
  const real square = NTH(v, i) * FACTOR(5) + d * d * FACTOR(6);
  NTH(next_m, i) = mean;
  NTH(next_v, i) = square;
  NTH(next_w, i) =
      old * FACTOR(2) - FACTOR(7) * mean / (sqrt(square) * FACTOR(8) + FACTOR(9));
}
