// Multiplies and adds as fast as the device can, without reading memory: CHAINS chains that do not
// wait for each other, of single numbers and, where there are tensor cores, of their instruction.
#include "prelude.cl"

__kernel void multiply_add(OUT(real, y), const int rounds) {
  const real x = (real)0.999;
  real sum[CHAINS];
  for (int i = 0; i < CHAINS; i++) {
    sum[i] = (real)(get_global_id(0) + i);
  }
  for (int round = 0; round < rounds; round++) {
    for (int i = 0; i < CHAINS; i++) {
      sum[i] = FMA(sum[i], x, x);
    }
  }
  real all = 0;
  for (int i = 0; i < CHAINS; i++) {
    all += sum[i];
  }
  AT(y, 0, get_global_id(0)) = all;
}

#ifdef TENSOR_CORES
#include "mma.cl"

__kernel __attribute__((reqd_work_group_size(THREADS, 1, 1)))
void multiply_fragments(OUT(real, y), const int rounds) {
  EXCHANGE
  const int lane = get_local_id(0) % LANES_OF_WARP;
  const int warp = get_local_id(0) / LANES_OF_WARP;
  // In each of the types small positive numbers, so that no sum overflows.
  uint a[4];
  uint b[2];
  for (int i = 0; i < 4; i++) {
    a[i] = 0x3c003c00u + (lane << 16) + i;
  }
  for (int i = 0; i < 2; i++) {
    b[i] = 0x3c003c00u + (lane << 16) + i;
  }
  float sum[CHAINS * 4];
  UNROLLED for (int i = 0; i < CHAINS * 4; i++) {
    sum[i] = 0;
  }
  for (int round = 0; round < rounds; round++) {
    UNROLLED for (int i = 0; i < CHAINS; i++) {
      MULTIPLY_FRAGMENTS(sum + i * 4, a, b);
    }
  }
  float all = 0;
  UNROLLED for (int i = 0; i < CHAINS * 4; i++) {
    all += sum[i];
  }
  AT(y, 0, get_global_id(0)) = all;
}
#endif
