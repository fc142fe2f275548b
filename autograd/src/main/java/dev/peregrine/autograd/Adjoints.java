package dev.peregrine.autograd;

import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import java.util.Map;

/** The derivatives of one loss by the tensors its tape watched; alive until the tape is closed. */
public final class Adjoints {
  private final Map<Tensor, Tensor> adjoints;

  Adjoints(Map<Tensor, Tensor> adjoints) {
    this.adjoints = adjoints;
  }

  /**
   * Tells whether the loss depends on a watched tensor.
   *
   * @param watched the tensor
   * @return false if its derivative is 0 for want of a path
   */
  public boolean reaches(Tensor watched) {
    return adjoints.containsKey(watched);
  }

  /**
   * Returns the derivative of the loss by a watched tensor.
   *
   * @param watched the tensor
   * @return a tensor of its spec; zeros if the loss does not depend on it
   */
  public Tensor of(Tensor watched) {
    Tensor adjoint = adjoints.get(watched);
    return adjoint != null ? adjoint : Ops.on(watched.device(), () -> Arrays.zeros(watched.spec()));
  }
}
