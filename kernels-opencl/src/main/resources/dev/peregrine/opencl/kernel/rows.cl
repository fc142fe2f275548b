// Elements that are copied or filled in by their number in row-major order.
#include "prelude.cl"

// Element i of a value with so many channels.
#define NTH(name, i, channels) AT(name, (i) / (channels), (i) % (channels))

__kernel void reshape(
    IN(ELEMENT, x), OUT(ELEMENT, y), const int x_channels, const int y_channels, const int count) {
  const int i = get_global_id(0);
  if (i < count) {
    NTH(y, i, y_channels) = NTH(x, i, x_channels);
  }
}

__kernel void fill(OUT(ELEMENT, y), const ELEMENT value, const int channels, const int count) {
  const int i = get_global_id(0);
  if (i < count) {
    NTH(y, i, channels) = value;
  }
}

// Row i of y is row indices[i] of x; a wrong index is noted in faults and gives row 0.
__kernel void gather(
    IN(ELEMENT, x),
    IN(int, indices),
    OUT(ELEMENT, y),
    OUT(int, faults),
    const int width,
    const int rows,
    const int x_channels,
    const int y_channels,
    const int count) {
  const int i = get_global_id(0);
  if (i >= count) {
    return;
  }
  const int position = i / width;
  int row = AT(indices, 0, position);
  if (row < 0 || row >= rows) {
    if (i % width == 0 && atomic_cmpxchg(&AT(faults, 0, 0), 0, rows) == 0) {
      AT(faults, 0, 1) = row;
      AT(faults, 0, 2) = position;
    }
    row = 0;
  }
  NTH(y, i, y_channels) = NTH(x, row * width + i % width, x_channels);
}
