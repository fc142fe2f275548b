package dev.peregrine.tensor.cpu.simd;

/** Which algorithm computes a convolution: the one table of measured choices. */
final class ConvAlgorithm {
  /** Names the algorithm to use wherever it can be, for benchmarks: winograd or direct. */
  static final String PROPERTY = "dev.peregrine.simd.convolution";

  private static final String FORCED = System.getProperty(PROPERTY, "");

  /** Fewest input channels for which products outweigh transforms. */
  private static final int WINOGRAD_CHANNELS = 16;

  private ConvAlgorithm() {}

  /** Tells whether Winograd's algorithm is the best: for 3x3 filters of stride 1. */
  static boolean isWinograd(PackedFilters filters) {
    boolean can =
        filters.groups().groups() == 1
            && !filters.groups().depthwise()
            && filters.groups().merged() == 1
            && isUnitAxis(filters.rows())
            && isUnitAxis(filters.columns());
    return can
        && !FORCED.equals("direct")
        && (FORCED.equals("winograd") || filters.groups().ins() >= WINOGRAD_CHANNELS);
  }

  private static boolean isUnitAxis(ConvAxis axis) {
    return axis.taps() == 3
        && axis.stride() == 1
        && axis.dilation() == 1
        && axis.outStart() == 0
        && axis.outStep() == 1;
  }
}
