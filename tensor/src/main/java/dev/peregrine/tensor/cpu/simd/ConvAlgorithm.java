package dev.peregrine.tensor.cpu.simd;

/**
 * Which algorithm computes a convolution or its gradient by the input: the one table of measured
 * choices. For the gradient by the filters see {@link #chooseWeights}.
 *
 * <table>
 *   <caption>From top to bottom, the first that holds</caption>
 *   <tr><th>convolution<th>algorithm
 *   <tr><td>1x1, stride 1, one group, 8 pixels or more<td>{@link PointKernel}: a matrix product
 *   <tr><td>3x3, stride 1, one group, 16 input channels or more<td>{@link WinogradKernel}
 *   <tr><td>of these, maps so small that large filters cost more than multiplications (at batch 1, 14x14
 *       or less)<td>{@link WinogradKernel}, the fine form
 *   <tr><td>3x3, stride 2, one group, 16 input channels or more, 48 tiles of 2x2 or more in the
 *       batch, a tenth of the multiplications saved<td>{@link WinogradKernel}, the polyphase form
 *   <tr><td>all others<td>{@link ConvPass}: direct
 * </table>
 */
enum ConvAlgorithm {
  /** A product of matrices. */
  MATRIX,
  /** F(4x4, 3x3). */
  WINOGRAD,
  /** F(2x2, 3x3), {@link WinogradForm#FINE}. */
  FINE,
  /** Winograd's algorithm for stride 2, {@link WinogradForm#POLYPHASE}. */
  POLYPHASE,
  /** Tap by tap, any window and any groups. */
  DIRECT;

  /** Names the algorithm to use wherever it can be, in lower case: for benchmarks. */
  static final String PROPERTY = "dev.peregrine.simd.convolution";

  private static final String FORCED = System.getProperty(PROPERTY, "");

  /** Fewest input channels for which products outweigh transforms. */
  private static final int WINOGRAD_CHANNELS = 16;

  /** Fewest tiles for which it pays to make 2.8 times as many filters in each run. */
  private static final int POLYPHASE_TILES = 48;

  /** The same where filters are constant, so that they are only read. */
  private static final int POLYPHASE_CONSTANT_TILES = 24;

  /** Most multiplications of the polyphase form, as a share of those of the definition. */
  private static final double POLYPHASE_WORK = 0.9;

  /**
   * Chooses.
   *
   * @param filters the groups and the axes
   * @param batch pictures
   * @return the fastest algorithm
   */
  static ConvAlgorithm choose(PackedFilters filters, int batch) {
    for (ConvAlgorithm algorithm : values()) {
      if (FORCED.equalsIgnoreCase(algorithm.name()) && algorithm.computes(filters, batch)) {
        return algorithm;
      }
    }
    if (MATRIX.computes(filters, batch)) {
      return MATRIX;
    }
    if (WINOGRAD.computes(filters, batch) && filters.groups().ins() >= WINOGRAD_CHANNELS) {
      int fine = WinogradForm.FINE.cost(filters, batch);
      return fine < WinogradForm.DENSE.cost(filters, batch) ? FINE : WINOGRAD;
    }
    return polyphasePays(filters, batch, POLYPHASE_TILES) ? POLYPHASE : DIRECT;
  }

  /**
   * Chooses for filters that never change, where {@link #choose} said {@link #DIRECT}.
   *
   * @param filters the groups and the axes
   * @param batch pictures
   * @return the fastest algorithm
   */
  static ConvAlgorithm chooseConstant(PackedFilters filters, int batch) {
    boolean pays = polyphasePays(filters, batch, POLYPHASE_CONSTANT_TILES);
    return FORCED.isEmpty() && pays ? POLYPHASE : DIRECT;
  }

  private static boolean polyphasePays(PackedFilters filters, int batch, int least) {
    if (!POLYPHASE.computes(filters, batch)) {
      return false;
    }
    int tiles = WinogradForm.POLYPHASE.tiles(filters);
    int direct = filters.taps() * filters.rows().out() * filters.columns().out();
    return filters.groups().ins() >= WINOGRAD_CHANNELS
        && batch * tiles >= least
        && tiles * WinogradForm.POLYPHASE.allValues() <= POLYPHASE_WORK * direct;
  }

  /**
   * Chooses for the gradient by the filters: {@link WinogradWeightPass} where Winograd's algorithm
   * is fastest, or {@link ConvWeightPass}.
   *
   * @param filters the groups and the axes of the forward convolution
   * @return the fastest algorithm
   */
  static ConvAlgorithm chooseWeights(PackedFilters filters) {
    boolean can = WINOGRAD.computes(filters, 1);
    if (can && !FORCED.isEmpty()) {
      return FORCED.equalsIgnoreCase(WINOGRAD.name()) ? WINOGRAD : DIRECT;
    }
    return can && filters.groups().ins() >= WINOGRAD_CHANNELS ? WINOGRAD : DIRECT;
  }

  private boolean computes(PackedFilters filters, int batch) {
    ConvAxis rows = filters.rows();
    ConvAxis columns = filters.columns();
    boolean oneGroup =
        filters.groups().groups() == 1
            && filters.groups().merged() == 1
            && !filters.groups().depthwise();
    return switch (this) {
      case MATRIX ->
          oneGroup
              && isPlain(rows, 1, 1)
              && isPlain(columns, 1, 1)
              && rows.out() == rows.in()
              && columns.out() == columns.in()
              && rows.pad() == 0
              && columns.pad() == 0
              && batch * rows.out() * columns.out() >= MatTile.LEAST_ROWS;
      case WINOGRAD, FINE -> oneGroup && isPlain(rows, 3, 1) && isPlain(columns, 3, 1);
      case POLYPHASE -> oneGroup && isPlain(rows, 3, 2) && isPlain(columns, 3, 2);
      case DIRECT -> true;
    };
  }

  private static boolean isPlain(ConvAxis axis, int taps, int stride) {
    return axis.taps() == taps
        && axis.stride() == stride
        && (axis.dilation() == 1 || taps == 1)
        && axis.outStart() == 0
        && axis.outStep() == 1;
  }
}
