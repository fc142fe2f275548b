package dev.peregrine.opencl;

import dev.peregrine.opencl.runtime.DriverCalls;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;

/** A driver whose device is lost, or full, once a test says so. */
public final class FailingCalls implements DriverCalls {
  private final DriverCalls driver;
  private long launchesLeft = Long.MAX_VALUE;
  private int lossStatus;
  private long memoryLeft = Long.MAX_VALUE;

  FailingCalls(DriverCalls driver) {
    this.driver = driver;
  }

  /** Every call fails after so many further launches. */
  public synchronized void loseAfter(long launches, int status) {
    launchesLeft = launches;
    lossStatus = status;
  }

  /** Allocations beyond so many further bytes fail. */
  synchronized void limit(long bytes) {
    memoryLeft = bytes;
  }

  private synchronized void requireAlive() {
    if (launchesLeft <= 0) {
      throw failure(lossStatus);
    }
  }

  private static CLException failure(int status) {
    return new CLException(CL.stringFor_errorCode(status), status);
  }

  @Override
  public cl_mem allocate(long bytes) {
    requireAlive();
    synchronized (this) {
      if (bytes > memoryLeft) {
        throw failure(CL.CL_MEM_OBJECT_ALLOCATION_FAILURE);
      }
      memoryLeft -= bytes;
    }
    return driver.allocate(bytes);
  }

  @Override
  public void launch(cl_kernel kernel, long[] global, long[] local) {
    requireAlive();
    synchronized (this) {
      launchesLeft--;
    }
    driver.launch(kernel, global, local);
  }

  @Override
  public void write(cl_mem to, long start, long bytes, Pointer from) {
    requireAlive();
    driver.write(to, start, bytes, from);
  }

  @Override
  public void read(cl_mem from, long start, long bytes, Pointer to) {
    requireAlive();
    driver.read(from, start, bytes, to);
  }

  @Override
  public void finish() {
    requireAlive();
    driver.finish();
  }
}
