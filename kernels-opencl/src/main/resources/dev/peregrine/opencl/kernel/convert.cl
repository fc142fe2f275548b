// Casts, as the vocabulary defines them: integers drop the fraction and clip, bytes round halves
// up and clip, NaN becomes the integer 0.
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
    NTH(y, i, y_channels) = CONVERT(NTH(x, i, x_channels));
  }
}
