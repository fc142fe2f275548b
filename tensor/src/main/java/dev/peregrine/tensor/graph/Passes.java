package dev.peregrine.tensor.graph;

import dev.peregrine.tensor.shape.DType;

/** The lists of passes that belong together. */
public final class Passes {
  private Passes() {}

  /**
   * Returns what a network goes through before it is run: normalise before concatenations, fold
   * batch norm, fuse epilogues, remove what nobody uses, elide concatenations.
   *
   * @return the passes as one
   */
  public static Pass inference() {
    return inference(DType.F32);
  }

  /**
   * Returns what a network goes through before it is run on a device that keeps values in a type of
   * its own: as {@link #inference()}, with {@link HalfStorage} before the last pass if that is f16.
   *
   * @param storage the type, see {@link dev.peregrine.tensor.device.Device#storage}
   * @return the passes as one
   */
  public static Pass inference(DType storage) {
    Pass fused =
        new NormalizeBeforeConcat()
            .then(new FoldBatchNorm())
            .then(new FuseEpilogue())
            .then(new RemoveDead());
    return (storage == DType.F16 ? fused.then(new HalfStorage()) : fused).then(new ElideConcat());
  }
}
