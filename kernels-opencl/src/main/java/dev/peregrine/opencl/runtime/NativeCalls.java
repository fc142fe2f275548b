package dev.peregrine.opencl.runtime;

import static org.jocl.CL.CL_MEM_READ_WRITE;
import static org.jocl.CL.CL_SUCCESS;
import static org.jocl.CL.CL_TRUE;

import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;

/** The calls as the installed driver answers them. */
final class NativeCalls implements DriverCalls {
  private final cl_context context;
  private final cl_command_queue queue;

  NativeCalls(cl_context context, cl_command_queue queue) {
    this.context = context;
    this.queue = queue;
  }

  @Override
  public cl_mem allocate(long bytes) {
    int[] status = new int[1];
    cl_mem memory = CL.clCreateBuffer(context, CL_MEM_READ_WRITE, bytes, null, status);
    check(status[0]);
    return memory;
  }

  @Override
  public void launch(cl_kernel kernel, long[] global, long[] local) {
    check(
        CL.clEnqueueNDRangeKernel(
            queue, kernel, global.length, null, global, local, 0, null, null));
  }

  @Override
  public void write(cl_mem to, long start, long bytes, Pointer from) {
    check(CL.clEnqueueWriteBuffer(queue, to, CL_TRUE, start, bytes, from, 0, null, null));
  }

  @Override
  public void read(cl_mem from, long start, long bytes, Pointer to) {
    check(CL.clEnqueueReadBuffer(queue, from, CL_TRUE, start, bytes, to, 0, null, null));
  }

  @Override
  public void finish() {
    check(CL.clFinish(queue));
  }

  /** Turns a status of the driver into an exception unless it is success. */
  static void check(int status) {
    if (status != CL_SUCCESS) {
      throw new CLException(CL.stringFor_errorCode(status), status);
    }
  }
}
