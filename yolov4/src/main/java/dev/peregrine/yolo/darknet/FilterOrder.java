package dev.peregrine.yolo.darknet;

/**
 * Re-orders convolution filters between the outside world's {@code OIHW} and this library's {@code
 * [KH, KW, Cin, Cout]}.
 */
public final class FilterOrder {
  private FilterOrder() {}

  /**
   * From {@code [out, in, height, width]} to {@code [height, width, in, out]}.
   *
   * @param oihw the filters, row-major
   * @param out filters
   * @param in channels that one filter sees: the input's channels divided by the groups
   * @param height rows of the kernel
   * @param width columns of the kernel
   * @return a new array in the other order
   */
  public static float[] toChannelsLast(float[] oihw, int out, int in, int height, int width) {
    checkLength(oihw, out, in, height, width);
    // both orders are one transposition apart once the kernel's cells are seen as one axis
    int cells = height * width;
    float[] hwio = new float[oihw.length];
    for (int o = 0; o < out; o++) {
      for (int i = 0; i < in; i++) {
        int source = (o * in + i) * cells;
        for (int cell = 0; cell < cells; cell++) {
          hwio[(cell * in + i) * out + o] = oihw[source + cell];
        }
      }
    }
    return hwio;
  }

  /**
   * From {@code [height, width, in, out]} to {@code [out, in, height, width]}.
   *
   * @param hwio the filters, row-major
   * @param out filters
   * @param in channels that one filter sees: the input's channels divided by the groups
   * @param height rows of the kernel
   * @param width columns of the kernel
   * @return a new array in the other order
   */
  public static float[] toChannelsFirst(float[] hwio, int out, int in, int height, int width) {
    checkLength(hwio, out, in, height, width);
    int cells = height * width;
    float[] oihw = new float[hwio.length];
    for (int o = 0; o < out; o++) {
      for (int i = 0; i < in; i++) {
        int target = (o * in + i) * cells;
        for (int cell = 0; cell < cells; cell++) {
          oihw[target + cell] = hwio[(cell * in + i) * out + o];
        }
      }
    }
    return oihw;
  }

  private static void checkLength(float[] filters, int out, int in, int height, int width) {
    long expected = (long) out * in * height * width;
    if (filters.length != expected) {
      throw new IllegalArgumentException(
          "filters: %d numbers do not make %d filters of %d channels and %d x %d cells"
              .formatted(filters.length, out, in, height, width));
    }
  }
}
