// Batch normalisation. Sums over rows are made in two launches: `parts` groups of work items, each
// of which joins its lanes in a tree, then one work item a channel that joins the parts in order.
#include "prelude.cl"
#include "activations.cl"

#ifndef ACTIVATION
#define ACTIVATION(x) (x)
#define DERIVATIVE(x) 1
#endif

__kernel void apply_statistics(
    IN(stored, x),
    IN(real, gamma),
    IN(real, beta),
    IN(real, mean),
    IN(real, variance),
    OUT(stored, y),
    const real epsilon,
    const int channels,
    const int count) {
  const int i = get_global_id(0);
  if (i >= count) {
    return;
  }
  const int row = i / channels;
  const int c = i % channels;
  const real centred = GET(x, row, c) - AT(mean, 0, c);
  const real normal = centred / sqrt(AT(variance, 0, c) + epsilon);
  PUT(y, row, c, ACTIVATION(AT(gamma, 0, c) * normal + AT(beta, 0, c)));
}

// Joins (n, mean, sum of squared deviations) of two sets of rows (Chan, Golub and LeVeque 1979).
inline void join(real *n, real *mean, real *squares, real other_n, real other_mean, real other) {
  const real all = *n + other_n;
  if (other_n > 0) {
    const real apart = other_mean - *mean;
    *mean += apart * (other_n / all);
    *squares += other + apart * apart * (*n * (other_n / all));
    *n = all;
  }
}

__kernel __attribute__((reqd_work_group_size(OUTPUTS, LANES, 1)))
void moments(IN(real, x), OUT(real, parts), const int channels, const int rows) {
  __local real lane_n[LANES][OUTPUTS];
  __local real lane_mean[LANES][OUTPUTS];
  __local real lane_squares[LANES][OUTPUTS];
  const int column = get_local_id(0);
  const int lane = get_local_id(1);
  const int c = get_group_id(0) * OUTPUTS + column;
  const int part = get_group_id(1);
  const int length = (rows + get_num_groups(1) - 1) / get_num_groups(1);
  const int end = min(rows, (part + 1) * length);
  real n = 0;
  real mean = 0;
  real squares = 0;
  if (c < channels) {
    // Deviations from the first row of the lane, so that a large mean costs no digits.
    const int first = part * length + lane;
    const real shift = first < end ? AT(x, first, c) : 0;
    real sum = 0;
    for (int row = first; row < end; row += LANES) {
      const real deviation = AT(x, row, c) - shift;
      sum += deviation;
      squares = FMA(deviation, deviation, squares);
      n += 1;
    }
    if (n > 0) {
      mean = shift + sum / n;
      squares = max((real)0, squares - sum * (sum / n));
    }
  }
  lane_n[lane][column] = n;
  lane_mean[lane][column] = mean;
  lane_squares[lane][column] = squares;
  for (int half_lanes = LANES / 2; half_lanes > 0; half_lanes /= 2) {
    barrier(CLK_LOCAL_MEM_FENCE);
    if (lane < half_lanes) {
      const int other = lane + half_lanes;
      join(
          &n, &mean, &squares, lane_n[other][column], lane_mean[other][column],
          lane_squares[other][column]);
      lane_n[lane][column] = n;
      lane_mean[lane][column] = mean;
      lane_squares[lane][column] = squares;
    }
  }
  if (lane == 0 && c < channels) {
    AT(parts, 0, (part * 3) * channels + c) = n;
    AT(parts, 0, (part * 3 + 1) * channels + c) = mean;
    AT(parts, 0, (part * 3 + 2) * channels + c) = squares;
  }
}

__kernel void join_moments(
    IN(real, moments_of),
    OUT(real, mean),
    OUT(real, variance),
    const int parts,
    const int channels,
    const int rows) {
  const int c = get_global_id(0);
  if (c >= channels) {
    return;
  }
  real n = 0;
  real m = 0;
  real squares = 0;
  for (int part = 0; part < parts; part++) {
    join(
        &n, &m, &squares, AT(moments_of, 0, part * 3 * channels + c),
        AT(moments_of, 0, (part * 3 + 1) * channels + c),
        AT(moments_of, 0, (part * 3 + 2) * channels + c));
  }
  AT(mean, 0, c) = m;
  AT(variance, 0, c) = squares / max(1, rows);
}

