// The gradient of a convolution by its input, as a matrix product: row m is an input pixel, column
// k a tap and an output channel.
//
// With a stride, an input pixel meets only every stride-th tap. Pixels that meet the same taps are
// one phase, (h mod stride, v mod stride), and each phase is a product of its own over the taps
// that it meets: nothing is multiplied by zeros between.
#include "prelude.cl"
#include "tile.cl"
#include "window.cl"

// The first tap that pixels of a phase meet along one axis; `taps` if none.
inline int first_tap(int phase, int pad, int stride, int dilation, int taps) {
  int a = 0;
  while (a < taps && (phase + pad - a * dilation) % stride != 0) {
    a++;
  }
  return a;
}

__kernel __attribute__((reqd_work_group_size(THREADS, 1, 1)))
void input_gradient(
    IN(real, dy),
    IN(real, w),
    OUT(real, dx),
    const int8 window,
    const int8 sizes,
    const int2 tap_step) {
  LOCAL_TILES
  const int phases = STRIDE_HEIGHT * STRIDE_WIDTH;
  const int phase_row = get_group_id(2) % phases / STRIDE_WIDTH;
  const int phase_column = get_group_id(2) % STRIDE_WIDTH;
  const int group = get_group_id(2) / phases;
  const int first_pixel = get_group_id(0) * TILE_M;
  const int first_channel = get_group_id(1) * TILE_N;

  // The map of this phase's pixels, and the taps that they meet.
  const int rows = max(0, (HEIGHT - phase_row + STRIDE_HEIGHT - 1) / STRIDE_HEIGHT);
  const int columns = max(0, (WIDTH - phase_column + STRIDE_WIDTH - 1) / STRIDE_WIDTH);
  const int map = rows * columns;
  const int pixels = PICTURES * map;
  if (first_pixel >= pixels) {
    return;
  }
  const int first_a = first_tap(phase_row, PAD_TOP, STRIDE_HEIGHT, DILATION_HEIGHT, KERNEL_HEIGHT);
  const int first_b =
      first_tap(phase_column, PAD_LEFT, STRIDE_WIDTH, DILATION_WIDTH, KERNEL_WIDTH);
  const int taps_down = (KERNEL_HEIGHT - first_a + tap_step.x - 1) / tap_step.x;
  const int taps_right = (KERNEL_WIDTH - first_b + tap_step.y - 1) / tap_step.y;
  const int depth = taps_down * taps_right * OUT_CHANNELS;

  // This work item brings column `column` of A and row `column` of B.
  const int column = thread % TILE_K;
  int picture[LOADS_A];
  int down[LOADS_A];
  int right_of[LOADS_A];
  LOADING for (int load = 0; load < LOADS_A; load++) {
    const int pixel = first_pixel + thread / TILE_K + load * (THREADS / TILE_K);
    const int at = pixel % map;
    picture[load] = pixel / map * OUT_HEIGHT * OUT_WIDTH;
    down[load] = pixel < pixels ? at / columns * STRIDE_HEIGHT + phase_row + PAD_TOP : NOWHERE;
    right_of[load] = at % columns * STRIDE_WIDTH + phase_column + PAD_LEFT;
  }
  int channel = column % OUT_CHANNELS;
  int tap_column = taps_right == 0 ? 0 : column / OUT_CHANNELS % taps_right;
  int tap_row = taps_right == 0 ? 0 : column / OUT_CHANNELS / taps_right;

  for (int slice = 0; slice < depth; slice += TILE_K) {
    const int a = first_a + tap_row * tap_step.x;
    const int b = first_b + tap_column * tap_step.y;
    LOADING for (int load = 0; load < LOADS_A; load++) {
      // Exact divisions where the place exists: the phase was chosen so.
      const int from_top = down[load] - a * DILATION_HEIGHT;
      const int from_left = right_of[load] - b * DILATION_WIDTH;
      const int i = from_top / STRIDE_HEIGHT;
      const int j = from_left / STRIDE_WIDTH;
      const bool exists = tap_row < taps_down && from_top >= 0 && from_left >= 0
          && i < OUT_HEIGHT && j < OUT_WIDTH;
      const int m = thread / TILE_K + load * (THREADS / TILE_K);
      const int pixel = picture[load] + i * OUT_WIDTH + j;
      PUT_A(column, m, exists ? AT(dy, pixel, group * OUT_CHANNELS + channel) : 0);
    }
    LOADING for (int load = 0; load < LOADS_B; load++) {
      const int n = thread / TILE_K + load * (THREADS / TILE_K);
      const bool exists = tap_row < taps_down && first_channel + n < IN_CHANNELS;
      const int filter = (a * KERNEL_WIDTH + b) * IN_CHANNELS + first_channel + n;
      PUT_B(column, n, exists ? AT(w, filter, group * OUT_CHANNELS + channel) : 0);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    MULTIPLY_TILES
    barrier(CLK_LOCAL_MEM_FENCE);
    channel += TILE_K;
    while (channel >= OUT_CHANNELS) {
      channel -= OUT_CHANNELS;
      if (++tap_column >= taps_right) {
        tap_column = 0;
        tap_row++;
      }
    }
  }
  EACH_SUM({
    const int pixel = first_pixel + tile_row;
    const int in_channel = first_channel + tile_column;
    if (pixel < pixels && in_channel < IN_CHANNELS) {
      const int at = pixel % map;
      const int h = at / columns * STRIDE_HEIGHT + phase_row;
      const int v = at % columns * STRIDE_WIDTH + phase_column;
      const int row = (pixel / map * HEIGHT + h) * WIDTH + v;
      AT(dx, row, group * IN_CHANNELS + in_channel) = value;
    }
  })
}
