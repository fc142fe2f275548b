package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.op.MaxPool;
import dev.peregrine.tensor.shape.Window;

/**
 * A pooling window along one axis: which inputs lie under the window of each output.
 *
 * @param in extent of the input
 * @param out extent of the output
 * @param kernel taps of the window
 * @param stride inputs from one output to the next
 * @param pad places before the input
 * @param dilation inputs from one tap to the next
 */
record PoolAxis(int in, int out, int kernel, int stride, int pad, int dilation) {
  /** Takes the rows of a window, see {@link MaxPool}. */
  static PoolAxis rows(Window window, int in, int out) {
    return new PoolAxis(
        in,
        out,
        window.kernelHeight(),
        window.strideHeight(),
        window.padTop(),
        window.dilationHeight());
  }

  /** Takes the columns of a window. */
  static PoolAxis columns(Window window, int in, int out) {
    return new PoolAxis(
        in,
        out,
        window.kernelWidth(),
        window.strideWidth(),
        window.padLeft(),
        window.dilationWidth());
  }

  /** Returns the input under tap 0, which may lie before the first one. */
  int start(int output) {
    return output * stride - pad;
  }

  /** Returns the first tap inside the input. */
  int firstTap(int output) {
    int start = start(output);
    return start >= 0 ? 0 : (-start + dilation - 1) / dilation;
  }

  /** Returns one past the last tap inside the input, no less than the first. */
  int endTap(int output) {
    int room = in - start(output);
    int taps = room <= 0 ? 0 : Math.min(kernel, (room + dilation - 1) / dilation);
    return Math.max(taps, firstTap(output));
  }

  /** Tells whether each input lies under the window of one output at most. */
  boolean isDisjoint() {
    return stride >= dilation * (kernel - 1) + 1;
  }
}
