// Pooling, upsampling's gradient, and the gradients of pooling. Every sum is made by the element
// that receives it, in the order of rows, so no two work items add to one place.
//
// window: kernel height and width, strides, padding above and left, dilations.
// sizes: height and width of the input, height and width of the output, channels.
#include "prelude.cl"

#define KERNEL_HEIGHT window.s0
#define KERNEL_WIDTH window.s1
#define STRIDE_HEIGHT window.s2
#define STRIDE_WIDTH window.s3
#define PAD_TOP window.s4
#define PAD_LEFT window.s5
#define DILATION_HEIGHT window.s6
#define DILATION_WIDTH window.s7
#define HEIGHT sizes.s0
#define WIDTH sizes.s1
#define OUT_HEIGHT sizes.s2
#define OUT_WIDTH sizes.s3
#define CHANNELS sizes.s4

// Runs the code for each input pixel (h, v) under the window of output (i, j), in row order.
#define UNDER_WINDOW(i, j, CODE)                                     \
  for (int a = 0; a < KERNEL_HEIGHT; a++) {                          \
    const int h = (i) * STRIDE_HEIGHT - PAD_TOP + a * DILATION_HEIGHT; \
    if (h >= 0 && h < HEIGHT) {                                      \
      for (int b = 0; b < KERNEL_WIDTH; b++) {                       \
        const int v = (j) * STRIDE_WIDTH - PAD_LEFT + b * DILATION_WIDTH; \
        if (v >= 0 && v < WIDTH) {                                   \
          CODE                                                       \
        }                                                            \
      }                                                              \
    }                                                                \
  }

// Runs the code for each output (i, j) whose window holds input pixel (h, v), in row order.
#define OVER_WINDOWS(h, v, CODE)                                     \
  for (int a = KERNEL_HEIGHT - 1; a >= 0; a--) {                     \
    const int down = (h) + PAD_TOP - a * DILATION_HEIGHT;            \
    const int i = down / STRIDE_HEIGHT;                              \
    if (down >= 0 && down % STRIDE_HEIGHT == 0 && i < OUT_HEIGHT) {  \
      for (int b = KERNEL_WIDTH - 1; b >= 0; b--) {                  \
        const int right = (v) + PAD_LEFT - b * DILATION_WIDTH;       \
        const int j = right / STRIDE_WIDTH;                          \
        if (right >= 0 && right % STRIDE_WIDTH == 0 && j < OUT_WIDTH) { \
          CODE                                                       \
        }                                                            \
      }                                                              \
    }                                                                \
  }

// Splits the number of a work item into channel, pixel and picture of a map.
#define LOCATE(map_height, map_width)                   \
  const int index = get_global_id(0);                   \
  if (index >= count) {                                 \
    return;                                             \
  }                                                     \
  const int c = index % CHANNELS;                       \
  const int pixel = index / CHANNELS;                   \
  const int column = pixel % (map_width);               \
  const int line = pixel / (map_width) % (map_height);  \
  const int picture = pixel / (map_width) / (map_height);

__kernel void max_pool(
    IN(stored, x), OUT(stored, y), const int8 window, const int8 sizes, const int count) {
  LOCATE(OUT_HEIGHT, OUT_WIDTH)
  real best = -INFINITY;
  UNDER_WINDOW(line, column, {
    best = larger(best, GET(x, (picture * HEIGHT + h) * WIDTH + v, c));
  })
  PUT(y, pixel, c, best);
}

// The input pixel, within its picture, that wins each window; -1 where there is none.
__kernel void max_pool_winners(
    IN(real, x), OUT(int, winners), const int8 window, const int8 sizes, const int count) {
  LOCATE(OUT_HEIGHT, OUT_WIDTH)
  real best = 0;
  int winner = -1;
  UNDER_WINDOW(line, column, {
    const real value = AT(x, (picture * HEIGHT + h) * WIDTH + v, c);
    if (winner < 0 || beats(value, best)) {
      best = value;
      winner = h * WIDTH + v;
    }
  })
  AT(winners, 0, index) = winner;
}

__kernel void max_pool_grad(
    IN(int, winners),
    IN(real, dy),
    OUT(real, dx),
    const int8 window,
    const int8 sizes,
    const int count) {
  LOCATE(HEIGHT, WIDTH)
  const int me = line * WIDTH + column;
  real sum = 0;
  OVER_WINDOWS(line, column, {
    const int output = (picture * OUT_HEIGHT + i) * OUT_WIDTH + j;
    if (AT(winners, 0, output * CHANNELS + c) == me) {
      sum += AT(dy, output, c);
    }
  })
  AT(dx, pixel, c) = sum;
}

__kernel void avg_pool(
    IN(stored, x), OUT(stored, y), const int8 window, const int8 sizes, const int count) {
  LOCATE(OUT_HEIGHT, OUT_WIDTH)
  real sum = 0;
  int members = 0;
  UNDER_WINDOW(line, column, {
    sum += GET(x, (picture * HEIGHT + h) * WIDTH + v, c);
    members++;
  })
  PUT(y, pixel, c, sum / max(1, members));
}

// How many of the places first, first + step, ... are inside an axis.
inline int inside(int first, int step, int taps, int extent) {
  int members = 0;
  for (int k = 0; k < taps; k++) {
    const int at = first + k * step;
    members += at >= 0 && at < extent;
  }
  return members;
}

__kernel void avg_pool_grad(
    IN(real, dy), OUT(real, dx), const int8 window, const int8 sizes, const int count) {
  LOCATE(HEIGHT, WIDTH)
  real sum = 0;
  OVER_WINDOWS(line, column, {
    const int members =
        inside(i * STRIDE_HEIGHT - PAD_TOP, DILATION_HEIGHT, KERNEL_HEIGHT, HEIGHT)
        * inside(j * STRIDE_WIDTH - PAD_LEFT, DILATION_WIDTH, KERNEL_WIDTH, WIDTH);
    sum += AT(dy, (picture * OUT_HEIGHT + i) * OUT_WIDTH + j, c) / members;
  })
  AT(dx, pixel, c) = sum;
}

// sizes holds the small map; each of its pixels sums a block of the large one.
__kernel void upsample_grad(
    IN(real, dy), OUT(real, dx), const int factor, const int8 sizes, const int count) {
  LOCATE(HEIGHT, WIDTH)
  real sum = 0;
  for (int a = 0; a < factor; a++) {
    for (int b = 0; b < factor; b++) {
      const int h = line * factor + a;
      const int v = column * factor + b;
      sum += AT(dy, (picture * HEIGHT * factor + h) * WIDTH * factor + v, c);
    }
  }
  AT(dx, pixel, c) = sum;
}
