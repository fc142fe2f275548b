package dev.peregrine.opencl.runtime;

import org.jocl.cl_mem;

/**
 * One piece of device memory; goes back to the driver once no buffer refers to it any more.
 *
 * <p>Whoever sets it as an argument of a kernel keeps it reachable until the kernel is launched:
 * from then on the driver keeps it.
 */
final class Block {
  private final cl_mem memory;
  private final long bytes;

  Block(cl_mem memory, long bytes) {
    this.memory = memory;
    this.bytes = bytes;
  }

  cl_mem memory() {
    return memory;
  }

  long bytes() {
    return bytes;
  }
}
