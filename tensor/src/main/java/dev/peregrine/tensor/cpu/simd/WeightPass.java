package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;

/** One way to compute the gradient of a convolution by its filters, prepared. */
interface WeightPass {
  /**
   * Makes a run ready.
   *
   * @param x the input, {@code [N, H, W, groups * ins]}
   * @param dy the gradient of the output, {@code [N, OH, OW, groups * outs]}
   * @param dw the result, {@code [KH, KW, ins, groups * outs]}
   * @param space the workspace
   * @return runs it
   */
  Runnable bind(HostBuffer x, HostBuffer dy, HostBuffer dw, HostBuffer space);

  /** Returns how many numbers of workspace a run needs. */
  int workspace();

  /** Names the algorithm for people. */
  String algorithm();
}
