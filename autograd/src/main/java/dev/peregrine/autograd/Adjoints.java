package dev.peregrine.autograd;

import dev.peregrine.tensor.Arrays;
import dev.peregrine.tensor.Eager;
import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.Tensor;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The derivatives of one loss by the tensors its tape watched; alive until the tape is closed. */
public final class Adjoints {
  private final Set<Tensor> watched;
  private final Map<Tensor, Tensor> adjoints;

  Adjoints(Set<Tensor> watched, Map<Tensor, Tensor> adjoints) {
    this.watched = watched;
    this.adjoints = adjoints;
  }

  /**
   * Adds the derivatives of the parts of a loss, by the same tensors.
   *
   * @param parts at least one, of tapes that are still open; they are added in this order
   * @return the derivatives of the sum, in ordinary memory
   */
  public static Adjoints sum(List<Adjoints> parts) {
    Set<Tensor> watched = parts.getFirst().watched;
    Map<Tensor, Tensor> sums = new IdentityHashMap<>();
    Ops.with(
        new Eager(),
        () -> {
          for (Adjoints part : parts) {
            for (Tensor leaf : watched) {
              if (part.reaches(leaf)) {
                sums.merge(leaf, part.of(leaf), Tensor::plus);
              }
            }
          }
          return sums;
        });
    return new Adjoints(watched, sums);
  }

  /**
   * Takes derivatives that were found elsewhere, such as on several devices.
   *
   * @param derivatives for each watched tensor the derivative of the loss, of its spec
   * @return these derivatives
   */
  public static Adjoints of(Map<Tensor, Tensor> derivatives) {
    Map<Tensor, Tensor> copy = new IdentityHashMap<>(derivatives);
    return new Adjoints(copy.keySet(), copy);
  }

  /**
   * Tells whether the loss depends on a watched tensor.
   *
   * @param leaf the tensor
   * @return false if its derivative is 0 for want of a path
   */
  public boolean reaches(Tensor leaf) {
    return watched.contains(leaf) && adjoints.containsKey(leaf);
  }

  /**
   * Returns the derivative of the loss by a watched tensor.
   *
   * <p><b>Shapes</b> those of the tensor.
   *
   * <p><b>Errors</b> {@link IllegalArgumentException} if the tape did not watch the tensor.
   *
   * @param leaf the tensor
   * @return a tensor of its spec; zeros if the loss does not depend on it
   */
  public Tensor of(Tensor leaf) {
    if (!watched.contains(leaf)) {
      throw new IllegalArgumentException(
          "tape: "
              + leaf.spec()
              + " is not among the "
              + watched.size()
              + " tensors that the tape watched; it was made, set or thawed after"
              + " Tape.watching(...)");
    }
    Tensor adjoint = adjoints.get(leaf);
    return adjoint != null ? adjoint : Ops.on(leaf.device(), () -> Arrays.zeros(leaf.spec()));
  }
}
