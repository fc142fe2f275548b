package dev.peregrine.opencl;

import dev.peregrine.opencl.runtime.DriverCalls;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.cl_event;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;
import org.jspecify.annotations.Nullable;

/** A driver whose device is lost, or full, once a test says so; it counts what is asked of it. */
public final class FailingCalls implements DriverCalls {
  private final DriverCalls driver;
  private long launchesLeft = Long.MAX_VALUE;
  private int lossStatus;
  private long memoryLeft = Long.MAX_VALUE;
  private final AtomicInteger waits = new AtomicInteger();
  private final AtomicInteger uploads = new AtomicInteger();
  private final List<Call> log = Collections.synchronizedList(new ArrayList<>());

  /** What was asked of the driver, as far as its order matters to tests. */
  public enum Call {
    /** A kernel, in line with others. */
    LAUNCH,
    /** Numbers for the device, on the second queue. */
    UPLOAD,
    /** Numbers for the host, which waits for all that was asked for before. */
    READ
  }

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

  /** How often the host waited for the device. */
  public int waits() {
    return waits.get();
  }

  /** How many pieces were brought by the second queue. */
  public int uploads() {
    return uploads.get();
  }

  /** All calls so far; may be cleared. */
  public List<Call> log() {
    return log;
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
    log.add(Call.LAUNCH);
    driver.launch(kernel, global, local);
  }

  @Override
  public ByteBuffer pin(int bytes) {
    requireAlive();
    return driver.pin(bytes);
  }

  @Override
  public cl_event write(cl_mem to, long start, ByteBuffer from) {
    requireAlive();
    return driver.write(to, start, from);
  }

  @Override
  public cl_event upload(cl_mem to, long start, ByteBuffer from, @Nullable cl_event after) {
    requireAlive();
    uploads.incrementAndGet();
    log.add(Call.UPLOAD);
    return driver.upload(to, start, from, after);
  }

  @Override
  public cl_event copy(cl_mem from, cl_mem to, long start, long bytes, cl_event after) {
    requireAlive();
    return driver.copy(from, to, start, bytes, after);
  }

  @Override
  public cl_event fetch(cl_mem from, long start, ByteBuffer to) {
    requireAlive();
    log.add(Call.READ);
    return driver.fetch(from, start, to);
  }

  @Override
  public void read(cl_mem from, long start, long bytes, Pointer to) {
    requireAlive();
    waits.incrementAndGet();
    log.add(Call.READ);
    driver.read(from, start, bytes, to);
  }

  @Override
  public void await(cl_event event) {
    requireAlive();
    waits.incrementAndGet();
    driver.await(event);
  }

  @Override
  public void forget(cl_event event) {
    driver.forget(event);
  }

  @Override
  public void finish() {
    requireAlive();
    waits.incrementAndGet();
    driver.finish();
  }
}
