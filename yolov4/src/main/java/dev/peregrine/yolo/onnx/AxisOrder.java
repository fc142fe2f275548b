package dev.peregrine.yolo.onnx;

import dev.peregrine.tensor.shape.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Where axes are in ONNX, which has channels first where there are four of them. */
final class AxisOrder {
  /** For each axis of {@code [N, C, H, W]}, which of {@code [N, H, W, C]} it is. */
  static final int[] CHANNELS_FIRST = {0, 3, 1, 2};

  /** The way back, which is also where each axis of {@code [N, H, W, C]} is there. */
  static final int[] CHANNELS_LAST = {0, 2, 3, 1};

  private AxisOrder() {}

  /** For each axis there, which of ours it is. */
  static int[] of(Shape shape) {
    return shape.rank() == 4 ? CHANNELS_FIRST : IntStream.range(0, shape.rank()).toArray();
  }

  /** Where one of our axes is there. */
  static int place(int axis, int rank) {
    return rank == 4 ? CHANNELS_LAST[axis] : axis;
  }

  /** The extents there. */
  static int[] extents(Shape shape) {
    return Arrays.stream(of(shape)).map(shape::dim).toArray();
  }

  /** Re-orders the axes of an array: axis i of the result is {@code order[i]} of the input. */
  static float[] permute(float[] values, Shape shape, int[] order) {
    int rank = shape.rank();
    int[] strides = new int[rank];
    int stride = 1;
    for (int i = rank - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= shape.dim(i);
    }
    float[] result = new float[values.length];
    int[] index = new int[rank];
    int from = 0;
    for (int to = 0; to < result.length; to++) {
      result[to] = values[from];
      for (int i = rank - 1; i >= 0; i--) {
        int step = strides[order[i]];
        if (++index[i] < shape.dim(order[i])) {
          from += step;
          break;
        }
        from -= (index[i] - 1) * step;
        index[i] = 0;
      }
    }
    return result;
  }
}
