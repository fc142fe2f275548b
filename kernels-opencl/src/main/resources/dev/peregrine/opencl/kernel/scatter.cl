// Adds rows into zeros, in ascending order of rows.
#include "prelude.cl"

#define NTH(name, i, channels) AT(name, (i) / (channels), (i) % (channels))

// One work item for each element of y looks through all indices, so that no two add to one place.
__kernel void scatter_add(
    IN(NUMBER, x),
    IN(int, indices),
    OUT(NUMBER, y),
    OUT(int, faults),
    const int width,
    const int rows,
    const int x_rows,
    const int x_channels,
    const int y_channels,
    const int count) {
  const int i = get_global_id(0);
  if (i >= count) {
    return;
  }
  const int row = i / width;
  const int column = i % width;
  NUMBER sum = 0;
  for (int from = 0; from < x_rows; from++) {
    const int to = AT(indices, 0, from);
    if (to == row) {
      sum += NTH(x, from * width + column, x_channels);
    }
    if (i == 0 && (to < 0 || to >= rows) && atomic_cmpxchg(&AT(faults, 0, 0), 0, rows) == 0) {
      AT(faults, 0, 1) = to;
      AT(faults, 0, 2) = from;
    }
  }
  NTH(y, i, y_channels) = sum;
}
