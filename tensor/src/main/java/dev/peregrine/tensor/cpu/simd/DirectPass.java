package dev.peregrine.tensor.cpu.simd;

import dev.peregrine.tensor.cpu.HostBuffer;

/** A direct convolution, prepared, without its filters. */
sealed interface DirectPass permits ConvPass, DepthwisePass, StemPass {
  /** Chooses the pass. */
  static DirectPass of(int batch, PackedFilters filters, Workers workers) {
    if (filters.groups().depthwise()) {
      return new DepthwisePass(batch, filters, workers);
    }
    return StemPass.computes(filters)
        ? new StemPass(batch, filters, workers)
        : new ConvPass(batch, filters, workers);
  }

  /** Returns how many numbers of workspace a run needs. */
  int workspace();

  /**
   * What a run works on.
   *
   * @param x the input, {@code [N, H, W, groups * ins]}
   * @param packed the packed filters
   * @param packedAt where they begin
   * @param y the output, {@code [N, H', W', groups * outs]}
   * @param epilogue steps to apply before storing
   * @param space the workspace
   * @param spaceAt where it begins
   */
  record Operands(
      HostBuffer x,
      float[] packed,
      int packedAt,
      HostBuffer y,
      ConvEpilogue epilogue,
      float[] space,
      int spaceAt) {}

  /**
   * Makes a run ready.
   *
   * @param operands what it works on
   * @return runs it
   */
  Runnable bind(Operands operands);
}
