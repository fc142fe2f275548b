// Folds along axes, in an order that the shape alone decides.
//
// A group of work items folds for OUTPUTS neighbouring results; LANES of its work items share one
// result, each folds every LANES-th element, and a tree joins them. Long folds are split into
// `parts`, whose results are folded once more.
#include "prelude.cl"

#ifdef SUM
#define EMPTY 0
#define FOLD(a, b) ((a) + (b))
#else
#define EMPTY (-INFINITY)
#define FOLD(a, b) larger(a, b)
#endif

// Index i of up to four axes, counted from the innermost: the place of that element.
inline int place(int i, const int4 extent, const int4 rows, const int4 channels, int stride) {
  int sum = 0;
  sum += i % extent.s0 * (rows.s0 * stride + channels.s0);
  i /= extent.s0;
  sum += i % extent.s1 * (rows.s1 * stride + channels.s1);
  i /= extent.s1;
  sum += i % extent.s2 * (rows.s2 * stride + channels.s2);
  i /= extent.s2;
  return sum + i * (rows.s3 * stride + channels.s3);
}

__kernel __attribute__((reqd_work_group_size(OUTPUTS, LANES, 1)))
void reduce(
    IN(real, x),
    OUT(real, y),
    const int8 kept_walk,
    const int4 kept_channels,
    const int8 folded_walk,
    const int4 folded_channels,
    const int kept,
    const int folded,
    const int y_channels) {
  __local real lane_sums[LANES][OUTPUTS];
  const int column = get_local_id(0);
  const int lane = get_local_id(1);
  const int result = get_group_id(0) * OUTPUTS + column;
  const int part = get_group_id(1);
  const int parts = get_num_groups(1);
  // Parts differ by at most one element for each lane.
  const int length = (folded + parts - 1) / parts;
  const int end = min(folded, (part + 1) * length);
  real sum = EMPTY;
  if (result < kept) {
    __global const real *from =
        x + x_start + place(result, kept_walk.lo, kept_walk.hi, kept_channels, x_stride);
    for (int i = part * length + lane; i < end; i += LANES) {
      const real value =
          from[place(i, folded_walk.lo, folded_walk.hi, folded_channels, x_stride)];
      sum = FOLD(sum, value);
    }
  }
  lane_sums[lane][column] = sum;
  for (int half_lanes = LANES / 2; half_lanes > 0; half_lanes /= 2) {
    barrier(CLK_LOCAL_MEM_FENCE);
    if (lane < half_lanes) {
      lane_sums[lane][column] =
          FOLD(lane_sums[lane][column], lane_sums[lane + half_lanes][column]);
    }
  }
  if (lane == 0 && result < kept) {
    const int i = part * kept + result;
    AT(y, i / y_channels, i % y_channels) = lane_sums[0][column];
  }
}

// The index of the first largest element along an axis, `inner` elements apart.
__kernel __attribute__((reqd_work_group_size(OUTPUTS, LANES, 1)))
void argmax(
    IN(real, x),
    OUT(int, y),
    const int extent,
    const int inner,
    const int x_channels,
    const int y_channels,
    const int count) {
  __local real values[LANES][OUTPUTS];
  __local int indices[LANES][OUTPUTS];
  const int column = get_local_id(0);
  const int lane = get_local_id(1);
  const int i = get_group_id(0) * OUTPUTS + column;
  const int first = i / inner * inner * extent + i % inner;
  real best = -INFINITY;
  int index = INT_MAX;
  for (int k = lane; i < count && k < extent; k += LANES) {
    const int at = first + k * inner;
    const real value = AT(x, at / x_channels, at % x_channels);
    if (index == INT_MAX || beats(value, best)) {
      best = value;
      index = k;
    }
  }
  values[lane][column] = best;
  indices[lane][column] = index;
  for (int half_lanes = LANES / 2; half_lanes > 0; half_lanes /= 2) {
    barrier(CLK_LOCAL_MEM_FENCE);
    if (lane < half_lanes) {
      const real own = values[lane][column];
      const real other = values[lane + half_lanes][column];
      const int other_index = indices[lane + half_lanes][column];
      // Of equal ones the first counts.
      if (beats(other, own) || (!beats(own, other) && other_index < indices[lane][column])) {
        values[lane][column] = other;
        indices[lane][column] = other_index;
      }
    }
  }
  if (lane == 0 && i < count) {
    AT(y, i / y_channels, i % y_channels) = extent == 0 ? 0 : indices[0][column];
  }
}

// Exponentials normalised to sum 1 along the innermost axis; one group of work items for each row.
__kernel __attribute__((reqd_work_group_size(OUTPUTS, LANES, 1)))
void softmax(IN(real, x), OUT(real, y), const int channels) {
  __local real lanes[LANES];
  const int row = get_group_id(0);
  const int lane = get_local_id(1);
  real best = -INFINITY;
  for (int c = lane; c < channels; c += LANES) {
    best = larger(best, AT(x, row, c));
  }
  lanes[lane] = best;
  for (int half_lanes = LANES / 2; half_lanes > 0; half_lanes /= 2) {
    barrier(CLK_LOCAL_MEM_FENCE);
    if (lane < half_lanes) {
      lanes[lane] = larger(lanes[lane], lanes[lane + half_lanes]);
    }
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  best = lanes[0];
  barrier(CLK_LOCAL_MEM_FENCE);
  real sum = 0;
  for (int c = lane; c < channels; c += LANES) {
    const real e = exp(AT(x, row, c) - best);
    AT(y, row, c) = e;
    sum += e;
  }
  lanes[lane] = sum;
  for (int half_lanes = LANES / 2; half_lanes > 0; half_lanes /= 2) {
    barrier(CLK_LOCAL_MEM_FENCE);
    if (lane < half_lanes) {
      lanes[lane] += lanes[lane + half_lanes];
    }
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  sum = lanes[0];
  for (int c = lane; c < channels; c += LANES) {
    AT(y, row, c) /= sum;
  }
}
