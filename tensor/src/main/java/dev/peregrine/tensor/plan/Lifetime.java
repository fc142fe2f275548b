package dev.peregrine.tensor.plan;

import dev.peregrine.tensor.shape.DType;
import dev.peregrine.tensor.shape.Spec;

/** From which node to which node a piece of memory is in use; compares by identity. */
final class Lifetime {
  final DType dtype;
  final long elements;
  int first;
  int last;

  Lifetime(Spec spec, int first, int last) {
    this.dtype = spec.dtype();
    this.elements = spec.shape().size();
    this.first = first;
    this.last = last;
  }

  void include(int position) {
    first = Math.min(first, position);
    last = Math.max(last, position);
  }

  boolean overlaps(Lifetime other) {
    return first <= other.last && other.first <= last;
  }
}
