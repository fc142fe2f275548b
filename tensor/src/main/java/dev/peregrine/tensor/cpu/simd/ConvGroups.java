package dev.peregrine.tensor.cpu.simd;

/**
 * How groups of channels are computed.
 *
 * <p>A tile computes many output channels at once. Small groups are therefore merged into a larger
 * one whose filters are zero where input and output belong to different groups: as many
 * multiplications as leaving the tile's other channels idle, but in long runs. Groups of a single
 * channel, a depthwise convolution, need no sum over channels and have tiles of their own.
 *
 * @param groups groups after merging
 * @param ins input channels of a merged group, 1 when depthwise
 * @param outs output channels of a merged group, all channels when depthwise
 * @param merged how many groups each of them holds
 * @param depthwise whether each channel is convolved alone
 */
record ConvGroups(int groups, int ins, int outs, int merged, boolean depthwise) {
  /**
   * Chooses.
   *
   * @param groups groups of channels
   * @param ins input channels of each
   * @param outs output channels of each
   */
  static ConvGroups of(int groups, int ins, int outs) {
    if (groups > 1 && ins == 1 && outs == 1) {
      return new ConvGroups(1, 1, groups, 1, true);
    }
    int merged = 1;
    for (int m = 2; m <= groups && m * outs <= ConvTile.CHANNELS; m++) {
      if (groups % m == 0) {
        merged = m;
      }
    }
    return new ConvGroups(groups / merged, ins * merged, outs * merged, merged, false);
  }

  /** Returns how many panels of output channels a group has. */
  int panels() {
    return Math.ceilDiv(outs, ConvTile.CHANNELS);
  }

  /** Returns how many panels there are; they are counted through all groups. */
  int allPanels() {
    return groups * panels();
  }

  /** Returns how many output channels of a panel are real. */
  int channels(int panel) {
    return Math.min(ConvTile.CHANNELS, outs - panel % panels() * ConvTile.CHANNELS);
  }

  /** Returns the first output channel of a panel. */
  int channelOut(int panel) {
    return panel / panels() * outs + panel % panels() * ConvTile.CHANNELS;
  }

  /** Returns the first input channel that a panel reads. */
  int channelIn(int panel) {
    return depthwise ? channelOut(panel) : panel / panels() * ins;
  }
}
