// Winograd's convolution F(4x4, 3x3): a tile of 4x4 results from 6x6 inputs with 36 products where
// 144 are needed otherwise. Both sides are transformed, multiplied point by point (36 products of
// matrices, around tile.cl), and transformed back.
//
// The points are 0, +-3/4, +-3/2 and infinity: all factors but those of the filters are exact, and
// the error is less than half of that of the usual 1 and 2.
#include "prelude.cl"
#include "activations.cl"

#define POINTS 36
#define NEAR ((real)0.75)
#define FAR ((real)1.5)
#define NEAR_2 ((real)0.5625)
#define FAR_2 ((real)2.25)
#define NEAR_3 ((real)0.421875)
#define FAR_3 ((real)3.375)
#define SUM_2 ((real)2.8125)
#define PRODUCT_2 ((real)1.265625)

// sizes: the maps that are read and written, channels of both sides.
#define HEIGHT sizes.s0
#define WIDTH sizes.s1
#define OUT_HEIGHT sizes.s2
#define OUT_WIDTH sizes.s3
#define IN_CHANNELS sizes.s4
#define OUT_CHANNELS sizes.s5
#define PAD_TOP sizes.s6
#define PAD_LEFT sizes.s7

#ifdef FILTERS
// One dimension of a filter: three taps at six points.
inline void spread(const real a, const real b, const real c, real *u) {
  const real near_even = FMA(NEAR_2, c, a) / (2 * NEAR_2 * (NEAR_2 - FAR_2));
  const real near_odd = NEAR * b / (2 * NEAR_2 * (NEAR_2 - FAR_2));
  const real far_even = FMA(FAR_2, c, a) / (2 * FAR_2 * (FAR_2 - NEAR_2));
  const real far_odd = FAR * b / (2 * FAR_2 * (FAR_2 - NEAR_2));
  u[0] = a / PRODUCT_2;
  u[1] = near_even + near_odd;
  u[2] = near_even - near_odd;
  u[3] = far_even + far_odd;
  u[4] = far_even - far_odd;
  u[5] = c;
}

// One work item for each input and output channel. The gradient by the input is the convolution of
// the output's gradient by the filters turned around, their channels exchanged.
__kernel void transform_filters(
    IN(stored, w), OUT(real, u), const int ins, const int outs, const int turned) {
  const int index = get_global_id(0);
  if (index >= ins * outs) {
    return;
  }
  const int out = index % outs;
  const int in = index / outs;
  real rows[18];
  for (int b = 0; b < 3; b++) {
    real column[3];
    real u_column[6];
    for (int a = 0; a < 3; a++) {
      const int tap = turned ? 8 - (a * 3 + b) : a * 3 + b;
      column[a] = turned ? GET(w, tap * outs + out, in) : GET(w, tap * ins + in, out);
    }
    spread(column[0], column[1], column[2], u_column);
    for (int p = 0; p < 6; p++) {
      rows[p * 3 + b] = u_column[p];
    }
  }
  for (int p = 0; p < 6; p++) {
    real line[6];
    spread(rows[p * 3], rows[p * 3 + 1], rows[p * 3 + 2], line);
    for (int q = 0; q < 6; q++) {
      AT(u, (p * 6 + q) * ins + in, out) = line[q];
    }
  }
}
#endif

#ifdef INPUT
// One dimension of an input tile: six numbers at six points.
inline void project(const real *x, const int step, real *t) {
  const real near_even = FMA(-FAR_2, x[2 * step], x[4 * step]);
  const real near_odd = NEAR * FMA(-FAR_2, x[step], x[3 * step]);
  const real far_even = FMA(-NEAR_2, x[2 * step], x[4 * step]);
  const real far_odd = FAR * FMA(-NEAR_2, x[step], x[3 * step]);
  t[0] = FMA(PRODUCT_2, x[0], FMA(-SUM_2, x[2 * step], x[4 * step]));
  t[1] = near_even + near_odd;
  t[2] = near_even - near_odd;
  t[3] = far_even + far_odd;
  t[4] = far_even - far_odd;
  t[5] = FMA(PRODUCT_2, x[step], FMA(-SUM_2, x[3 * step], x[5 * step]));
}

