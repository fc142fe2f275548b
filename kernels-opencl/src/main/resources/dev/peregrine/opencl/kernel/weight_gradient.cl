// The gradient of a convolution by its filters, as a matrix product: row m is a tap and an input
// channel, column n an output channel, and the sum goes over all output pixels.
//
// There are few rows and columns but many pixels, so the pixels are split among groups of work
// items; `join_parts` adds their results in order.
#include "prelude.cl"
#include "tile.cl"
#include "window.cl"

__kernel __attribute__((reqd_work_group_size(THREADS, 1, 1)))
void weight_gradient(
    IN(real, x),
    IN(real, dy),
    OUT(real, dw),
    const int8 window,
    const int8 sizes,
    const int parts,
    const int part_pixels) {
  LOCAL_TILES
  const int first_row = get_group_id(0) * TILE_M;
  const int first_filter = get_group_id(1) * TILE_N;
  const int part = get_group_id(2) % parts;
  const int group = get_group_id(2) / parts;
  const int map = OUT_HEIGHT * OUT_WIDTH;
  const int begin = part * part_pixels;
  const int end = min(PICTURES * map, begin + part_pixels);
  const int all_rows = KERNEL_HEIGHT * KERNEL_WIDTH * IN_CHANNELS;

  // This work item brings row `row` of A, for every (THREADS / TILE_M)-th pixel.
  const int tile_m = thread % TILE_M;
  const int row = first_row + tile_m;
  const int channel = row % IN_CHANNELS;
  const int tap = row / IN_CHANNELS;
  const int above = tap / KERNEL_WIDTH * DILATION_HEIGHT - PAD_TOP;
  const int before = tap % KERNEL_WIDTH * DILATION_WIDTH - PAD_LEFT;

  for (int slice = begin; slice < end; slice += TILE_K) {
    LOADING for (int load = 0; load < LOADS_A; load++) {
      const int k = thread / TILE_M + load * (THREADS / TILE_M);
      const int pixel = slice + k;
      const int at = pixel % map;
      const int h = at / OUT_WIDTH * STRIDE_HEIGHT + above;
      const int v = at % OUT_WIDTH * STRIDE_WIDTH + before;
      const bool exists = row < all_rows && pixel < end && h >= 0 && h < HEIGHT && v >= 0
          && v < WIDTH;
      const int from = (pixel / map * HEIGHT + h) * WIDTH + v;
      PUT_A(k, tile_m, exists ? AT(x, from, group * IN_CHANNELS + channel) : 0);
    }
    LOADING for (int load = 0; load < LOADS_B; load++) {
      const int element = thread + load * THREADS;
      const int n = element % TILE_N;
      const int k = element / TILE_N;
      const bool exists = slice + k < end && first_filter + n < OUT_CHANNELS;
      PUT_B(k, n, exists ? AT(dy, slice + k, group * OUT_CHANNELS + first_filter + n) : 0);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    MULTIPLY_TILES
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  EACH_SUM({
    const int dw_row = first_row + tile_row;
    const int filter = first_filter + tile_column;
    if (dw_row < all_rows && filter < OUT_CHANNELS) {
      AT(dw, part * all_rows + dw_row, group * OUT_CHANNELS + filter) = value;
    }
  })
}
