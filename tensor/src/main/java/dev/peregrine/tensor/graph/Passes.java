package dev.peregrine.tensor.graph;

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
    return new NormalizeBeforeConcat()
        .then(new FoldBatchNorm())
        .then(new FuseEpilogue())
        .then(new RemoveDead())
        .then(new ElideConcat());
  }
}
