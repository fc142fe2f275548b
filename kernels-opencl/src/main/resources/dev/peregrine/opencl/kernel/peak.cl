// Multiplies and adds as fast as the device can, without reading memory: eight chains that do not
// wait for each other.
#include "prelude.cl"

__kernel void multiply_add(OUT(real, y), const int rounds) {
  const real x = (real)0.999;
  real sum[8];
  for (int i = 0; i < 8; i++) {
    sum[i] = (real)(get_global_id(0) + i);
  }
  for (int round = 0; round < rounds; round++) {
    for (int i = 0; i < 8; i++) {
      sum[i] = FMA(sum[i], x, x);
    }
  }
  real all = 0;
  for (int i = 0; i < 8; i++) {
    all += sum[i];
  }
  AT(y, 0, get_global_id(0)) = all;
}
