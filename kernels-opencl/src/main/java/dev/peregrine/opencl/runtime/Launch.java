package dev.peregrine.opencl.runtime;

import static dev.peregrine.opencl.runtime.NativeCalls.check;

import java.lang.ref.Reference;
import java.util.Arrays;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_kernel;
import org.jspecify.annotations.Nullable;

/**
 * A kernel with arguments and a number of work items, to be asked for again and again.
 *
 * <p>Asking allocates nothing, and does not wait for the device. Arguments are set one after
 * another in the order of the kernel's parameters. For one thread at a time.
 */
public final class Launch {
  private final Session session;
  private final String what;
  private final cl_kernel kernel;
  private final long[] global;
  private final long[] local;
  private @Nullable OpenClBuffer[] kept = new OpenClBuffer[8];
  private int buffers;
  private int next;

  Launch(Session session, String what, cl_kernel kernel, long[] global, long[] local) {
    this.session = session;
    this.what = what;
    this.kernel = kernel;
    this.global = global.clone();
    this.local = local.clone();
  }

  /** Begins the arguments anew. */
  public void rewind() {
    next = 0;
    Arrays.fill(kept, null);
    buffers = 0;
  }

  /**
   * Sets a value in device memory: its memory, offset and stride.
   *
   * @param buffer the value
   */
  public void tensor(OpenClBuffer buffer) {
    if (buffers == kept.length) {
      kept = Arrays.copyOf(kept, 2 * buffers);
    }
    kept[buffers++] = buffer;
    set(Sizeof.cl_mem, Pointer.to(buffer.block().memory()));
    number(buffer.offset());
    number(buffer.stride());
  }

  /**
   * Sets an {@code int}.
   *
   * @param value the number
   */
  public void number(int value) {
    set(Sizeof.cl_int, Pointer.to(new int[] {value}));
  }

  /**
   * Sets a {@code long}.
   *
   * @param value the number
   */
  public void number(long value) {
    set(Sizeof.cl_long, Pointer.to(new long[] {value}));
  }

  /**
   * Sets a {@code float}.
   *
   * @param value the number
   */
  public void number(float value) {
    set(Sizeof.cl_float, Pointer.to(new float[] {value}));
  }

  /**
   * Sets a {@code double}.
   *
   * @param value the number
   */
  public void number(double value) {
    set(Sizeof.cl_double, Pointer.to(new double[] {value}));
  }

  /**
   * Sets a {@code uchar}.
   *
   * @param value the number
   */
  public void octet(byte value) {
    set(Sizeof.cl_char, Pointer.to(new byte[] {value}));
  }

  /**
   * Sets a vector of {@code int}s.
   *
   * @param values its two, four or eight numbers
   */
  public void numbers(int[] values) {
    set((long) values.length * Sizeof.cl_int, Pointer.to(values));
  }

  private void set(long bytes, Pointer value) {
    try {
      check(CL.clSetKernelArg(kernel, next, bytes, value));
    } catch (CLException failure) {
      throw Failures.of(session.name() + ": argument " + next + " of a kernel of " + what, failure);
    } finally {
      Reference.reachabilityFence(this);
    }
    next++;
  }

  /** Asks the device to run the kernel after everything asked for before. */
  public void run() {
    try {
      session.calls().launch(kernel, global, local);
    } catch (CLException failure) {
      throw Failures.of(session.name() + ": " + what, failure);
    } finally {
      // A launch that the collector finds gives its kernel back, and then its memory.
      Reference.reachabilityFence(this);
    }
  }
}