// One work item for each channel of each tile of this block; neighbours are neighbouring channels.
__kernel void transform_input(
    IN(stored, x),
    OUT(real, v),
    const int8 sizes,
    const int2 tiles,
    const int first_tile,
    const int block_tiles) {
  const int index = get_global_id(0);
  const int channel = index % IN_CHANNELS;
  const int own_tile = index / IN_CHANNELS;
  if (own_tile >= block_tiles) {
    return;
  }
  const int tile = first_tile + own_tile;
  const int top = tile / tiles.y % tiles.x * 4 - PAD_TOP;
  const int left_edge = tile % tiles.y * 4 - PAD_LEFT;
  const int picture = tile / tiles.y / tiles.x * HEIGHT;
  real d[36];
  _Pragma("unroll") for (int i = 0; i < 6; i++) {
    const int h = top + i;
    _Pragma("unroll") for (int j = 0; j < 6; j++) {
      const int column = left_edge + j;
      const bool exists = h >= 0 && h < HEIGHT && column >= 0 && column < WIDTH;
      d[i * 6 + j] = exists ? GET(x, (picture + h) * WIDTH + column, channel) : 0;
    }
  }
  real t[36];
  _Pragma("unroll") for (int i = 0; i < 6; i++) {
    project(d + i * 6, 1, t + i * 6);
  }
  _Pragma("unroll") for (int j = 0; j < 6; j++) {
    real line[6];
    project(t + j, 6, line);
    _Pragma("unroll") for (int i = 0; i < 6; i++) {
      AT(v, (i * 6 + j) * block_tiles + own_tile, channel) = line[i];
    }
  }
}
#endif

#ifdef PRODUCTS
#include "tile.cl"

// Group (., ., point) computes a tile of the point's product of matrices.
__kernel __attribute__((reqd_work_group_size(THREADS, 1, 1)))
void multiply_points(
    IN(real, v),
    IN(real, u),
    OUT(real, products),
    const int rows,
    const int depth,
    const int columns) {
  LOCAL_TILES
  const int first_row = get_group_id(0) * TILE_M;
  const int first_column = get_group_id(1) * TILE_N;
  const int point = get_group_id(2);
  for (int slice = 0; slice < depth; slice += TILE_K) {
    LOADING for (int load = 0; load < LOADS_A; load++) {
      const int row = thread / TILE_K + load * (THREADS / TILE_K);
      const int k = thread % TILE_K;
      const bool exists = first_row + row < rows && slice + k < depth;
      PUT_A(k, row, exists ? AT(v, point * rows + first_row + row, slice + k) : 0);
    }
    LOADING for (int load = 0; load < LOADS_B; load++) {
      const int element = thread + load * THREADS;
      const int column = element % TILE_N;
      const int k = element / TILE_N;
      const bool exists = first_column + column < columns && slice + k < depth;
      PUT_B(k, column, exists ? AT(u, point * depth + slice + k, first_column + column) : 0);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    MULTIPLY_TILES
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  EACH_SUM({
    const int row = first_row + tile_row;
    const int column = first_column + tile_column;
    if (row < rows && column < columns) {
      AT(products, point * rows + row, column) = value;
    }
  })
}
#endif

#ifdef OUTPUT
// One dimension of an output tile: six points become four numbers.
inline void gather_points(const real *m, const int step, real *y) {
  const real near_even = m[step] + m[2 * step];
  const real near_odd = m[step] - m[2 * step];
  const real far_even = m[3 * step] + m[4 * step];
  const real far_odd = m[3 * step] - m[4 * step];
  y[0] = m[0] + near_even + far_even;
  y[1] = FMA(FAR, far_odd, NEAR * near_odd);
  y[2] = FMA(FAR_2, far_even, NEAR_2 * near_even);
  y[3] = FMA(FAR_3, far_odd, NEAR_3 * near_odd) + m[5 * step];
}

// One work item for each channel of each tile of this block; what follows the convolution is done
// before a result is stored.
__kernel void transform_output(
    IN(real, m),
    OUT(kept_type, y),
    const int8 sizes,
    const int2 tiles,
    const int first_tile,
    const int block_tiles
    EPILOGUE_PARAMETERS) {
  const int index = get_global_id(0);
  const int channel = index % OUT_CHANNELS;
  const int own_tile = index / OUT_CHANNELS;
  if (own_tile >= block_tiles) {
    return;
  }
  const int tile = first_tile + own_tile;
  const int top = tile / tiles.y % tiles.x * 4;
  const int left_edge = tile % tiles.y * 4;
  const int picture = tile / tiles.y / tiles.x * OUT_HEIGHT;
  real products[36];
  _Pragma("unroll") for (int point = 0; point < POINTS; point++) {
    products[point] = AT(m, point * block_tiles + own_tile, channel);
  }
  real t[24];
  _Pragma("unroll") for (int j = 0; j < 6; j++) {
    real column[4];
    gather_points(products + j, 6, column);
    _Pragma("unroll") for (int i = 0; i < 4; i++) {
      t[i * 6 + j] = column[i];
    }
  }
  _Pragma("unroll") for (int i = 0; i < 4; i++) {
    real line[4];
    gather_points(t + i * 6, 1, line);
    _Pragma("unroll") for (int j = 0; j < 4; j++) {
      if (top + i < OUT_HEIGHT && left_edge + j < OUT_WIDTH) {
        const int row = (picture + top + i) * OUT_WIDTH + left_edge + j;
        real value = line[j];
        EPILOGUE(value, row, channel)
        KEEP(y, row, channel, value);
      }
    }
  }
}
#endif
