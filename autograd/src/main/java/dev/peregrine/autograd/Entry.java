package dev.peregrine.autograd;

import dev.peregrine.tensor.Tensor;
import dev.peregrine.tensor.op.Op;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** What a tape remembers of forward. */
sealed interface Entry {
  List<Tensor> outputs();

  /** An operation, or a function with a derivative of its own. */
  record Applied(List<Tensor> inputs, List<Tensor> outputs, Rule rule) implements Entry {}

  /**
   * A passage that is computed once more; its outputs are those results that it made itself from
   * what the watched tensors reach.
   */
  record Passage(Supplier<List<Tensor>> body, List<Tensor> results, Set<Tensor> made)
      implements Entry {
    @Override
    public List<Tensor> outputs() {
      return List.copyOf(made);
    }
  }

  /** Where the derivative of an entry comes from. */
  sealed interface Rule {}

  record OfOperation(Op op) implements Rule {}

  record OfFunction(Recording.Derivative derivative) implements Rule {}
}