__kernel __attribute__((reqd_work_group_size(OUTPUTS, LANES, 1)))
void gradient_sums(
    IN(real, x),
    IN(real, gamma),
    IN(real, beta),
    IN(real, mean),
    IN(real, variance),
    IN(real, dy),
    OUT(real, parts),
    const real epsilon,
    const int channels,
    const int rows) {
  __local real lane_beta[LANES][OUTPUTS];
  __local real lane_gamma[LANES][OUTPUTS];
  const int column = get_local_id(0);
  const int lane = get_local_id(1);
  const int c = get_group_id(0) * OUTPUTS + column;
  const int part = get_group_id(1);
  const int length = (rows + get_num_groups(1) - 1) / get_num_groups(1);
  const int end = min(rows, (part + 1) * length);
  real sum_beta = 0;
  real sum_gamma = 0;
  if (c < channels) {
    const real scale = 1 / sqrt(AT(variance, 0, c) + epsilon);
    const real centre = AT(mean, 0, c);
    const real factor = AT(gamma, 0, c);
    const real offset = AT(beta, 0, c);
    for (int row = part * length + lane; row < end; row += LANES) {
      const real normal = (AT(x, row, c) - centre) * scale;
      const real g = AT(dy, row, c) * DERIVATIVE(factor * normal + offset);
      sum_beta += g;
      sum_gamma = FMA(g, normal, sum_gamma);
    }
  }
  lane_beta[lane][column] = sum_beta;
  lane_gamma[lane][column] = sum_gamma;
  for (int half_lanes = LANES / 2; half_lanes > 0; half_lanes /= 2) {
    barrier(CLK_LOCAL_MEM_FENCE);
    if (lane < half_lanes) {
      lane_beta[lane][column] += lane_beta[lane + half_lanes][column];
      lane_gamma[lane][column] += lane_gamma[lane + half_lanes][column];
    }
  }
  if (lane == 0 && c < channels) {
    AT(parts, 0, (part * 2) * channels + c) = lane_beta[0][column];
    AT(parts, 0, (part * 2 + 1) * channels + c) = lane_gamma[0][column];
  }
}

__kernel void join_gradient_sums(
    IN(real, sums),
    OUT(real, dgamma),
    OUT(real, dbeta),
    const int parts,
    const int channels) {
  const int c = get_global_id(0);
  if (c >= channels) {
    return;
  }
  real sum_beta = 0;
  real sum_gamma = 0;
  for (int part = 0; part < parts; part++) {
    sum_beta += AT(sums, 0, part * 2 * channels + c);
    sum_gamma += AT(sums, 0, (part * 2 + 1) * channels + c);
  }
  AT(dgamma, 0, c) = sum_gamma;
  AT(dbeta, 0, c) = sum_beta;
}

__kernel void input_gradient(
    IN(real, x),
    IN(real, gamma),
    IN(real, beta),
    IN(real, mean),
    IN(real, variance),
    IN(real, dy),
    IN(real, dgamma),
    IN(real, dbeta),
    OUT(real, dx),
    const real epsilon,
    const int channels,
    const int rows,
    const int count) {
  const int i = get_global_id(0);
  if (i >= count) {
    return;
  }
  const int row = i / channels;
  const int c = i % channels;
  const real scale = 1 / sqrt(AT(variance, 0, c) + epsilon);
  const real normal = (AT(x, row, c) - AT(mean, 0, c)) * scale;
  const real factor = AT(gamma, 0, c);
  const real g = AT(dy, row, c) * DERIVATIVE(factor * normal + AT(beta, 0, c));
  const real shared = AT(dbeta, 0, c) / rows + normal * (AT(dgamma, 0, c) / rows);
  AT(dx, row, c) = factor * scale * (g - shared);
}
