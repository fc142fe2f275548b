// Casts, as the vocabulary defines them: integers drop the fraction and clip, bytes round halves
// up and clip, NaN becomes the integer 0. Halves are made of floats alone, to the nearest, and
// floats of halves.
#include "prelude.cl"

#define NTH(name, i, channels) AT(name, (i) / (channels), (i) % (channels))

inline int to_int(real x) { return x != x ? 0 : convert_int_sat_rtz(x); }

inline uchar to_byte(real x) {
  const real whole = floor(x);
  return x != x ? 0 : convert_uchar_sat(x - whole >= (real)0.5 ? whole + 1 : whole);
}

inline uchar int_to_byte(int x) { return convert_uchar_sat(x); }

__kernel void convert(
    IN(FROM, x), OUT(TO, y), const int x_channels, const int y_channels, const int count) {
  const int i = get_global_id(0);
  if (i < count) {
#if defined(FROM_HALVES)
    NTH(y, i, y_channels) = GET(x, i / x_channels, i % x_channels);
#elif defined(HALVES)
    PUT(y, i / y_channels, i % y_channels, NTH(x, i, x_channels));
#else
    NTH(y, i, y_channels) = CONVERT(NTH(x, i, x_channels));
#endif
  }
}
