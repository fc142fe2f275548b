// Values made of nothing.
#include "prelude.cl"

#define NTH(name, i, channels) AT(name, (i) / (channels), (i) % (channels))

__kernel void iota(
    OUT(NUMBER, y), const int step, const int extent, const int channels, const int count) {
  const int i = get_global_id(0);
  if (i < count) {
    NTH(y, i, channels) = (NUMBER)(i / step % extent);
  }
}

// The finaliser of SplitMix64: spreads every bit of a counter over all 64 bits.
inline ulong mix(ulong z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
  return z ^ (z >> 31);
}

__kernel void uniform(OUT(NUMBER, y), const ulong seed, const int channels, const int count) {
  const int i = get_global_id(0);
  if (i < count) {
    const ulong bits = mix(seed + ((ulong)i + 1) * 0x9E3779B97F4A7C15UL) >> 40;
    NTH(y, i, channels) = (NUMBER)bits * (NUMBER)0x1p-24f;
  }
}
