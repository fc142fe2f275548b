package dev.peregrine.opencl.runtime;

import static org.jocl.CL.CL_FALSE;
import static org.jocl.CL.CL_MAP_READ;
import static org.jocl.CL.CL_MAP_WRITE;
import static org.jocl.CL.CL_MEM_ALLOC_HOST_PTR;
import static org.jocl.CL.CL_MEM_READ_WRITE;
import static org.jocl.CL.CL_SUCCESS;
import static org.jocl.CL.CL_TRUE;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_event;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;
import org.jspecify.annotations.Nullable;

/** The calls as the installed driver answers them. */
final class NativeCalls implements DriverCalls {
  private final cl_context context;
  private final cl_command_queue queue;
  private final cl_command_queue uploads;
  private final List<Pinned> pinned = new ArrayList<>();

  /** Memory of the host, with the object that the driver knows it by. */
  private record Pinned(cl_mem memory, ByteBuffer bytes) {}

  NativeCalls(cl_context context, cl_command_queue queue, cl_command_queue uploads) {
    this.context = context;
    this.queue = queue;
    this.uploads = uploads;
  }

  @Override
  public cl_mem allocate(long bytes) {
    return memory(CL_MEM_READ_WRITE, bytes);
  }

  private cl_mem memory(long flags, long bytes) {
    int[] status = new int[1];
    cl_mem memory = CL.clCreateBuffer(context, flags, bytes, null, status);
    check(status[0]);
    return memory;
  }

  @Override
  public ByteBuffer pin(int bytes) {
    cl_mem memory = memory(CL_MEM_READ_WRITE | CL_MEM_ALLOC_HOST_PTR, bytes);
    int[] status = new int[1];
    long flags = CL_MAP_READ | CL_MAP_WRITE;
    ByteBuffer mapped =
        CL.clEnqueueMapBuffer(uploads, memory, CL_TRUE, flags, 0, bytes, 0, null, null, status);
    check(status[0]);
    synchronized (pinned) {
      pinned.add(new Pinned(memory, mapped));
    }
    return mapped.order(ByteOrder.nativeOrder());
  }

  @Override
  public void launch(cl_kernel kernel, long[] global, long[] local) {
    check(
        CL.clEnqueueNDRangeKernel(
            queue, kernel, global.length, null, global, local, 0, null, null));
  }

  @Override
  public cl_event write(cl_mem to, long start, ByteBuffer from) {
    return write(queue, to, start, from, null);
  }

  @Override
  public cl_event upload(cl_mem to, long start, ByteBuffer from, @Nullable cl_event after) {
    cl_event done = write(uploads, to, start, from, after);
    // A queue that waits for another one may wait forever unless that was told to begin.
    check(CL.clFlush(uploads));
    return done;
  }

  private static cl_event write(
      cl_command_queue queue, cl_mem to, long start, ByteBuffer from, @Nullable cl_event after) {
    cl_event done = new cl_event();
    check(
        CL.clEnqueueWriteBuffer(
            queue,
            to,
            CL_FALSE,
            start,
            from.remaining(),
            Pointer.to(from),
            after == null ? 0 : 1,
            after == null ? null : new cl_event[] {after},
            done));
    return done;
  }

  @Override
  public cl_event copy(cl_mem from, cl_mem to, long start, long bytes, cl_event after) {
    cl_event done = new cl_event();
    check(
        CL.clEnqueueCopyBuffer(queue, from, to, 0, start, bytes, 1, new cl_event[] {after}, done));
    check(CL.clFlush(queue));
    return done;
  }

  @Override
  public cl_event fetch(cl_mem from, long start, ByteBuffer to) {
    cl_event done = new cl_event();
    check(
        CL.clEnqueueReadBuffer(
            queue, from, CL_FALSE, start, to.remaining(), Pointer.to(to), 0, null, done));
    return done;
  }

  @Override
  public void read(cl_mem from, long start, long bytes, Pointer to) {
    check(CL.clEnqueueReadBuffer(queue, from, CL_TRUE, start, bytes, to, 0, null, null));
  }

  @Override
  public void await(cl_event event) {
    try {
      check(CL.clWaitForEvents(1, new cl_event[] {event}));
    } finally {
      forget(event);
    }
  }

  @Override
  public void forget(cl_event event) {
    check(CL.clReleaseEvent(event));
  }

  @Override
  public void finish() {
    check(CL.clFinish(queue));
  }

  /** Gives back queues and pinned memory, after all that was asked for. */
  void close() {
    for (Pinned memory : pinned) {
      CL.clEnqueueUnmapMemObject(uploads, memory.memory(), memory.bytes(), 0, null, null);
    }
    CL.clFinish(uploads);
    CL.clFinish(queue);
    pinned.forEach(memory -> CL.clReleaseMemObject(memory.memory()));
    CL.clReleaseCommandQueue(uploads);
    CL.clReleaseCommandQueue(queue);
  }

  /** Turns a status of the driver into an exception unless it is success. */
  static void check(int status) {
    if (status != CL_SUCCESS) {
      throw new CLException(CL.stringFor_errorCode(status), status);
    }
  }
}
