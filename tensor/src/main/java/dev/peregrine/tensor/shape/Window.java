package dev.peregrine.tensor.shape;

/**
 * A window sliding over height and width: kernel, stride, padding and dilation, and the output-size
 * formula.
 *
 * <p><b>Formula</b> {@code out = floor((in + before + after - (dilation * (kernel - 1) + 1)) /
 * stride) + 1}.
 *
 * @param kernelHeight rows of the window
 * @param kernelWidth columns of the window
 * @param strideHeight rows from one output to the next
 * @param strideWidth columns from one output to the next
 * @param padTop rows assumed above the input
 * @param padLeft columns assumed left of the input
 * @param padBottom rows assumed below the input
 * @param padRight columns assumed right of the input
 * @param dilationHeight rows between neighbouring taps
 * @param dilationWidth columns between neighbouring taps
 */
public record Window(
    int kernelHeight,
    int kernelWidth,
    int strideHeight,
    int strideWidth,
    int padTop,
    int padLeft,
    int padBottom,
    int padRight,
    int dilationHeight,
    int dilationWidth) {

  /** Checks that kernel, stride and dilation are at least 1 and the padding is not negative. */
  public Window {
    if (kernelHeight < 1 || kernelWidth < 1 || strideHeight < 1 || strideWidth < 1) {
      throw new ShapeException(
          "window: kernel "
              + kernelHeight
              + "x"
              + kernelWidth
              + " and stride "
              + strideHeight
              + "x"
              + strideWidth
              + " must be at least 1");
    }
    if (dilationHeight < 1 || dilationWidth < 1) {
      throw new ShapeException(
          "window: dilation " + dilationHeight + "x" + dilationWidth + " must be at least 1");
    }
    if (padTop < 0 || padLeft < 0 || padBottom < 0 || padRight < 0) {
      throw new ShapeException(
          "window: padding "
              + padTop
              + ", "
              + padLeft
              + ", "
              + padBottom
              + ", "
              + padRight
              + " must not be negative");
    }
  }

  /**
   * Makes a square window of stride 1 without padding.
   *
   * @param size rows and columns
   * @return the window
   */
  public static Window of(int size) {
    return new Window(size, size, 1, 1, 0, 0, 0, 0, 1, 1);
  }

  /**
   * Makes the square window that keeps the size at stride 1: padding {@code size / 2} on each side.
   *
   * @param size rows and columns
   * @param stride rows and columns from one output to the next
   * @return the window
   */
  public static Window same(int size, int stride) {
    return of(size).stride(stride).pad(size / 2);
  }

  /**
   * Takes another stride.
   *
   * @param stride in both directions
   * @return the changed window
   */
  public Window stride(int stride) {
    return new Window(
        kernelHeight,
        kernelWidth,
        stride,
        stride,
        padTop,
        padLeft,
        padBottom,
        padRight,
        dilationHeight,
        dilationWidth);
  }

  /**
   * Takes another padding.
   *
   * @param pad on all four sides
   * @return the changed window
   */
  public Window pad(int pad) {
    return pad(pad, pad, pad, pad);
  }

  /**
   * Takes another padding, side by side.
   *
   * @param top rows above
   * @param left columns on the left
   * @param bottom rows below
   * @param right columns on the right
   * @return the changed window
   */
  public Window pad(int top, int left, int bottom, int right) {
    return new Window(
        kernelHeight,
        kernelWidth,
        strideHeight,
        strideWidth,
        top,
        left,
        bottom,
        right,
        dilationHeight,
        dilationWidth);
  }

  /**
   * Takes another dilation.
   *
   * @param dilation in both directions
   * @return the changed window
   */
  public Window dilation(int dilation) {
    return new Window(
        kernelHeight,
        kernelWidth,
        strideHeight,
        strideWidth,
        padTop,
        padLeft,
        padBottom,
        padRight,
        dilation,
        dilation);
  }

  /**
   * Computes the rows of the output.
   *
   * @param inHeight rows of the input
   * @return rows of the output, at least 1
   */
  public int outHeight(int inHeight) {
    return extent(
        "height", inHeight, kernelHeight, strideHeight, padTop + padBottom, dilationHeight);
  }

  /**
   * Computes the columns of the output.
   *
   * @param inWidth columns of the input
   * @return columns of the output, at least 1
   */
  public int outWidth(int inWidth) {
    return extent("width", inWidth, kernelWidth, strideWidth, padLeft + padRight, dilationWidth);
  }

  private static int extent(String name, int in, int kernel, int stride, int pad, int dilation) {
    int reach = dilation * (kernel - 1) + 1;
    if (in + pad < reach) {
      throw new ShapeException(
          "window: input "
              + name
              + " "
              + in
              + " with padding "
              + pad
              + " is smaller than the window's reach "
              + reach
              + "; use a larger input, more padding or a smaller kernel");
    }
    return (in + pad - reach) / stride + 1;
  }

  /** Returns the window as {@code 3x3/2 p1 d1}, parts at their default left out. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder().append(kernelHeight).append('x').append(kernelWidth);
    if (strideHeight != 1 || strideWidth != 1) {
      text.append('/').append(strideHeight);
      if (strideWidth != strideHeight) {
        text.append('x').append(strideWidth);
      }
    }
    if (padTop == padLeft && padTop == padBottom && padTop == padRight) {
      if (padTop != 0) {
        text.append(" p").append(padTop);
      }
    } else {
      text.append(" p")
          .append(padTop)
          .append(',')
          .append(padLeft)
          .append(',')
          .append(padBottom)
          .append(',')
          .append(padRight);
    }
    if (dilationHeight != 1 || dilationWidth != 1) {
      text.append(" d").append(dilationHeight);
      if (dilationWidth != dilationHeight) {
        text.append('x').append(dilationWidth);
      }
    }
    return text.toString();
  }
}
