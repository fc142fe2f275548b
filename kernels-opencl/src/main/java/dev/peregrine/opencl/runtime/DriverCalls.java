package dev.peregrine.opencl.runtime;

import java.nio.ByteBuffer;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.cl_event;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;
import org.jspecify.annotations.Nullable;

/**
 * The calls into the driver while a network runs: one queue that works in order, another one that
 * brings numbers meanwhile, and the memory of one device. Only {@link #read}, {@link #await} and
 * {@link #finish} wait.
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
   * Takes memory of the host that the device reads and writes by itself, as long as the device is
   * open.
   *
   * @param bytes how much
   * @return the memory, in the byte order of the machine
   */
  ByteBuffer pin(int bytes);

  /**
   * Asks for a copy from the host, to be made after everything asked for before.
   *
   * @param to the memory
   * @param start the first byte
   * @param from pinned memory, all of which is copied and which must stay as it is until then
   * @return done when the numbers were taken
   */
  cl_event write(cl_mem to, long start, ByteBuffer from);

  /**
   * Asks for a copy from the host on a second queue, beside whatever is computed.
   *
   * @param to the memory
   * @param start the first byte
   * @param from pinned memory, all of which is copied and which must stay as it is until then
   * @param after what must be done before, or null for what was asked of this queue alone
   * @return done when the numbers are there
   */
  cl_event upload(cl_mem to, long start, ByteBuffer from, @Nullable cl_event after);

  /**
   * Asks for a copy within the device, to be made after everything asked for before.
   *
   * @param from the memory, from its first byte
   * @param to the other memory
   * @param start the first byte of it
   * @param bytes how many
   * @param after what must be done on the second queue before
   * @return done when the numbers are there
   */
  cl_event copy(cl_mem from, cl_mem to, long start, long bytes, cl_event after);

  /**
   * Asks for a copy to the host, to be made after everything asked for before.
   *
   * @param from the memory
   * @param start the first byte
   * @param to pinned memory, which is filled
   * @return done when the numbers are there
   */
  cl_event fetch(cl_mem from, long start, ByteBuffer to);

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

  /**
   * Waits until something is done.
   *
   * @param event what one of these calls returned, of no use afterwards
   */
  void await(cl_event event);

  /**
   * Forgets an event that nobody will wait for.
   *
   * @param event what one of these calls returned
   */
  void forget(cl_event event);

  /** Waits until everything asked for is done. */
  void finish();
}
