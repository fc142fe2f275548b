package dev.peregrine.opencl.runtime;

import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;

/**
 * The calls into the driver while a network runs: one queue that works in order, and the memory of
 * one device.
 *
 * <p>A device that is lost or exhausted answers one of these calls with an error, at once or at a
 * later call; tests hand in calls that do so on purpose.
 *
 * <p><b>Errors</b> every call throws {@link CLException} with the driver's status.
 */
public interface DriverCalls {
  /**
   * Allocates memory of the device.
   *
   * @param bytes how much, at least 1
   * @return the memory, its content undefined
   */
  cl_mem allocate(long bytes);

  /**
   * Asks for a kernel to be run after everything asked for before.
   *
   * @param kernel the kernel, its arguments set
   * @param global work items along each axis, multiples of {@code local}
   * @param local work items of one group along each axis
   */
  void launch(cl_kernel kernel, long[] global, long[] local);

  /**
   * Copies from the host, and returns when the numbers were taken.
   *
   * @param to the memory
   * @param start the first byte
   * @param bytes how many
   * @param from a Java array
   */
  void write(cl_mem to, long start, long bytes, Pointer from);

  /**
   * Copies to the host once everything asked for before is done, and returns when the numbers are
   * there.
   *
   * @param from the memory
   * @param start the first byte
   * @param bytes how many
   * @param to a Java array
   */
  void read(cl_mem from, long start, long bytes, Pointer to);

  /** Waits until everything asked for is done. */
  void finish();
}
