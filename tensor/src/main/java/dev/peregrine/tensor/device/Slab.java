package dev.peregrine.tensor.device;

import dev.peregrine.tensor.shape.Spec;

/** One block of device memory out of which buffers are carved at offsets, the arena of a plan. */
public interface Slab {
  /**
   * Carves a dense buffer; buffers may overlap, the caller keeps their lifetimes apart.
   *
   * @param offset the first element
   * @param spec what it holds, of the slab's element type
   * @return the buffer
   */
  Buffer at(int offset, Spec spec);
}
