// Adds the partial results of several groups of work items, in order.
#include "prelude.cl"

__kernel void join_parts(
    IN(real, parts), OUT(real, y), const int count_of_parts, const int channels, const int count) {
  const int i = get_global_id(0);
  if (i >= count) {
    return;
  }
  real sum = 0;
  for (int part = 0; part < count_of_parts; part++) {
    sum += AT(parts, part * (count / channels) + i / channels, i % channels);
  }
  AT(y, i / channels, i % channels) = sum;
}
