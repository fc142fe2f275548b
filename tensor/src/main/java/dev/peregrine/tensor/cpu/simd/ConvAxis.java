package dev.peregrine.tensor.cpu.simd;

import java.util.ArrayList;
import java.util.List;

/**
 * One direction (rows or columns) of a convolution: which input position each output and tap reads.
 *
 * <p>Output o and tap t read position {@code o * stride - pad + t * dilation}, and o is stored at
 * {@code outStart + o * outStep}. The gradient by the input of a strided convolution is a family of
 * such axes, one for each remainder of the position by the stride.
 *
 * @param in positions of the input
 * @param out how many outputs are computed
 * @param taps taps of the filter
 * @param stride input positions from one output to the next
 * @param pad positions assumed before the input; may be negative
 * @param dilation input positions from one tap to the next
 * @param outStart where the first output is stored
 * @param outStep stored positions from one output to the next
 * @param tapStart which tap of the original filter tap 0 is
 * @param tapStep taps of the original filter from one tap to the next
 */
record ConvAxis(
    int in,
    int out,
    int taps,
    int stride,
    int pad,
    int dilation,
    int outStart,
    int outStep,
    int tapStart,
    int tapStep) {

  /**
   * Neighbouring outputs that read the same taps; the other taps fall outside the input.
   *
   * @param from the first output
   * @param to after the last output
   * @param firstTap the first tap inside the input
   * @param lastTap after the last tap inside the input
   */
  record Span(int from, int to, int firstTap, int lastTap) {
    int size() {
      return to - from;
    }
  }

  /** Makes the axis of a convolution. */
  static ConvAxis forward(int in, int out, int taps, int stride, int pad, int dilation) {
    return new ConvAxis(in, out, taps, stride, pad, dilation, 0, 1, 0, 1);
  }

  /**
   * Makes the axes of the gradient by the input: one for each phase, the remainder of the position
   * by the stride. Within a phase the gradient is a convolution of stride 1 with every so-many-th
   * tap in reverse order.
   *
   * @param in positions of the forward input, which the gradient is computed for
   * @param out outputs of the forward convolution, which the gradient reads
   */
  static List<ConvAxis> inputGrad(int in, int out, int taps, int stride, int pad, int dilation) {
    int divisor = gcd(stride, dilation);
    int tapStep = stride / divisor;
    int reach = dilation / divisor;
    List<ConvAxis> axes = new ArrayList<>();
    for (int phase = 0; phase < Math.min(stride, in); phase++) {
      int count = (in - phase + stride - 1) / stride;
      int first = 0;
      while (first < tapStep && (phase + pad - first * dilation) % stride != 0) {
        first++;
      }
      int used = first < tapStep && first < taps ? (taps - first + tapStep - 1) / tapStep : 0;
      int back = used == 0 ? 0 : (used - 1) * reach - (phase + pad - first * dilation) / stride;
      axes.add(
          new ConvAxis(
              out,
              count,
              used,
              1,
              back,
              reach,
              phase,
              stride,
              first + (used - 1) * tapStep,
              -tapStep));
    }
    return axes;
  }

  /** Splits the outputs into spans. */
  List<Span> spans() {
    List<Span> spans = new ArrayList<>();
    int from = 0;
    while (from < out) {
      int first = firstTap(from);
      int last = lastTap(from);
      int to = from + 1;
      while (to < out && firstTap(to) == first && lastTap(to) == last) {
        to++;
      }
      spans.add(new Span(from, to, first, last));
      from = to;
    }
    return spans;
  }

  /** Returns the input position of tap 0, which may lie outside the input. */
  int position(int output) {
    return output * stride - pad;
  }

  /** Returns where an output is stored. */
  int stored(int output) {
    return outStart + output * outStep;
  }

  /** Returns the tap of the original filter. */
  int originalTap(int tap) {
    return tapStart + tap * tapStep;
  }

  private int firstTap(int output) {
    int first = Math.max(0, Math.ceilDiv(-position(output), dilation));
    return first < lastInside(output) ? first : 0;
  }

  private int lastTap(int output) {
    int last = lastInside(output);
    return Math.ceilDiv(-position(output), dilation) < last ? Math.max(last, 0) : 0;
  }

  private int lastInside(int output) {
    return Math.min(taps, Math.floorDiv(in - 1 - position(output), dilation) + 1);
  }

  private static int gcd(int a, int b) {
    return b == 0 ? a : gcd(b, a % b);
  }
}
