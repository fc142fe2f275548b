// Convolutions whose groups are so small that tiles of a matrix product would be mostly empty, such
// as one channel each: one work item for each result, neighbouring channels beside each other.
#include "prelude.cl"
#include "activations.cl"
#include "window.cl"

#ifdef FORWARD
__kernel void convolve(
    IN(stored, x),
    IN(stored, w),
    OUT(kept_type, y),
    const int8 window,
    const int8 sizes,
    const int groups,
    const int count
    EPILOGUE_PARAMETERS) {
  const int index = get_global_id(0);
  if (index >= count) {
    return;
  }
  const int channels = groups * OUT_CHANNELS;
  const int out_channel = index % channels;
  const int row = index / channels;
  const int first = out_channel / OUT_CHANNELS * IN_CHANNELS;
  const int i = row / OUT_WIDTH % OUT_HEIGHT;
  const int j = row % OUT_WIDTH;
  const int picture = row / OUT_WIDTH / OUT_HEIGHT;
  real value = 0;
  for (int a = 0; a < KERNEL_HEIGHT; a++) {
    const int h = i * STRIDE_HEIGHT - PAD_TOP + a * DILATION_HEIGHT;
    for (int b = 0; b < KERNEL_WIDTH; b++) {
      const int v = j * STRIDE_WIDTH - PAD_LEFT + b * DILATION_WIDTH;
      if (h >= 0 && h < HEIGHT && v >= 0 && v < WIDTH) {
        const int from = (picture * HEIGHT + h) * WIDTH + v;
        const int tap = (a * KERNEL_WIDTH + b) * IN_CHANNELS;
        for (int c = 0; c < IN_CHANNELS; c++) {
          value = FMA(GET(x, from, first + c), GET(w, tap + c, out_channel), value);
        }
      }
    }
  }
  EPILOGUE(value, row, out_channel)
  KEEP(y, row, out_channel, value);
}
#else

__kernel void input_gradient(
    IN(real, dy),
    IN(real, w),
    OUT(real, dx),
    const int8 window,
    const int8 sizes,
    const int groups,
    const int count) {
  const int index = get_global_id(0);
  if (index >= count) {
    return;
  }
  const int channels = groups * IN_CHANNELS;
  const int in_channel = index % channels;
  const int row = index / channels;
  const int c = in_channel % IN_CHANNELS;
  const int first = in_channel / IN_CHANNELS * OUT_CHANNELS;
  const int h = row / WIDTH % HEIGHT;
  const int v = row % WIDTH;
  const int picture = row / WIDTH / HEIGHT;
  real sum = 0;
  for (int a = 0; a < KERNEL_HEIGHT; a++) {
    const int down = h + PAD_TOP - a * DILATION_HEIGHT;
    const int i = down / STRIDE_HEIGHT;
    if (down < 0 || down % STRIDE_HEIGHT != 0 || i >= OUT_HEIGHT) {
      continue;
    }
    for (int b = 0; b < KERNEL_WIDTH; b++) {
      const int right = v + PAD_LEFT - b * DILATION_WIDTH;
      const int j = right / STRIDE_WIDTH;
      if (right >= 0 && right % STRIDE_WIDTH == 0 && j < OUT_WIDTH) {
        const int from = (picture * OUT_HEIGHT + i) * OUT_WIDTH + j;
        const int filter = (a * KERNEL_WIDTH + b) * IN_CHANNELS + c;
        for (int o = 0; o < OUT_CHANNELS; o++) {
          sum = FMA(AT(dy, from, first + o), AT(w, filter, first + o), sum);
        }
      }
    }
  }
  AT(dx, row, in_channel) = sum;
}

// One work item for each filter element and part of the output rows.
__kernel void weight_gradient(
    IN(real, x),
    IN(real, dy),
    OUT(real, dw),
    const int8 window,
    const int8 sizes,
    const int groups,
    const int part_lines,
    const int count) {
  const int index = get_global_id(0);
  if (index >= count) {
    return;
  }
  const int part = get_global_id(1);
  const int channels = groups * OUT_CHANNELS;
  const int out_channel = index % channels;
  const int row = index / channels;
  const int in_channel = out_channel / OUT_CHANNELS * IN_CHANNELS + row % IN_CHANNELS;
  const int tap = row / IN_CHANNELS;
  const int above = tap / KERNEL_WIDTH * DILATION_HEIGHT - PAD_TOP;
  const int before = tap % KERNEL_WIDTH * DILATION_WIDTH - PAD_LEFT;
  const int end = min(PICTURES * OUT_HEIGHT, (part + 1) * part_lines);
  real sum = 0;
  for (int line = part * part_lines; line < end; line++) {
    const int h = line % OUT_HEIGHT * STRIDE_HEIGHT + above;
    if (h < 0 || h >= HEIGHT) {
      continue;
    }
    const int picture_line = line / OUT_HEIGHT * HEIGHT + h;
    for (int j = 0; j < OUT_WIDTH; j++) {
      const int v = j * STRIDE_WIDTH + before;
      if (v >= 0 && v < WIDTH) {
        sum = FMA(
            AT(x, picture_line * WIDTH + v, in_channel),
            AT(dy, line * OUT_WIDTH + j, out_channel), sum);
      }
    }
  }
  AT(dw, part * (count / channels) + row, out_channel) = sum;
}
#endif
