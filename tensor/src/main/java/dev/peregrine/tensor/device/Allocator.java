package dev.peregrine.tensor.device;

import dev.peregrine.tensor.shape.Spec;

/** Hands out buffers; who hands them out decides how long they live. */
@FunctionalInterface
public interface Allocator {
  /**
   * Allocates a dense buffer whose content is undefined.
   *
   * @param spec what it will hold
   * @return the buffer
   */
  Buffer allocate(Spec spec);
}
