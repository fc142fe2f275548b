package dev.peregrine.yolo.scaling;

/** How long layers take on some machine. */
@FunctionalInterface
public interface LayerTimes {
  /**
   * Estimates the time of one layer.
   *
   * @param layer the layer
   * @return milliseconds
   */
  double milliseconds(LayerCost layer);

  /**
   * The bound of a machine that computes and moves memory at given rates: a layer takes as long as
   * the slower of both.
   *
   * <p><b>Formula</b> {@code max(flops / peak, bytes / bandwidth)}, four bytes an element.
   *
   * @param gigaflops 10^9 operations a second, a multiply-add as two
   * @param gigabytes 10^9 bytes a second
   * @return the bound
   */
  static LayerTimes roofline(double gigaflops, double gigabytes) {
    return layer ->
        Math.max(
            2.0 * layer.multiplyAdds() / (gigaflops * 1e6),
            4.0 * layer.memoryAccess() / (gigabytes * 1e6));
  }
}
