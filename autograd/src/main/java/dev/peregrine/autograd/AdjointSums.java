package dev.peregrine.autograd;

import dev.peregrine.tensor.Ops;
import dev.peregrine.tensor.StepMemory;
import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.Slice;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The adjoints of a tape that goes backward, summed in place where no other shows their memory. */
final class AdjointSums {
  private final Map<Tensor, Tensor> sums = new IdentityHashMap<>();
  private final StepMemory memory;

  AdjointSums(StepMemory memory) {
    this.memory = memory;
  }

  Map<Tensor, Tensor> all() {
    return sums;
  }

  boolean has(Tensor tensor) {
    return sums.containsKey(tensor);
  }

  /** Takes an adjoint out, whole: all uses of its tensor were differentiated. */
  @Nullable Tensor take(Tensor tensor) {
    return sums.remove(tensor);
  }

  /** Puts an adjoint that was taken out under the tensor that stands for the one it was of. */
  void putBack(Tensor tensor, Tensor adjoint) {
    sums.put(tensor, adjoint);
  }

  /**
   * Adds a gradient to the adjoint of a tensor.
   *
   * @param tensor the tensor
   * @param gradient what to add
   * @param later gradients that are not among the adjoints yet
   */
  void add(Tensor tensor, Tensor gradient, List<@Nullable Tensor> later) {
    Tensor sum = sums.get(tensor);
    if (sum == null) {
      memory.hold(gradient);
      sums.put(tensor, gradient);
    } else if (mayAddInto(sum) && StepMemory.overlapping(sum, later) == 0) {
      StepMemory.addInto(sum, gradient);
    } else {
      Tensor both = sum.plus(gradient);
      memory.hold(both);
      sums.put(tensor, both);
      memory.drop(sum);
    }
  }

  /**
   * Adds the gradient of a channel slice to an adjoint that is there already, rather than padding
   * it with zeros.
   *
   * @return whether that was possible
   */
  boolean addIntoSlice(Slice slice, Tensor input, @Nullable Tensor dy) {
    Tensor sum = sums.get(input);
    if (sum == null || dy == null || !slice.isChannelSlice(input.shape()) || !mayAddInto(sum)) {
      return false;
    }
    Tensor part = Ops.apply(slice, sum);
    if (!StepMemory.share(part, sum)) {
      return false;
    }
    StepMemory.addInto(part, dy);
    return true;
  }

  /** Tells whether an adjoint may be overwritten by what is made of it. */
  boolean mayReplace(Tensor adjoint) {
    return memory.isMade(adjoint) && StepMemory.overlapping(adjoint, sums.values()) == 0;
  }

  /** Tells whether an adjoint may change in place: no other adjoint shows its memory. */
  private boolean mayAddInto(Tensor sum) {
    return memory.isMade(sum) && StepMemory.overlapping(sum, sums.values()) == 1;
  }
}
