// Convolution as a matrix product whose left matrix is never made: row m is output pixel m, column
// k is tap and channel k of its window, fetched from the input on the way to local memory. The
// right matrix is the filters as they lie.
//
// EPILOGUE(value, row, channel) is what happens to a result before it is stored.
#include "prelude.cl"
#include "activations.cl"
#include "tile.cl"
#include "window.cl"

__kernel __attribute__((reqd_work_group_size(THREADS, 1, 1)))
void convolve(
    IN(stored, x),
    IN(stored, w),
    OUT(kept_type, y),
    const int8 window,
    const int8 sizes
    EPILOGUE_PARAMETERS) {
  LOCAL_TILES
  const int first_pixel = get_group_id(0) * TILE_M;
  const int first_filter = get_group_id(1) * TILE_N;
  const int group = get_group_id(2);
  const int map = OUT_HEIGHT * OUT_WIDTH;
  const int pixels = PICTURES * map;
  const int depth = KERNEL_HEIGHT * KERNEL_WIDTH * IN_CHANNELS;

  // This work item brings one column of A, for pixels that lie THREADS / TILE_K apart.
  const int column = thread % TILE_K;
  int picture[LOADS_A];
  int top[LOADS_A];
  int left_edge[LOADS_A];
  LOADING for (int load = 0; load < LOADS_A; load++) {
    const int pixel = first_pixel + thread / TILE_K + load * (THREADS / TILE_K);
    const int at = pixel % map;
    picture[load] = pixel / map * HEIGHT * WIDTH;
    top[load] = pixel < pixels ? at / OUT_WIDTH * STRIDE_HEIGHT - PAD_TOP : NOWHERE;
    left_edge[load] = at % OUT_WIDTH * STRIDE_WIDTH - PAD_LEFT;
  }
  // The tap and channel of the column, counted on from slice to slice.
  int channel = column % IN_CHANNELS;
  int tap_column = column / IN_CHANNELS % KERNEL_WIDTH;
  int tap_row = column / IN_CHANNELS / KERNEL_WIDTH;

  for (int slice = 0; slice < depth; slice += TILE_K) {
    LOADING for (int load = 0; load < LOADS_A; load++) {
      const int h = top[load] + tap_row * DILATION_HEIGHT;
      const int v = left_edge[load] + tap_column * DILATION_WIDTH;
      const bool exists =
          tap_row < KERNEL_HEIGHT && h >= 0 && h < HEIGHT && v >= 0 && v < WIDTH;
      const int m = thread / TILE_K + load * (THREADS / TILE_K);
      const int pixel = picture[load] + h * WIDTH + v;
      PUT_A(column, m, exists ? GET(x, pixel, group * IN_CHANNELS + channel) : 0);
    }
    LOADING for (int load = 0; load < LOADS_B; load++) {
      const int element = thread + load * THREADS;
      const int n = element % TILE_N;
      const int k = element / TILE_N;
      const bool exists = slice + k < depth && first_filter + n < OUT_CHANNELS;
      PUT_B(k, n, exists ? GET(w, slice + k, group * OUT_CHANNELS + first_filter + n) : 0);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    MULTIPLY_TILES
    barrier(CLK_LOCAL_MEM_FENCE);
    channel += TILE_K;
    while (channel >= IN_CHANNELS) {
      channel -= IN_CHANNELS;
      if (++tap_column == KERNEL_WIDTH) {
        tap_column = 0;
        tap_row++;
      }
    }
  }
  EACH_SUM({
    const int row = first_pixel + tile_row;
    const int filter = first_filter + tile_column;
    if (row < pixels && filter < OUT_CHANNELS) {
      const int out_channel = group * OUT_CHANNELS + filter;
      EPILOGUE(value, row, out_channel)
      KEEP(y, row, out_channel, value);
    }
  })
}
