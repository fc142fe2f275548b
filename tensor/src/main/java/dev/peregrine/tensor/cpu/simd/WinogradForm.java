package dev.peregrine.tensor.cpu.simd;

/**
 * The forms of Winograd's convolution by 3x3 taps: what they share is that an output tile is a sum
 * of a few products of matrices, each of transformed input by transformed filters.
 *
 * <p>Along one axis a form has some products, and each adds up over one or more transformed values
 * of each input channel; in two dimensions rows and columns are combined. Values are counted
 * product by product, so that those of a product lie side by side.
 */
enum WinogradForm {
  /** F(4x4, 3x3) of stride 1, see {@link WinogradTransform}. */
  DENSE("winograd 4x4", 1, 4, 1, 1, 1, 1, 1, 1),

  /** F(2x2, 3x3) of stride 1, see {@link FineTransform}. */
  FINE("winograd 2x2", 1, 2, 1, 1, 1, 1),

  /** 2x2 outputs of stride 2, see {@link PolyphaseTransform}. */
  POLYPHASE("polyphase 2x2", 2, 2, 2, 1, 2);

  /** Cycles in which a panel's filters for one channel, 128 bytes, come from memory. */
  private static final int READ = 30;

  private final String label;
  private final int stride;
  private final int out;

  @SuppressWarnings("ImmutableEnumChecker") // never written after it is filled
  private final int[] starts;

  /**
   * Describes a form.
   *
   * @param label its name for people
   * @param stride of the convolution
   * @param out rows and columns of an output tile
   * @param depths how many values the products of one axis add up
   */
  WinogradForm(String label, int stride, int out, int... depths) {
    this.label = label;
    this.stride = stride;
    this.out = out;
    this.starts = new int[depths.length * depths.length + 1];
    for (int i = 0; i < starts.length - 1; i++) {
      starts[i + 1] = starts[i] + depths[i / depths.length] * depths[i % depths.length];
    }
  }

  String label() {
    return label;
  }

  /** Returns the stride of the convolution. */
  int stride() {
    return stride;
  }

  /** Returns how many rows and columns an output tile has. */
  int out() {
    return out;
  }

  /** Returns how many rows and columns an input tile has. */
  int in() {
    return (out - 1) * stride + 3;
  }

  /** Returns how many products a tile takes. */
  int products() {
    return starts.length - 1;
  }

  /** Returns how many values of each channel a product adds up. */
  int depth(int product) {
    return starts[product + 1] - starts[product];
  }

  /** Returns the first value of a product. */
  int start(int product) {
    return starts[product];
  }

  /** Returns how many values a tile is transformed into, and the taps as well. */
  int allValues() {
    return starts[starts.length - 1];
  }

  /** Returns how many tiles the output of a picture is cut into. */
  int tiles(PackedFilters filters) {
    return Math.ceilDiv(filters.rows().out(), out) * Math.ceilDiv(filters.columns().out(), out);
  }

  /**
   * Estimates the time of a convolution's products: that of the multiplications, and that of
   * reading the transformed filters, which in a network come from memory.
   *
   * @param filters the axes
   * @param batch pictures
   * @return cycles for each input channel and panel of output channels
   */
  int cost(PackedFilters filters, int batch) {
    int rows = MatTile.computed(Math.max(MatTile.LEAST_ROWS, batch * tiles(filters)));
    return allValues() * (2 * rows + READ);
  }

  /** Tells whether products add up several values of a channel, which then lie side by side. */
  boolean isDeep() {
    return allValues() > products();
  }

  /**
   * Transforms a tile of the input.
   *
   * @param x the input
   * @param at the tile's first pixel
   * @param row from a row of pixels to the next
   * @param pixel from a pixel to the next
   * @param v the transformed tile
   * @param to its first number
   * @param value from one of the values to the next
   * @param channels how many, rounded up to whole vectors
   */
  void input(float[] x, int at, int row, int pixel, float[] v, int to, int value, int channels) {
    switch (this) {
      case DENSE -> WinogradTransform.input(x, at, row, pixel, v, to, value, channels);
      case FINE -> FineTransform.input(x, at, row, pixel, v, to, value, channels);
      case POLYPHASE -> PolyphaseTransform.input(x, at, row, pixel, v, to, value, channels);
    }
  }

  /**
   * Transforms the products of neighbouring tiles into tiles of the output.
   *
   * @param m the products
   * @param at the first one
   * @param product from one of the products to the next
   * @param y the tiles, {@code [out * out][size]}
   * @param size how many numbers lie side by side, whole vectors
   */
  void output(float[] m, int at, int product, float[] y, int size) {
    switch (this) {
      case DENSE -> WinogradTransform.output(m, at, product, y, size);
      case FINE -> FineTransform.output(m, at, product, y, size);
      case POLYPHASE -> PolyphaseTransform.output(m, at, product, y, size);
    }
  }

  /**
   * Transforms filters that lie side by side.
   *
   * @param w filters of 3x3 taps
   * @param at the first number
   * @param tap from a tap to the next
   * @param u the transformed filters
   * @param to the first number
   * @param value from one of the values to the next
   * @param size how many filters lie side by side, whole vectors
   */
  void filters(float[] w, int at, int tap, float[] u, int to, int value, int size) {
    switch (this) {
      case DENSE -> WinogradFilters.dense(w, at, tap, u, to, value, size);
      case FINE -> FineTransform.filters(w, at, tap, u, to, value, size);
      case POLYPHASE -> PolyphaseTransform.filters(w, at, tap, u, to, value, size);
    }
  }
}
