package dev.peregrine.nn;

import dev.peregrine.tensor.Tensor;
import java.util.List;

/** A network: a plain function of its parameters and an activation. */
@FunctionalInterface
public interface Model {
  /**
   * Runs the network.
   *
   * <p><b>Shapes</b> image {@code [N, H, W, C]}, numbers 0 to 1 in RGB order; a detector returns
   * one tensor {@code [N, H / stride, W / stride, anchors * (5 + classes)]} for each head.
   *
   * @param params its parameters
   * @param image the input
   * @return its outputs
   */
  List<Tensor> forward(Params params, Tensor image);
}
